from . import test_appointment, test_schedule, test_slots, test_slots_property
