from . import clinic_deal_refusal
