from . import clinic_recall_outcome
from . import clinic_next_step_give
