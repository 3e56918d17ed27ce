from . import care_plan
from . import complaint
from . import data_rights
from . import password
from . import password_sms
from . import patient_import
from . import spreadsheet
