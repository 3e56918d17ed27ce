from . import clinic_demo
from . import deals
from . import clinic_demo_duplicates
from . import clinic_demo_segments
from . import clinic_demo_plans
from . import clinic_demo_record
from . import clinic_demo_outreach
