from . import (
    care_plan,
    data_rights,
    password,
    password_sms,
    patient_import,
    spreadsheet,
)
