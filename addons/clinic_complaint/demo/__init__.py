from . import clinic_demo_complaints
