from . import clinic_demo
from . import clinic_demo_segments
