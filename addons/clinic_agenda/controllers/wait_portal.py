from odoo import http
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.http import request

from odoo.addons.clinic_base.controllers import secure_pages

from ..models.clinic_wait_list import WEEKDAYS
from . import common
from .portal import SENT, AppointmentPortal


class WaitPortal(AppointmentPortal):
    """The wait list in the portal: what one waits for, and an earlier time.

    Seen by who may read or book, changed by who may book for the patient today.
    """

    def _visits_extra(self, patients):
        wishes = self._search_wishes("read", Domain.TRUE)
        mine = request.env.user.partner_id._clinic_patients_for("book")
        return super()._visits_extra(patients) | {
            "wishes": wishes,
            "may_withdraw": lambda wish: wish.patient_id.id in mine.ids,
            "answer_url": self._wish_answer_url,
        }

    def _search_wishes(self, scope, domain):
        """Open wishes of those for whom this visitor may act, in sudo."""
        partner = request.env.user.partner_id
        if scope == "book":
            domain &= partner._clinic_access_domain("book", "patient_id")
        return request.env["clinic.shown"]._find(partner, "clinic.wait.list", domain)

    def _wish_answer_url(self, wish):
        """Where an offered time is answered; nothing for who may only read."""
        person = request.env.user.partner_id
        offer = wish.offer_ids.filtered(
            lambda each: each.state == "offered" and each._is_open()
        )[:1]
        if not offer or not offer._may_answer(person):
            return None
        return offer._link_path(person)

    @http.route("/my/appointments/<int:visit_id>/earlier", **SENT)
    def wait_for_earlier(self, visit_id, other=None, **form):
        """Tell me when an earlier time becomes free.

        :param other: with another practitioner, or elsewhere, too
        """
        common.limit("form")
        visit = self._gate(visit_id, "book")
        typed = {
            name: form[name][:40]
            for name in ("part", *WEEKDAYS)
            if isinstance(form.get(name), str)
        }
        offers = request.env["clinic.booking"]._move_offers(visit)
        wishes = request.env["clinic.wait.list"]
        vals, errors = wishes._read_wish(typed, offers)
        if not errors:
            if not other:
                vals["practitioner_ids"] = [(6, 0, visit.practitioner_id.ids)]
                vals["location_ids"] = [(6, 0, visit.location_id.ids)]
            try:
                wishes._wish(visit.patient_id, visit.service_id, vals, "portal", visit)
            except UserError as refusal:
                errors = {"": str(refusal)}
        if errors:
            words = next(iter(errors.values()))
            return self._visit_page(visit, status=422, error=words)
        return secure_pages.redirect("/my/appointments#clinic_wishes")

    @http.route("/my/appointments/wait/<int:wish_id>/withdraw", **SENT)
    def withdraw_wish(self, wish_id, **_unknown):
        """I do not wait any more; again is harmless."""
        common.limit("form")
        wish = self._search_wishes("book", Domain("id", "=", wish_id))
        if not wish:
            # sudo: clinic.wait.list - only whether it is one's own and ended already
            ended = request.env["clinic.wait.list"].sudo().browse(wish_id).exists()
            patients = request.env.user.partner_id._clinic_patients_for("book")
            if ended.patient_id.id not in patients.ids:
                raise request.not_found()
        wish.action_withdraw()
        return secure_pages.redirect("/my/appointments#clinic_wishes")

    def _visit_values(self, visit, **extra):
        """Whether an earlier time is waited for already."""
        return super()._visit_values(visit, **extra) | {
            "waits_for_earlier": bool(
                self._search_wishes("read", Domain("appointment_id", "=", visit.id))
            ),
            "all_days": dict.fromkeys(WEEKDAYS, "1"),
        }
