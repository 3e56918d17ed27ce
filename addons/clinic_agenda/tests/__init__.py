from . import (
    test_appointment,
    test_booking,
    test_calendar_feed,
    test_online_rules,
    test_portal_visits,
    test_schedule,
    test_slots,
    test_slots_property,
    test_website_booking,
    test_website_catalogue,
)
