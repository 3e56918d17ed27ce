from . import (
    clinic_appointment_cancel,
    clinic_appointment_reschedule,
    clinic_document_print,
    clinic_online_check,
    clinic_public_holiday_load,
)
