from . import clinic_demo_plans
