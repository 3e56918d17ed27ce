"""Tests of what holds in all rooms together."""

from . import test_attack
from . import test_kept_fields
from . import test_one_way_out
from . import test_reading
from . import test_shown
from . import test_wizard_rights
