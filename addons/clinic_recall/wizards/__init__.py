from . import clinic_followup_assign
from . import clinic_followup_stop
from . import clinic_recall_outcome
from . import clinic_next_step_give
