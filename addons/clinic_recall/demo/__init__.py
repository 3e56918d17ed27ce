from . import clinic_demo_recalls
