from . import (
    test_access_matrix,
    test_appointment,
    test_booking,
    test_day_sheet,
    test_day_sheet_changes,
    test_day_sheet_tour,
    test_day_sheet_unit,
    test_online_rules,
    test_schedule,
    test_slots,
    test_slots_property,
)
