from . import data
from . import data_rights
from . import document
from . import home
from . import password
from . import password_sms
from . import patient_import
from . import reading
