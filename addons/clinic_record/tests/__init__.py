from . import test_card
from . import test_checkup
from . import test_condition
from . import test_encounter
from . import test_encounter_visit
from . import test_papers
from . import test_record_matrix
from . import test_who_treats
