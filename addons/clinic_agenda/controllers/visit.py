from odoo import http
from odoo.exceptions import UserError
from odoo.http import request

from odoo.addons.clinic_base.controllers import secure_pages

from . import common


class VisitPages:
    """Showing and changing one visit, for the link of the mails and for the portal.

    Subclasses find the visit and do the gate before they call any of this; they say
    where the pages are, how they are framed, and who is acting.
    """

    #: Templates of the page of a visit and of the page of times to move it to.
    visit_template = times_template = None
    #: Channel of the changes in the visit's history.
    visit_channel = None

    def _url(self, visit):
        """Address of the page of a visit; the others lie below it."""
        raise NotImplementedError

    def _actor(self, visit):
        """The contact who changes the visit."""
        raise NotImplementedError

    def _may_book(self, visit):
        """Whether this visitor may change the visit at all."""
        return True

    def _frame_values(self):
        """What the frame around the pages needs."""
        return {}

    def _visit_values(self, visit, **extra):
        allowed, last = request.env["clinic.booking"]._may_change(visit)
        may_book = self._may_book(visit)
        return self._frame_values() | {
            "visit": visit,
            "url": self._url(visit),
            "may_book": may_book,
            "may_change": allowed and may_book,
            "last_change": visit.location_id._speak_time(last),
            "over": visit._is_over(),
            "price": request.env["clinic.booking"]._price_of(visit),
            **extra,
        }

    def _visit_page(self, visit, status=200, **extra):
        """One visit, with what can be done about it."""
        values = self._visit_values(visit, **extra)
        return secure_pages.page(self.visit_template, values, status)

    def _times_page(self, visit, day=None, who=None, where=None, error=None):
        """Free times to move a visit to.

        :param str who: practitioner the visitor chose; empty for anybody, ``None`` for
            the present one
        :param str where: location, in the same way
        """
        if visit._is_over():
            # Cancelled meanwhile, or past: its page says so, and what can be done.
            return secure_pages.redirect(self._url(visit))
        offers = request.env["clinic.booking"]._move_offers(visit)
        practitioners = offers.practitioner_id.sorted("name")
        locations = offers.location_id.sorted(lambda each: (each.sequence, each.name))
        who = visit.practitioner_id.id if who is None else common.number(who)
        where = visit.location_id.id if where is None else common.number(where)
        practitioner = practitioners.filtered(lambda each: each.id == who)
        location = locations.filtered(lambda each: each.id == where)
        url = f"{self._url(visit)}/times"
        chosen = f"practitioner={practitioner.id or ''}&location={location.id or ''}"
        values = self._visit_values(
            visit,
            error=error,
            service=visit.service_id,
            practitioners=practitioners,
            practitioner=practitioner,
            locations=locations,
            location=location,
            times=request.env["clinic.booking.times"]._page(
                visit.service_id,
                day,
                practitioner or practitioners,
                location or locations,
                visit.regime,
            ),
            show_price=(practitioner, location)
            != (visit.practitioner_id, visit.location_id),
            instant=common.instant,
            filter_url=url,
            anyone_url=f"{url}?practitioner=&location=",
            hold_url=f"{self._url(visit)}/move",
            day_url=lambda day: f"{url}?{chosen}" + (f"&day={day}" if day else ""),
        )
        return secure_pages.page(self.times_template, values, 409 if error else 200)

    def _take_move(self, visit, slot):
        """Move a visit to a time some page offered, or say why not."""
        start, practitioner_id, location_id = common.read_slot(slot)
        if not start:
            error = request.env._("Choose one of the free times.")
            return self._times_page(visit, error=error)
        try:
            request.env["clinic.booking"]._reschedule(
                visit,
                start,
                practitioner_id,
                location_id,
                channel=self.visit_channel,
                actor=self._actor(visit),
            )
        except UserError as refusal:
            return self._times_page(
                visit, None, practitioner_id, location_id, str(refusal)
            )
        return secure_pages.redirect(f"{self._url(visit)}?moved=1")

    def _take_cancel(self, visit, reason):
        """Cancel a visit, or say why not."""
        reason = str(reason or "").replace("\x00", "")
        try:
            request.env["clinic.booking"]._cancel(
                visit, reason, self.visit_channel, self._actor(visit)
            )
        except UserError as refusal:
            return self._visit_page(visit, status=409, error=str(refusal))
        return secure_pages.redirect(self._url(visit))


class VisitLinkController(VisitPages, http.Controller):
    """The link in the messages of a visit: seeing by GET, changing by POST only,
    because mail scanners follow links."""

    visit_template = "clinic_agenda.visit_link_page"
    times_template = "clinic_agenda.visit_link_times_page"
    visit_channel = "website"

    def _gate(self, visit_id, token):
        """The visit of a link, in sudo; its own links are the same person's.

        :raises NotFound: for anything odd, always the same
        """
        # sudo: clinic.appointment - the signed link is the right
        visits = request.env["clinic.appointment"].sudo()
        visit = visits.browse(min(visit_id, 2**31 - 1)).exists()
        visit, _person = visit._by_link(token) if visit else (visit, None)
        if not visit.patient_id or not visit._is_finished():
            raise request.not_found()
        return visit

    def _url(self, visit):
        return visit._manage_path()

    def _actor(self, visit):
        return visit._as_merged(visit._link_person())

    @http.route("/clinic/visit/<int:visit_id>/<string:token>", **common.SHOWN)
    def show(self, visit_id, token, moved=None, **_unknown):
        """One visit, with what can be done about it."""
        return self._visit_page(self._gate(visit_id, token), moved=bool(moved))

    @http.route("/clinic/visit/<int:visit_id>/<string:token>/times", **common.SHOWN)
    def times(
        self, visit_id, token, day=None, practitioner=None, location=None, **_unknown
    ):
        """Free times to move the visit to."""
        visit = self._gate(visit_id, token)
        return self._times_page(visit, common.day(day), practitioner, location)

    @http.route("/clinic/visit/<int:visit_id>/<string:token>/move", **common.SENT)
    def move(self, visit_id, token, slot=None, **_unknown):
        """Move the visit within the location's policy."""
        common.limit("form")
        return self._take_move(self._gate(visit_id, token), slot)

    @http.route("/clinic/visit/<int:visit_id>/<string:token>/cancel", **common.SENT)
    def cancel(self, visit_id, token, reason=None, **_unknown):
        """Cancel the visit within the location's policy."""
        common.limit("form")
        return self._take_cancel(self._gate(visit_id, token), reason)

    @http.route(
        "/clinic/visit/<int:visit_id>/<string:token>/visit.ics",
        multilang=False,
        **common.SHOWN,
    )
    def calendar(self, visit_id, token, **_unknown):
        """The visit as a file for calendars."""
        return common.calendar_file(self._gate(visit_id, token))
