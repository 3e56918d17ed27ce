from odoo import http
from odoo.exceptions import UserError, ValidationError
from odoo.http import request

from odoo.addons.clinic_base.controllers import secure_pages
from odoo.addons.clinic_base.controllers.codes import send_code

from ..models.clinic_wait_list import WEEKDAYS
from . import common
from .booking_steps import BookingSteps

#: What a wish is made of; it travels with the page of the code like the rest.
WISH = ("practitioner", "location", "part", "until", *WEEKDAYS)


class WaitWishController(BookingSteps, http.Controller):
    """When no time suits: the wait list, for who is identified as for a booking."""

    @http.route("/clinic/book/wait", **common.SHOWN)
    def wish(self, service=None, practitioner=None, location=None, **_unknown):
        """The form: what would suit, and who it is for."""
        offers = self._wish_offers(service)
        if not offers:
            return secure_pages.page(
                "clinic_agenda.booking_gone_page", {"step": 1}, 404
            )
        typed = {"practitioner": practitioner, "location": location}
        typed |= dict.fromkeys(WEEKDAYS, "1")
        return self._wish_form(offers, typed)

    @http.route("/clinic/book/wait", **common.SENT)
    def take_wish(self, service=None, edit=None, **form):
        """Check what was typed. Guests get a code; the others are on the list."""
        common.limit("form")
        offers = self._wish_offers(service)
        if not offers:
            return secure_pages.page(
                "clinic_agenda.booking_gone_page", {"step": 1}, 404
            )
        typed = self._wish_typed(form)
        if edit:
            return self._wish_form(offers, typed)
        vals, errors = request.env["clinic.wait.list"]._read_wish(typed, offers)
        partner = common.portal_partner()
        if partner:
            return self._wish_as_portal(offers, partner, typed, vals, errors)
        person, problems = self._wish_person(typed, offers)
        if errors or problems:
            return self._wish_form(offers, typed, errors | problems)
        return self._wish_ask_code(offers, person, typed)

    @http.route("/clinic/book/wait/code", **common.SENT)
    def take_wish_code(self, service=None, code=None, again=None, **form):
        """The guest proves the phone and is on the list."""
        common.limit("form")
        offers = self._wish_offers(service)
        if not offers:
            return secure_pages.page(
                "clinic_agenda.booking_gone_page", {"step": 1}, 404
            )
        typed = self._wish_typed(form)
        vals, errors = request.env["clinic.wait.list"]._read_wish(typed, offers)
        person, problems = self._wish_person(typed, offers)
        if errors or problems:
            return self._wish_form(offers, typed, errors | problems)
        if again:
            return self._wish_ask_code(offers, person, typed, again=True)
        if not self._is_proved(self._wish_purpose(offers), person["phone"], code):
            wrong = request.env._(
                "This is not the code we sent last, or it is too old. Check it, or ask "
                "for a new one."
            )
            return self._wish_code_page(offers, person, typed, wrong)
        try:
            with request.env.cr.savepoint():
                card, phone = person["card"], person["phone"]
                patient, likely = request.env["res.partner"]._register_guest(
                    card, phone
                )
                kept = self._guest_card(card, phone) if likely else None
                note = typed.get("note")
                self._make_wish(offers, patient, vals, "website", note, kept)
        except (UserError, ValidationError) as problem:
            return self._wish_form(offers, typed, {"": str(problem)})
        return secure_pages.redirect("/clinic/book/wait/done")

    @http.route("/clinic/book/wait/done", **common.SHOWN)
    def wish_done(self, **_unknown):
        """The last page, the same for everybody."""
        portal = bool(common.portal_partner())
        return secure_pages.page(
            "clinic_agenda.wait_wish_done_page", {"step": 0, "portal": portal}
        )

    def _wish_offers(self, service):
        """The offers of a service that is open to the public; empty otherwise."""
        wanted = common.number(service)
        if not wanted:
            return request.env["clinic.offer"]
        return request.env["clinic.booking.catalogue"]._offers(
            service=request.env["product.template"].browse(wanted)
        )

    def _wish_typed(self, form):
        texts = {
            name: form[name][:40].replace("\x00", "")
            for name in WISH
            if isinstance(form.get(name), str)
        }
        return self._typed(form) | texts

    def _wish_person(self, typed, offers):
        """What a guest typed, checked for the service and the place of the wish."""
        place = offers.location_id.filtered(
            lambda each: str(each.id) == typed.get("location")
        )
        return request.env["clinic.booking"]._check_guest(
            typed,
            service=offers.service_id,
            country=(place or offers.location_id)[:1].country_id,
        )

    def _wish_purpose(self, offers):
        return f"wait:{offers.service_id.id}"

    def _guest_card(self, card, phone):
        return request.env["clinic.appointment"]._identity_vals(card, phone, True)[
            "guest_card"
        ]

    def _make_wish(self, offers, patient, vals, source, note, guest_card=None):
        vals = dict(vals, company_id=offers.location_id[:1].company_id.id)
        if note:
            vals["note"] = note[:1000]
        return request.env["clinic.wait.list"]._wish(
            patient, offers.service_id, vals, source, guest_card=guest_card
        )

    def _wish_as_portal(self, offers, partner, typed, vals, errors):
        try:
            with request.env.cr.savepoint():
                patient, problems = self._choose_patient(
                    partner, typed, service=offers.service_id
                )
                errors = errors | problems
                if not errors:
                    self._make_wish(offers, patient, vals, "portal", typed.get("note"))
        except UserError as problem:
            errors = errors | {"": str(problem)}
        if errors:
            return self._wish_form(offers, typed, errors)
        return secure_pages.redirect("/clinic/book/wait/done")

    def _wish_form(self, offers, typed, errors=None):
        values = self._people_values(typed, errors) | {
            "step": 0,
            "service": offers.service_id,
            "practitioners": offers.practitioner_id.sorted("name"),
            "locations": offers.location_id.sorted(
                lambda each: (each.sequence, each.name)
            ),
            "action": "/clinic/book/wait",
        }
        return secure_pages.page(
            "clinic_agenda.wait_wish_page", values, 422 if errors else 200
        )

    def _wish_ask_code(self, offers, person, typed, again=False):
        """Send a code, or say why none was sent and when to ask again."""
        refusal = send_code(person["phone"], self._wish_purpose(offers), again)
        return self._wish_code_page(offers, person, typed, refusal)

    def _wish_code_page(self, offers, person, typed, error=None):
        return secure_pages.page(
            "clinic_agenda.wait_wish_code_page",
            {
                "step": 0,
                "service": offers.service_id,
                "typed": {
                    name: typed[name]
                    for name in (*common.TYPED, *WISH)
                    if typed.get(name)
                },
                "phone": request.env["clinic.phone"]._format(person["phone"]),
                "error": error,
            },
            status=422 if error else 200,
        )
