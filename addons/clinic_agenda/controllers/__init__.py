from . import (
    booking,
    booking_code,
    booking_details,
    booking_done,
    calendar_feed,
    enquiry,
    other_time,
    portal,
    visit,
    wait_offer,
    wait_portal,
    wait_wish,
)
