from odoo import http
from odoo.exceptions import UserError
from odoo.http import request

from ..models.clinic_appointment_allocation import SlotTaken
from . import common
from .booking_steps import BookingSteps


class BookingDetailsController(BookingSteps, http.Controller):
    """The form of a held time. Guests go on to the code; the others are booked."""

    @http.route("/clinic/book/details", **common.SHOWN)
    def details(self, visit=None, freed=None, **_unknown):
        """Third page: who it is for."""
        held = common.remembered(visit)
        if not held:
            return self._lost()
        if held._is_finished():
            return self._go_on(held)
        return self._form(held, common.take_typed(held) or {}, freed=bool(freed))

    @http.route("/clinic/book/details", **common.SENT)
    def take_details(self, visit=None, token=None, edit=None, **typed):
        """Check what was typed. Guests get a code by SMS; the others are booked."""
        common.limit("form")
        held = self._held(visit, token)
        if not held:
            return self._lost()
        if held._is_finished():
            return self._go_on(held)
        typed = self._typed(typed)
        if edit:
            return self._form(held, typed)
        try:
            held = self._renew(held)
        except SlotTaken as refusal:
            return self._say_gone(held, refusal, typed)
        partner = common.portal_partner()
        if partner:
            return self._book_as_portal(held, partner, typed)
        person, errors = request.env["clinic.booking"]._check_guest(typed, held)
        if errors:
            return self._form(held, typed, errors)
        return self._ask_code(held, person, typed)

    def _book_as_portal(self, held, partner, typed):
        """Book for the visitor who is logged in, or for somebody of the family."""
        try:
            with request.env.cr.savepoint():
                patient, errors = self._choose_patient(partner, typed, held)
                if not errors:
                    self._book_for(held, partner, patient, typed)
        except SlotTaken as refusal:
            if refusal.resource == "patient":
                return self._form(held, typed, {"patient": str(refusal)})
            return self._say_gone(held, refusal, typed)
        except UserError as problem:
            return self._form(held, typed, {"": str(problem)})
        if errors:
            return self._form(held, typed, errors)
        common.remember(held, patient.name)
        return self._go_on(held)

    def _book_for(self, held, partner, patient, typed):
        held.write(
            {
                "contact_email": partner.email_normalized or patient.email_normalized,
                "contact_lang": request.env.lang,
            }
        )
        request.env["clinic.booking"]._book_held(
            held,
            patient,
            note=typed.get("note"),
            booked_by=partner if partner != patient else None,
            coverage=self._coverage(held, typed),
            policy_number=typed.get("policy_number"),
        )
