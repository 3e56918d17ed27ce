from . import followup_answer
from . import journey_watch
