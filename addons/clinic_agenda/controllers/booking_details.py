from odoo import http
from odoo.exceptions import UserError, ValidationError
from odoo.http import request

from ..models.clinic_appointment_allocation import SlotTaken
from ..models.clinic_booking_guest import KINDS
from . import common

#: What guests type; it travels with the page of the code and is stored nowhere.
TYPED = (
    "given_name",
    "family_name",
    "birth_date",
    "sex",
    "tax_code",
    "phone",
    "email",
    "privacy",
    "coverage",
    "note",
    "kind",
    "patient",
)


class BookingDetailsController(http.Controller):
    """The form of a held time, the one-time code, the booking, the confirmation.

    The secret of the hold is in the session and in hidden fields, never in an address.
    """

    @http.route(
        "/clinic/book/details",
        type="http",
        auth="public",
        website=True,
        readonly=True,
        sitemap=False,
        methods=["GET"],
    )
    def details(self, visit=None, **_unknown):
        """Third page: who it is for."""
        held = common.remembered(visit)
        if not held:
            return self._lost()
        if held.state not in ("held", "expired"):
            return common.redirect(f"/clinic/book/done?visit={held.id}")
        return self._form(held, {})

    @http.route(
        "/clinic/book/details",
        type="http",
        auth="public",
        website=True,
        sitemap=False,
        methods=["POST"],
    )
    def take_details(self, visit=None, token=None, edit=None, **typed):
        """Check what was typed. Guests get a code by SMS; the others are booked."""
        common.limit("form")
        held = request.env["clinic.booking"]._visit_by_token(visit, token)
        if not held:
            return self._lost()
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

    @http.route(
        "/clinic/book/code",
        type="http",
        auth="public",
        website=True,
        sitemap=False,
        methods=["POST"],
    )
    def take_code(self, visit=None, token=None, code=None, again=None, **typed):
        """The guest shows the code: the phone is proved, the visit is booked."""
        common.limit("form")
        booking = request.env["clinic.booking"]
        held = booking._visit_by_token(visit, token)
        if not held:
            return self._lost()
        typed = self._typed(typed)
        person, errors = booking._check_guest(typed)
        if errors:
            return self._form(held, typed, errors)
        if again:
            return self._ask_code(held, person, typed)
        codes = request.env["clinic.one.time.code"]
        if not codes._verify(person["phone"], "booking", str(code or "")[:20]):
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
                )
        except SlotTaken as refusal:
            return self._say_gone(held, refusal)
        except ValidationError as problem:
            return self._form(held, typed, {"": str(problem)})
        common.remember(held, held._visitor_name())
        return common.redirect(f"/clinic/book/done?visit={held.id}")

    @http.route(
        "/clinic/book/done",
        type="http",
        auth="public",
        website=True,
        readonly=True,
        sitemap=False,
        methods=["GET"],
    )
    def done(self, visit=None, **_unknown):
        """Last page: what was booked, how to prepare, how to change it."""
        booked = common.remembered(visit)
        if not booked or booked.state in ("held", "expired"):
            return self._lost()
        return common.page(
            "clinic_agenda.booking_done_page",
            {
                "step": 4,
                "visit": booked,
                "contact": booked._contact(),
                "price": request.env["clinic.booking"]._price_of(booked),
                "may_change": request.env["clinic.booking"]._may_change(booked),
                "calendar_url": f"/clinic/book/visit.ics?visit={booked.id}",
                "portal": bool(common.portal_partner()),
            },
        )

    @http.route(
        "/clinic/book/visit.ics",
        type="http",
        auth="public",
        website=True,
        readonly=True,
        sitemap=False,
        multilang=False,
        methods=["GET"],
    )
    def calendar(self, visit=None, **_unknown):
        """The visit as a file for the visitor's calendar."""
        booked = common.remembered(visit)
        if not booked or booked.state in ("held", "expired"):
            raise request.not_found()
        return calendar_file(booked)

    # ------------------------------------------------------------
    # Helpers
    # ------------------------------------------------------------

    def _typed(self, form):
        """The texts of the form, without what cannot be text."""
        return {
            name: form[name][:12000].replace("\x00", "")
            for name in TYPED
            if isinstance(form.get(name), str)
        }

    def _renew(self, held):
        renewed = request.env["clinic.booking"]._renew(held)
        if renewed != held:
            common.remember(renewed)
        return renewed

    def _coverage(self, held, typed):
        """The coverage chosen, if it is one the page offered."""
        wanted = common.number(typed.get("coverage"))
        return self._coverages(held).filtered(lambda each: each.id == wanted)

    def _coverages(self, held):
        return request.env["clinic.booking.times"]._coverages(
            held.service_id, held.location_id
        )

    def _form(self, held, typed, errors=None):
        """The form, with what was typed and what is wrong with it."""
        partner = common.portal_partner()
        patients = request.env["res.partner"]
        if partner:
            # sudo: res.partner - those the visitor may book for, by name only
            patients = partner._clinic_patients_for("book").sudo()
            patients = (partner.sudo() & patients) | patients
        return common.page(
            "clinic_agenda.booking_details_page",
            {
                "step": 3,
                **self._held_values(held),
                "typed": typed,
                "errors": errors or {},
                "partner": partner,
                "patients": patients,
                "chosen": typed.get("patient")
                or (str(patients[0].id) if patients else "me" if partner else ""),
                "coverages": self._coverages(held),
                "sexes": self._words("res.partner", "sex"),
                "kinds": [
                    (kind, words)
                    for kind, words in self._words("clinic.relationship", "kind")
                    if kind in KINDS
                ],
            },
            status=422 if errors else 200,
        )

    def _words(self, model, field):
        """The values of a selection with their words."""
        env = request.env
        return env[model]._fields[field]._description_selection(env)

    def _held_values(self, held):
        """What the pages of a held time show of it."""
        remaining = 0
        if held.state == "held":
            remaining = request.env["clinic.booking"]._seconds_left(held)
        return {
            "visit": held,
            # sudo: clinic.appointment - the visitor showed the secret already
            "token": held.sudo().access_token,
            "remaining": remaining,
            "price": request.env["clinic.booking"]._price_of(held),
            "times_url": f"/clinic/book/times?service={held.service_id.id}"
            f"&day={held.local_day}",
        }

    def _ask_code(self, held, person, typed):
        """Send a code. The page says the same whether or not one could be sent."""
        request.env["clinic.one.time.code"]._issue(
            person["phone"],
            "booking",
            request.httprequest.remote_addr,
            lang=request.env.lang,
        )
        return self._code_page(held, person, typed)

    def _code_page(self, held, person, typed, error=None):
        return common.page(
            "clinic_agenda.booking_code_page",
            {
                "step": 3,
                **self._held_values(held),
                "typed": typed,
                "phone": request.env["clinic.phone"]._format(person["phone"]),
                "error": error,
            },
            status=422 if error else 200,
        )

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
        return common.redirect(f"/clinic/book/done?visit={held.id}")

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

    def _say_gone(self, held, refusal):
        """The time was lost while the form was filled in: three others."""
        slots = request.env["clinic.booking"]._alternatives(
            held.service_id.id, held.start, regime="private"
        )
        return common.page(
            "clinic_agenda.booking_taken_page",
            {
                "step": 2,
                "service": held.service_id,
                "message": str(refusal),
                "slots": request.env["clinic.booking.times"]._speak(slots),
                "instant": common.instant,
                "hold_url": "/clinic/book/hold",
                "more_url": f"/clinic/book/times?service={held.service_id.id}",
            },
            status=409,
        )

    def _lost(self):
        """No such hold in this session: begin again, without saying why."""
        return common.page("clinic_agenda.booking_lost_page", {"step": 1}, status=404)


def calendar_file(visit):
    """A visit as an answer that calendars open."""
    method = "PUBLISH" if visit.state != "cancelled" else "CANCEL"
    response = request.make_response(
        visit._calendar(method),
        headers=[
            ("Content-Type", "text/calendar; charset=utf-8"),
            ("Content-Disposition", 'attachment; filename="visit.ics"'),
        ],
    )
    return common.secure(response)
