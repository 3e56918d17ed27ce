from . import clinic_demo_followups
