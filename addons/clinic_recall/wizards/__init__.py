from . import clinic_recall_outcome
