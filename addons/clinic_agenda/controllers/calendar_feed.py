import re

from odoo import http
from odoo.fields import Domain
from odoo.http import request

from odoo.addons.clinic_base.controllers import secure_pages

from ..models.clinic_calendar_feed import TOKEN_LENGTH

TOKEN = re.compile(r"[A-Za-z0-9_-]{%d}" % TOKEN_LENGTH)


class CalendarFeedController(http.Controller):
    """Calendars to subscribe to, for programs that can send nothing but an address."""

    @http.route(
        "/clinic/feed/<string:token>.ics",
        type="http",
        auth="public",
        readonly=True,
        save_session=False,
        methods=["GET"],
    )
    def feed(self, token, **_unknown):
        """The visits of the practitioner or patient whose secret address this is.

        Anything odd is not found: a wrong, old or stopped address, an archived person.
        """
        found = self._find(token)
        if not found:
            raise request.not_found()
        body, tag = found
        headers = [
            ("Content-Type", "text/calendar; charset=utf-8"),
            ("Content-Disposition", 'inline; filename="clinic.ics"'),
            ("ETag", tag),
        ]
        response = request.make_response(body, headers=headers)
        response.make_conditional(request.httprequest)
        return secure_pages.secure(response)

    def _find(self, token):
        if not TOKEN.fullmatch(token):
            return None
        visits = request.env["clinic.appointment"]
        practitioner = request.env["clinic.practitioner"]._by_feed_token(token)
        if practitioner:
            return visits.with_context(lang=practitioner.user_id.lang)._feed(
                Domain("practitioner_id", "=", practitioner.id),
                practitioner.display_name,
                "practitioner",
            )
        partner = request.env["res.partner"]._by_visit_feed_token(token)
        if partner.user_ids:
            return visits.with_context(lang=partner.lang)._feed(
                request.env["clinic.shown"]._domain(partner, "clinic.appointment"),
                request.env._("Visits"),
                "patient",
            )
        return None
