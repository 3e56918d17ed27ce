from . import clinic_online_check, clinic_public_holiday_load
