from . import care_plan, password, patient_import, spreadsheet
