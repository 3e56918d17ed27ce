from . import test_recall
from . import test_next_step
from . import test_recall_message
from . import test_recall_campaign
from . import test_recall_rule
from . import test_recall_access
from . import test_recall_property
