from . import clinic_care_plan_instalments
from . import clinic_care_plan_refusal
