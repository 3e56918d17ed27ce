from . import clinic_demo
from . import deals
from . import clinic_demo_duplicates
from . import clinic_demo_segments
from . import clinic_demo_plans
from . import clinic_demo_enquiries
from . import clinic_demo_reports
from . import clinic_demo_record
