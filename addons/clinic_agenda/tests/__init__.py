from . import (
    test_appointment,
    test_booking,
    test_online_rules,
    test_schedule,
    test_slots,
    test_slots_property,
)
