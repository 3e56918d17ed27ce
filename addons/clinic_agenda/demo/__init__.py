from . import clinic_demo
from . import deals
