from odoo import http
from odoo.http import request

from odoo.addons.clinic_base.controllers.secure_pages import SEEN, SENT
from odoo.addons.portal.controllers.portal import CustomerPortal

CHOSEN = "clinic_family"


class HomePortal(CustomerPortal):
    """The first page of the portal: what comes next, what is to do, for whom.

    Whom the visitor looks at is remembered in the session and checked at each request:
    a ward who is none any more is simply not chosen.
    """

    def _family_all(self):
        """Whose pages the visitor may see today, oneself first; in sudo."""
        return request.env.user.partner_id._portal_family()

    def _family_chosen(self):
        """The one of the family the visitor looks at; empty: everybody."""
        chosen = request.session.get(CHOSEN)
        return self._family_all().filtered(lambda each: each.id == chosen)

    def _family_shown(self):
        """Those whose things are shown now."""
        return self._family_chosen() or self._family_all()

    def _family_pages(self):
        """Extension point: addresses of pages on which one of the family is chosen."""
        return {"/my", "/my/appointments"}

    def _todo(self, shown):
        """What is to do for these patients; what is urgent stands first."""
        todo = request.env.user.partner_id._portal_todo(shown)
        return sorted(todo, key=lambda item: not item["urgent"])

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        if not counters:
            shown = self._family_shown()
            values |= {
                "family": self._family_all(),
                "family_chosen": self._family_chosen(),
                "todo": self._todo(shown),
            }
        return values

    @http.route()
    def home(self, **kw):
        response = super().home(**kw)
        response.headers["Cache-Control"] = "no-store"
        return response

    @http.route("/my/family/choose", **SENT)
    def choose_family(self, patient=None, back=None, **_unknown):
        """Look at one of the family, or at everybody."""
        found = self._family_all().filtered(lambda each: str(each.id) == patient)
        request.session[CHOSEN] = found.id or False
        known = self._family_pages()
        return request.redirect(back if back in known else "/my", code=303)

    @http.route("/my/family", **SEEN)
    def my_family(self, **_unknown):
        """Who may book, read and sign for whom, and until when."""
        partner = request.env.user.partner_id
        # sudo: clinic.relationship - those that name the visitor
        relations = request.env["clinic.relationship"].sudo()
        today = partner._clinic_today()
        current = ["|", ("date_stop", "=", False), ("date_stop", ">=", today)]
        response = request.render(
            "clinic_patient.portal_my_family",
            self._prepare_portal_layout_values()
            | {
                "page_name": "family",
                "wards": relations.search([("guardian_id", "=", partner.id), *current]),
                "guardians": relations.search(
                    [("patient_id", "=", partner.id), *current]
                ),
            },
        )
        response.headers["Cache-Control"] = "no-store"
        return response
