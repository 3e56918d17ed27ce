from . import test_recall
from . import test_next_step
