from . import care_plan, data_rights, password, patient_import, spreadsheet
from . import care_plan, data, home, password, payment, pwa, report, spreadsheet
from . import care_plan, document, encounter, password, spreadsheet
from . import care_plan
from . import complaint
from . import data_rights
from . import password
from . import password_sms
from . import patient_import
from . import spreadsheet
