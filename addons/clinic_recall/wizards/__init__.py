from . import clinic_followup_assign
from . import clinic_followup_stop
