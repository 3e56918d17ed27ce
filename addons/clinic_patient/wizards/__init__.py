from . import base_partner_merge
from . import clinic_care_plan_instalments
from . import clinic_care_plan_refusal
from . import clinic_deal_refusal
from . import clinic_family_wizard
from . import clinic_family_wizard_line
from . import clinic_condition_load
from . import clinic_document_print
