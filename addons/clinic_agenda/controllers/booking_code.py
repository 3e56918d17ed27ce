from odoo import http
from odoo.exceptions import ValidationError
from odoo.http import request

from odoo.addons.clinic_base.controllers import secure_pages

from ..models.clinic_appointment_allocation import SlotTaken
from . import common
from .booking_steps import BookingSteps


class BookingCodeController(BookingSteps, http.Controller):
    """The one-time code by which a guest proves the phone number, and the booking."""

    @http.route("/clinic/book/code", **common.SHOWN)
    def code(self, **_unknown):
        """Whoever comes back to the address of the code goes on where it stood."""
        visits = list(request.session.get("clinic_visits") or {})
        if not visits:
            return secure_pages.redirect("/clinic/book")
        return secure_pages.redirect(f"/clinic/book/details?visit={visits[-1]}")

    @http.route("/clinic/book/code", **common.SENT)
    def take_code(self, visit=None, token=None, code=None, again=None, **typed):
        """The guest shows the code: the phone is proved, the visit is booked."""
        common.limit("form")
        booking = request.env["clinic.booking"]
        held = self._held(visit, token)
        if not held:
            return self._lost()
        if held._is_finished():
            return self._go_on(held)
        typed = self._typed(typed)
        person, errors = booking._check_guest(typed, held)
        if errors:
            return self._form(held, typed, errors)
        if again:
            return self._ask_code(held, person, typed, again=True)
        if not self._is_proved(self._purpose(held), person["phone"], code):
            if booking._is_finished_meanwhile(held):
                return self._go_on(held)
            wrong = request.env._(
                "This is not the code we sent last, or it is too old. Check it, or ask "
                "for a new one."
            )
            return self._code_page(held, person, typed, wrong)
        try:
            held = self._renew(held)
            with request.env.cr.savepoint():
                booking._book_guest(
                    held,
                    person,
                    note=typed.get("note"),
                    coverage=self._coverage(held, typed),
                    booker=typed.get("booker"),
                    policy_number=typed.get("policy_number"),
                )
        except SlotTaken as refusal:
            return self._say_gone(held, refusal, typed)
        except ValidationError as problem:
            return self._form(held, typed, {"": str(problem)})
        common.remember(held, held._visitor_name())
        return self._go_on(held)
