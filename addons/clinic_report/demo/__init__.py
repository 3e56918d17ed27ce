from . import clinic_demo_reports
