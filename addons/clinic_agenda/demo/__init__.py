from . import clinic_demo
