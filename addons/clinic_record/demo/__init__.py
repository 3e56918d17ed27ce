from . import clinic_demo_record
from . import clinic_demo_checkups
