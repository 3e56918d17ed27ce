from . import test_followup
from . import test_followup_messages
from . import test_journey
from . import test_follower_desk
from . import test_journey_property
from . import test_recall_access
from . import test_journey_race
from . import test_recall_tours
