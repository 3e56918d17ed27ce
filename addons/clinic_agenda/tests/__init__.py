from . import test_slots, test_slots_property
