from odoo import http
from odoo.fields import Domain
from odoo.http import request

from odoo.addons.portal.controllers.portal import CustomerPortal, pager

from ..lib.states import UPCOMING
from . import common
from .booking_details import calendar_file
from .visit import VisitPages

#: Visits on a page of the list.
PAGE = 20
HIDDEN = ("held", "expired")


class AppointmentPortal(VisitPages, CustomerPortal):
    """The patient's visits in the portal: one's own and those of the wards.

    Whose visits they are is decided for today at each request, so a guardian's view
    ends with the guardianship.
    """

    def _visits_domain(self):
        """Visits this visitor may see, held times left out."""
        partner = request.env.user.partner_id
        return partner._clinic_access_domain("read", "patient_id") & Domain(
            "state", "not in", HIDDEN
        )

    def _upcoming_domain(self):
        return Domain("state", "in", UPCOMING) & Domain("start", ">", "now")

    def _search_visits(self, domain, **arguments):
        # sudo: clinic.appointment - _visits_domain is the gate, for staff as well
        visits = request.env["clinic.appointment"].sudo()
        return visits.search(self._visits_domain() & domain, **arguments)

    def _count_visits(self, domain):
        # sudo: clinic.appointment - _visits_domain is the gate, for staff as well
        visits = request.env["clinic.appointment"].sudo()
        return visits.search_count(self._visits_domain() & domain)

    def _gate(self, visit_id, scope="read"):
        """A visit this visitor may see, or change, today; in sudo.

        :raises NotFound: the same for visits of others and for none at all
        """
        visit = self._search_visits(Domain("id", "=", visit_id), limit=1)
        if not visit or (scope == "book" and not self._may_book(visit)):
            raise request.not_found()
        return visit

    def _may_book(self, visit):
        patients = request.env.user.partner_id._clinic_patients_for("book")
        return visit.patient_id.id in patients.ids

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        if "appointment_count" in counters:
            values["appointment_count"] = self._count_visits(self._upcoming_domain())
        return values

    def _prepare_portal_layout_values(self):
        values = super()._prepare_portal_layout_values()
        if request.httprequest.path.rstrip("/").endswith("/my"):
            upcoming = self._upcoming_domain()
            values["next_visit"] = self._search_visits(
                upcoming, order="start, id", limit=1
            )
            values["visits_to_come"] = self._count_visits(upcoming)
        return values

    @http.route(
        ["/my/appointments", "/my/appointments/page/<int:page>"],
        type="http",
        auth="user",
        website=True,
        readonly=True,
        methods=["GET"],
    )
    def my_appointments(self, page=1, when="upcoming", patient=None, **_unknown):
        """The list: what is to come or what was, for all or one of the family."""
        past = when == "past"
        domain = self._upcoming_domain()
        if past:
            domain = ~domain
        # sudo: res.partner - those the visitor may see, by name only
        patients = request.env.user.partner_id._clinic_patients_for("read").sudo()
        chosen = patients.filtered(lambda each: each.id == common.number(patient))
        if chosen:
            domain &= Domain("patient_id", "=", chosen.id)
        total = self._count_visits(domain)
        pages = pager(
            url="/my/appointments",
            url_args={"when": when, "patient": chosen.id or None},
            total=total,
            page=page,
            step=PAGE,
        )
        values = self._prepare_portal_layout_values() | {
            "page_name": "appointments",
            "visits": self._search_visits(
                domain,
                order="start desc, id desc" if past else "start, id",
                limit=PAGE,
                offset=pages["offset"],
            ),
            "pager": pages,
            "past": past,
            "patients": patients,
            "patient": chosen,
            "default_url": "/my/appointments",
        }
        return common.page("clinic_agenda.portal_my_appointments", values)

    @http.route(
        "/my/appointments/<int:visit_id>",
        type="http",
        auth="user",
        website=True,
        readonly=True,
        methods=["GET"],
    )
    def my_appointment(self, visit_id, moved=None, **_unknown):
        """One visit, with what can be done about it."""
        return self._visit_page(self._gate(visit_id), moved=bool(moved))

    def _url(self, visit):
        return f"/my/appointments/{visit.id}"

    def _visit_page(self, visit, status=200, **extra):
        values = self._prepare_portal_layout_values() | self._visit_values(
            visit,
            self._url(visit),
            may_book=self._may_book(visit),
            page_name="appointment",
            **extra,
        )
        return common.page("clinic_agenda.portal_my_appointment", values, status)

    @http.route(
        "/my/appointments/<int:visit_id>/times",
        type="http",
        auth="user",
        website=True,
        readonly=True,
        methods=["GET"],
    )
    def my_appointment_times(self, visit_id, day=None, **_unknown):
        """Free times to move the visit to."""
        return self._times_page(self._gate(visit_id, "book"), common.day(day))

    def _times_page(self, visit, day, error=None):
        url = self._url(visit)
        values = self._prepare_portal_layout_values() | self._visit_values(
            visit, url, page_name="appointment", error=error
        )
        values |= self._times_values(visit, url, day)
        return common.page(
            "clinic_agenda.portal_my_appointment_times", values, 409 if error else 200
        )

    @http.route(
        "/my/appointments/<int:visit_id>/move",
        type="http",
        auth="user",
        website=True,
        methods=["POST"],
    )
    def move_my_appointment(self, visit_id, slot=None, **_unknown):
        """Move the visit within the location's policy."""
        visit = self._gate(visit_id, "book")
        error = self._move(visit, slot, "portal", request.env.user.partner_id)
        if error:
            return self._times_page(visit, None, error)
        return common.redirect(f"{self._url(visit)}?moved=1")

    @http.route(
        "/my/appointments/<int:visit_id>/cancel",
        type="http",
        auth="user",
        website=True,
        methods=["POST"],
    )
    def cancel_my_appointment(self, visit_id, reason=None, **_unknown):
        """Cancel the visit within the location's policy."""
        visit = self._gate(visit_id, "book")
        error = self._cancel(visit, reason, "portal", request.env.user.partner_id)
        if error:
            return self._visit_page(visit, status=409, error=error)
        return common.redirect(self._url(visit))

    @http.route(
        "/my/appointments/<int:visit_id>/visit.ics",
        type="http",
        auth="user",
        website=True,
        readonly=True,
        multilang=False,
        methods=["GET"],
    )
    def my_appointment_calendar(self, visit_id, **_unknown):
        """The visit as a file for calendars."""
        return calendar_file(self._gate(visit_id))

    @http.route(
        "/my/appointments/calendar",
        type="http",
        auth="user",
        website=True,
        readonly=True,
        methods=["GET"],
    )
    def my_calendar(self, **_unknown):
        """The address by which a calendar program subscribes to the visits."""
        values = self._prepare_portal_layout_values() | {
            "page_name": "appointment_calendar",
            "feed_url": request.env.user.partner_id._visit_feed_url(),
        }
        return common.page("clinic_agenda.portal_my_calendar", values)

    @http.route(
        "/my/appointments/calendar",
        type="http",
        auth="user",
        website=True,
        methods=["POST"],
    )
    def change_my_calendar(self, action=None, **_unknown):
        """Make, renew or stop the address."""
        partner = request.env.user.partner_id
        if action == "new":
            partner._new_visit_feed()
        elif action == "revoke":
            partner._revoke_visit_feed()
        return common.redirect("/my/appointments/calendar")
