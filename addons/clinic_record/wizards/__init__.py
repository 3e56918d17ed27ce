from . import clinic_checkup_import
from . import clinic_condition_load
