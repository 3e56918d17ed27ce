from odoo import http
from odoo.exceptions import UserError
from odoo.http import request

from . import common
from .booking_details import calendar_file


class VisitPages:
    """Showing and changing one visit, for the link of the mails and for the portal.

    Subclasses have done the gate before they call any of this.
    """

    def _visit_values(self, visit, url, may_book=True, **extra):
        """What the page of a visit shows.

        :param str url: address of the page; the others lie below it
        :param bool may_book: whether this visitor may change the visit at all
        """
        allowed, last = request.env["clinic.booking"]._may_change(visit)
        return {
            "visit": visit,
            "url": url,
            "may_book": may_book,
            "may_change": allowed and may_book,
            "last_change": visit.location_id._speak_time(last),
            "over": visit._is_over(),
            "price": request.env["clinic.booking"]._price_of(visit),
            **extra,
        }

    def _times_values(self, visit, url, day):
        """Free times to move a visit to: the same practitioner and location."""
        times = request.env["clinic.booking.times"]._page(
            visit.service_id, day, visit.practitioner_id, visit.location_id
        )
        return {
            "service": visit.service_id,
            "times": times,
            "instant": common.instant,
            "hold_url": f"{url}/move",
            "day_url": lambda day: f"{url}/times" + (f"?day={day}" if day else ""),
        }

    def _move(self, visit, slot, channel, actor):
        """Move a visit to a time some page offered.

        :returns: what to say when it was refused; ``None`` when it was done
        """
        start = common.moment(str(slot or "").split("/")[0])
        if not start:
            return request.env._("Choose one of the free times.")
        try:
            request.env["clinic.booking"]._reschedule(
                visit, start, channel=channel, actor=actor
            )
        except UserError as refusal:
            return str(refusal)
        return None

    def _cancel(self, visit, reason, channel, actor):
        """Cancel a visit; the same answer as :meth:`_move`."""
        try:
            request.env["clinic.booking"]._cancel(
                visit, str(reason or "").replace("\x00", ""), channel, actor
            )
        except UserError as refusal:
            return str(refusal)
        return None


class VisitLinkController(VisitPages, http.Controller):
    """The link in the messages of a visit: seeing by GET, changing by POST only,
    because mail scanners follow links."""

    def _gate(self, visit_id, token):
        """The visit of a link, in sudo.

        :raises NotFound: for anything odd, always the same
        """
        visit = request.env["clinic.booking"]._visit_by_token(visit_id, token)
        if not visit.patient_id or visit._link_is_old():
            raise request.not_found()
        return visit

    def _url(self, visit):
        return visit._manage_path()

    @http.route(
        "/clinic/visit/<int:visit_id>/<string:token>",
        type="http",
        auth="public",
        website=True,
        readonly=True,
        sitemap=False,
        methods=["GET"],
    )
    def show(self, visit_id, token, moved=None, **_unknown):
        """One visit, with what can be done about it."""
        visit = self._gate(visit_id, token)
        values = self._visit_values(visit, self._url(visit), moved=bool(moved))
        return common.page("clinic_agenda.visit_link_page", values)

    @http.route(
        "/clinic/visit/<int:visit_id>/<string:token>/times",
        type="http",
        auth="public",
        website=True,
        readonly=True,
        sitemap=False,
        methods=["GET"],
    )
    def times(self, visit_id, token, day=None, **_unknown):
        """Free times to move the visit to."""
        visit = self._gate(visit_id, token)
        return self._times_page(visit, common.day(day))

    def _times_page(self, visit, day, error=None):
        url = self._url(visit)
        values = self._visit_values(visit, url, error=error)
        values.update(self._times_values(visit, url, day))
        return common.page(
            "clinic_agenda.visit_link_times_page", values, status=409 if error else 200
        )

    @http.route(
        "/clinic/visit/<int:visit_id>/<string:token>/move",
        type="http",
        auth="public",
        website=True,
        sitemap=False,
        methods=["POST"],
    )
    def move(self, visit_id, token, slot=None, **_unknown):
        """Move the visit within the location's policy."""
        common.limit("form")
        visit = self._gate(visit_id, token)
        error = self._move(visit, slot, "website", self._actor(visit))
        if error:
            return self._times_page(visit, None, error)
        return common.redirect(f"{self._url(visit)}?moved=1")

    @http.route(
        "/clinic/visit/<int:visit_id>/<string:token>/cancel",
        type="http",
        auth="public",
        website=True,
        sitemap=False,
        methods=["POST"],
    )
    def cancel(self, visit_id, token, reason=None, **_unknown):
        """Cancel the visit within the location's policy."""
        common.limit("form")
        visit = self._gate(visit_id, token)
        error = self._cancel(visit, reason, "website", self._actor(visit))
        if error:
            values = self._visit_values(visit, self._url(visit), error=error)
            return common.page("clinic_agenda.visit_link_page", values, status=409)
        return common.redirect(self._url(visit))

    @http.route(
        "/clinic/visit/<int:visit_id>/<string:token>/visit.ics",
        type="http",
        auth="public",
        website=True,
        readonly=True,
        sitemap=False,
        multilang=False,
        methods=["GET"],
    )
    def calendar(self, visit_id, token, **_unknown):
        """The visit as a file for calendars."""
        return calendar_file(self._gate(visit_id, token))

    def _actor(self, visit):
        return visit.booked_by_id or visit.patient_id
