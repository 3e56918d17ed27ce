from . import (
    booking,
    booking_code,
    booking_details,
    booking_done,
    calendar_feed,
    enquiry,
    portal,
    visit,
    wait_offer,
)
