from . import clinic_online_check
