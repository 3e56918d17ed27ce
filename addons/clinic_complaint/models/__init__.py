from . import clinic_access_export
from . import clinic_complaint
from . import clinic_complaint_category
from . import clinic_complaint_cause
from . import clinic_reading
from . import clinic_shown
from . import res_partner
