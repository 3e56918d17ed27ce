from . import clinic_demo_followups
from . import clinic_demo_recalls
