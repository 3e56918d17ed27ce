from . import clinic_demo_deals
