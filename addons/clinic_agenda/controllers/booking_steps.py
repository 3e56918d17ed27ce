from odoo.http import request

from odoo.addons.clinic_base.controllers import secure_pages
from odoo.addons.clinic_base.controllers.codes import send_code

from ..models.clinic_booking_guest import KINDS
from . import common


class BookingSteps:
    """What the steps from a held time to a visit share.

    The secret of the hold is in the session and in hidden fields, never in an address.
    """

    def _held(self, visit, token):
        """The hold whose secret the form shows, one form of a visit at a time.

        Whoever clicks twice waits here for the first click to end.
        """
        booking = request.env["clinic.booking"]
        held = booking._visit_by_token(visit, token)
        if held:
            booking._lock_form(held)
        return held

    def _go_on(self, visit):
        """The last page: where a form leads that was sent already."""
        return secure_pages.redirect(f"/clinic/book/done?visit={visit.id}")

    def _typed(self, form):
        """The texts of the form, without what cannot be text."""
        return common.typed(form)

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

    def _form(self, held, typed, errors=None, freed=False):
        """The form, with what was typed and what is wrong with it.

        :param bool freed: another time that this browser held was given back
        """
        return secure_pages.page(
            "clinic_agenda.booking_details_page",
            {
                "step": 3,
                **self._held_values(held),
                **self._people_values(typed, errors),
                "coverages": self._coverages(held),
                "freed": freed,
            },
            status=422 if errors else 200,
        )

    def _people_values(self, typed, errors=None):
        """What the forms show that ask who it is for."""
        partner = common.portal_partner()
        patients = request.env["res.partner"]
        if partner:
            # sudo: res.partner - those the visitor may book for, by name only
            patients = partner._clinic_patients_for("book").sudo()
            patients = (partner.sudo() & patients) | patients
        return {
            "typed": typed,
            "errors": errors or {},
            "partner": partner,
            "patients": patients,
            "chosen": typed.get("patient")
            or (str(patients[0].id) if patients else "me" if partner else ""),
            "sexes": self._words("res.partner", "sex"),
            "countries": request.env["res.country"].search([]),
            "home": request.env.company.country_id,
            "kinds": [
                (kind, words)
                for kind, words in self._words("clinic.relationship", "kind")
                if kind in KINDS
            ],
        }

    def _choose_patient(self, partner, typed, visit=None, service=None):
        """The patient a visitor names: one of the own, or a new family member.

        :param visit: held ``clinic.appointment``, or
        :param service: ``product.template`` that is wished
        :returns: ``(res.partner in sudo or None, errors)``
        """
        booking = request.env["clinic.booking"]
        choice = typed.get("patient") or ""
        if choice in ("me", "new"):
            person, errors = booking._check_guest(
                typed, visit, service, needs_phone=False
            )
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

    def _is_proved(self, purpose, phone, code):
        """Whether the code is right.

        Odoo does a request again that lost against another transaction; the code that
        it used is given back by then.
        """
        return request.env["clinic.one.time.code"]._verify(
            phone, purpose, str(code or "")[:20]
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

    def _purpose(self, held):
        """A code serves the hold it was asked for: tries at another hold, by whoever
        names the same phone, cost this visitor none."""
        return f"booking:{held.id}"

    def _ask_code(self, held, person, typed, again=False):
        """Send a code, or say why none was sent and when to ask again.

        :param bool again: a new one although the last one can still be used
        """
        refusal = send_code(person["phone"], self._purpose(held), again)
        return self._code_page(held, person, typed, refusal)

    def _code_page(self, held, person, typed, error=None):
        return secure_pages.page(
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

    def _say_gone(self, held, refusal, typed):
        """The time was lost while the form was filled in: three others, and what was
        typed goes along."""
        slots = request.env["clinic.booking"]._alternatives(
            held.service_id.id, held.start, regime="private"
        )
        return common.taken_page(held.service_id, slots, str(refusal), typed)

    def _lost(self):
        """No such hold in this session: begin again, without saying why."""
        return secure_pages.page(
            "clinic_agenda.booking_lost_page", {"step": 1}, status=404
        )
