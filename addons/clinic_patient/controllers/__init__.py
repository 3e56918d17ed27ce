from . import care_plan, data_rights, password, patient_import, spreadsheet
from . import care_plan, data, home, password, payment, pwa, report, spreadsheet
from . import care_plan, document, encounter, password, spreadsheet
