from . import care_plan, data_rights, password, patient_import, spreadsheet
