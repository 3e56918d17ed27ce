from odoo import http
from odoo.http import request

from odoo.addons.clinic_base.controllers import secure_pages

from . import common
from .booking_steps import BookingSteps


class BookingDoneController(BookingSteps, http.Controller):
    """What was booked, for the browser that booked it."""

    @http.route("/clinic/book/done", **common.SHOWN)
    def done(self, visit=None, **_unknown):
        """Last page: what was booked, how to prepare, how to change it."""
        booked = self._booked(visit)
        if not booked:
            return self._lost()
        return secure_pages.page(
            "clinic_agenda.booking_done_page",
            {
                "step": 4,
                "visit": booked,
                "cancelled": booked.state == "cancelled",
                "contact": booked._contact(),
                "price": request.env["clinic.booking"]._price_of(booked),
                "may_change": request.env["clinic.booking"]._may_change(booked),
                "calendar_url": f"/clinic/book/visit.ics?visit={booked.id}",
                "portal": bool(common.portal_partner()),
            },
        )

    @http.route("/clinic/book/visit.ics", multilang=False, **common.SHOWN)
    def calendar(self, visit=None, **_unknown):
        """The visit as a file for the visitor's calendar."""
        booked = self._booked(visit)
        if not booked:
            raise request.not_found()
        return common.calendar_file(booked)

    def _booked(self, visit):
        """The visit this browser booked, as long as its link works."""
        booked = common.remembered(visit)
        if not booked._is_finished():
            return None
        booker = booked.booked_by_id or booked.patient_id
        return booked if booked._link_works(booker) else None
