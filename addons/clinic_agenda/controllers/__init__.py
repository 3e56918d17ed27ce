from . import booking, booking_details, calendar_feed, portal, visit
