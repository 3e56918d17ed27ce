from odoo import http
from odoo.exceptions import UserError
from odoo.http import request

from ..models.clinic_appointment_allocation import SlotTaken
from ..models.clinic_booking_guest import KINDS
from . import common
from .booking_steps import BookingSteps


class BookingDetailsController(BookingSteps, http.Controller):
    """The form of a held time. Guests go on to the code; the others are booked."""

    @http.route("/clinic/book/details", **common.SHOWN)
    def details(self, visit=None, **_unknown):
        """Third page: who it is for."""
        held = common.remembered(visit)
        if not held:
            return self._lost()
        if held._is_finished():
            return self._go_on(held)
        return self._form(held, {})

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
            return self._say_gone(held, refusal)
        partner = common.portal_partner()
        if partner:
            return self._book_as_portal(held, partner, typed)
        person, errors = request.env["clinic.booking"]._check_guest(typed)
        if errors:
            return self._form(held, typed, errors)
        return self._ask_code(held, person, typed)

    def _book_as_portal(self, held, partner, typed):
        """Book for the visitor who is logged in, or for somebody of the family."""
        try:
            with request.env.cr.savepoint():
                patient, errors = self._choose_patient(partner, typed)
                if not errors:
                    self._book_for(held, partner, patient, typed)
        except SlotTaken as refusal:
            if refusal.resource == "patient":
                return self._form(held, typed, {"patient": str(refusal)})
            return self._say_gone(held, refusal)
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
        )

    def _choose_patient(self, partner, typed):
        """The patient a visitor names: one of the own, or a new family member.

        :returns: ``(res.partner in sudo or None, errors)``
        """
        booking = request.env["clinic.booking"]
        choice = typed.get("patient") or ""
        if choice in ("me", "new"):
            person, errors = booking._check_guest(typed, needs_phone=False)
            if choice == "new" and typed.get("kind") not in KINDS:
                errors["kind"] = request.env._("Say who you are for this person.")
            # sudo: res.partner - the visitor's own contact
            if choice == "me" and partner.sudo().is_patient:
                errors["patient"] = request.env._("Choose one of the list.")
            if errors:
                return None, errors
            if choice == "me":
                return booking._become_patient(partner, person), {}
            return booking._add_family_member(partner, person, typed["kind"]), {}
        patients = partner._clinic_patients_for("book")
        chosen = patients.filtered(lambda each: each.id == common.number(choice))
        if not chosen:
            return None, {"patient": request.env._("Choose one of the list.")}
        # sudo: res.partner - the gate above has let this patient through
        return chosen.sudo(), {}
