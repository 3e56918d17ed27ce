from . import test_followup
from . import test_followup_messages
from . import test_journey
