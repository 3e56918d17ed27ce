from . import test_complaint
from . import test_complaint_shown
from . import test_complaint_visit
