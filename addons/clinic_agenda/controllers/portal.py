from odoo import http
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.http import request

from odoo.addons.clinic_base.controllers import secure_pages
from odoo.addons.clinic_patient.controllers.home import HomePortal
from odoo.addons.portal.controllers.portal import pager

from ..lib.states import UPCOMING
from . import common
from .visit import VisitPages

SENT = common.SENT | {"auth": "user"}
SHOWN = common.SHOWN | {"auth": "user"}
#: Visits on a page of the list.
PAGE = 20


class AppointmentPortal(VisitPages, HomePortal):
    """The patient's visits in the portal: one's own and those of the wards.

    Whose visits they are is decided for today at each request, so a guardian's view
    ends with the guardianship.
    """

    visit_template = "clinic_agenda.portal_my_appointment"
    times_template = "clinic_agenda.portal_my_appointment_times"
    visit_channel = "portal"

    def _visits_domain(self):
        """Visits this visitor may see, held times left out."""
        partner = request.env.user.partner_id
        return request.env["clinic.shown"]._domain(partner, "clinic.appointment")

    def _upcoming_domain(self):
        return Domain("state", "in", UPCOMING) & Domain("start", ">", "now")

    def _search_visits(self, domain, **arguments):
        # sudo: clinic.appointment - _visits_domain is the gate, for staff as well
        visits = request.env["clinic.appointment"].sudo()
        # Rights begin and end on the clinic's clock.
        visits = visits.with_context(tz=visits.env["res.partner"]._clinic_tz())
        return visits.search(self._visits_domain() & domain, **arguments)

    def _count_visits(self, domain):
        # sudo: clinic.appointment - _visits_domain is the gate, for staff as well
        visits = request.env["clinic.appointment"].sudo()
        visits = visits.with_context(tz=visits.env["res.partner"]._clinic_tz())
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

    def _url(self, visit):
        return f"/my/appointments/{visit.id}"

    def _actor(self, visit):
        return request.env.user.partner_id

    def _frame_values(self):
        return self._prepare_portal_layout_values() | {
            "page_name": "appointment",
            "in_portal": True,
        }

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        if "appointment_count" in counters:
            values["appointment_count"] = self._count_visits(self._upcoming_domain())
        if not counters:
            shown = Domain("patient_id", "in", self._family_shown().ids)
            upcoming = self._upcoming_domain()
            visit = self._search_visits(upcoming & shown, order="start, id", limit=1)
            values |= {
                "next_visit": visit,
                "next_visit_url": visit and self._url(visit),
                "may_change_next": visit
                and self._may_book(visit)
                and request.env["clinic.booking"]._may_change(visit)[0],
                "visits_to_come": self._count_visits(upcoming),
            }
        return values

    @http.route(["/my/appointments", "/my/appointments/page/<int:page>"], **SHOWN)
    def my_appointments(self, page=1, when="upcoming", patient=None, **_unknown):
        """The list: what is to come or what was, for all or one of the family."""
        past = when == "past"
        domain = self._upcoming_domain()
        if past:
            domain = ~domain
        # sudo: res.partner - those the visitor may see, by name only
        partner = request.env.user.partner_id
        patients = (
            partner._clinic_patients_for("read") | partner._clinic_patients_for("book")
        ).sudo()
        wanted = self._family_chosen().id if patient is None else common.number(patient)
        chosen = patients.filtered(lambda each: each.id == wanted)
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
        values |= self._visits_extra(patients)
        return secure_pages.page("clinic_agenda.portal_my_appointments", values)

    def _visits_extra(self, patients):
        """Extension point: what else stands on the list.

        :param patients: those the visitor may see, in sudo
        """
        return {}

    @http.route("/my/appointments/<int:visit_id>", **SHOWN)
    def my_appointment(self, visit_id, moved=None, **_unknown):
        """One visit, with what can be done about it."""
        return self._visit_page(self._gate(visit_id), moved=bool(moved))

    @http.route("/my/appointments/<int:visit_id>/times", **SHOWN)
    def my_appointment_times(
        self, visit_id, day=None, practitioner=None, location=None, **_unknown
    ):
        """Free times to move the visit to."""
        visit = self._gate(visit_id, "book")
        return self._times_page(visit, common.day(day), practitioner, location)

    @http.route("/my/appointments/<int:visit_id>/move", **SENT)
    def move_my_appointment(self, visit_id, slot=None, **_unknown):
        """Move the visit within the location's policy."""
        common.limit("form")
        return self._take_move(self._gate(visit_id, "book"), slot)

    @http.route("/my/appointments/<int:visit_id>/cancel", **SENT)
    def cancel_my_appointment(self, visit_id, reason=None, **_unknown):
        """Cancel the visit within the location's policy."""
        common.limit("form")
        return self._take_cancel(self._gate(visit_id, "book"), reason)

    @http.route("/my/appointments/<int:visit_id>/confirm", **SENT)
    def confirm_my_appointment(self, visit_id, **_unknown):
        """Say that one will come."""
        common.limit("form")
        visit = self._gate(visit_id, "book")
        try:
            request.env["clinic.booking"]._confirm(
                visit, self.visit_channel, self._actor(visit)
            )
        except UserError as refusal:
            return self._visit_page(visit, status=409, error=str(refusal))
        return secure_pages.redirect(self._url(visit))

    @http.route("/my/appointments/<int:visit_id>/visit.ics", multilang=False, **SHOWN)
    def my_appointment_calendar(self, visit_id, **_unknown):
        """The visit as a file for calendars."""
        return common.calendar_file(self._gate(visit_id))

    @http.route("/my/appointments/calendar", **SHOWN)
    def my_calendar(self, **_unknown):
        """The address by which a calendar program subscribes to the visits."""
        values = self._prepare_portal_layout_values() | {
            "page_name": "appointment_calendar",
            "feed_url": request.env.user.partner_id._visit_feed_url(),
        }
        return secure_pages.page("clinic_agenda.portal_my_calendar", values)

    @http.route("/my/appointments/calendar", **SENT)
    def change_my_calendar(self, action=None, **_unknown):
        """Make, renew or stop the address."""
        partner = request.env.user.partner_id
        if action == "new":
            partner._new_visit_feed()
        elif action == "revoke":
            partner._revoke_visit_feed()
        return secure_pages.redirect("/my/appointments/calendar")
