from odoo import api, fields, models
from odoo.fields import Domain

from .clinic_wait_list import ACTIVE, WEEKDAYS


class ClinicDaySheet(models.AbstractModel):
    """How many wait for a time that this day and this location could give."""

    _inherit = "clinic.day.sheet"

    @api.model
    @api.readonly
    def get_day(self, date, location_id, group_by="practitioner"):
        sheet = super().get_day(date, location_id, group_by)
        waiting = self.env["clinic.wait.list"]
        sheet["waiting"] = 0
        if waiting.has_access("read") and sheet["date"] >= sheet["today"]:
            domain = self._waiting_domain(sheet["date"], location_id)
            sheet["waiting"] = waiting.search_count(domain)
        return sheet

    @api.model
    def action_waiting(self, date, location_id):
        """Open who waits for a time that would fit this day, in their turns.

        :param str date: local day, ISO
        :param int location_id: ``clinic.location``
        """
        location = self._get_location(location_id)
        day = fields.Date.to_date(date)
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "clinic_agenda.clinic_wait_list_action"
        )
        return dict(
            action,
            name=self.env._(
                "Waiting for a time on %(day)s",
                day=location._speak_day(self._axis(date, location).start),
            ),
            domain=list(self._waiting_domain(str(day), location.id)),
            context={},
        )

    @api.model
    def _waiting_domain(self, date, location_id):
        """Wishes that a time on this day at this location would fit.

        :param str date: local day, ISO
        """
        day = fields.Date.to_date(date)
        # sudo: clinic.offer - what is offered here is no secret of the staff
        offers = self.env["clinic.offer"].sudo()
        offered = offers.search_fetch(
            [("location_id", "=", location_id)], ["service_id"]
        ).service_id
        return (
            Domain("state", "in", ACTIVE)
            & Domain(WEEKDAYS[day.weekday()], "=", True)
            & Domain("date_from", "<=", day)
            & (Domain("date_until", "=", False) | Domain("date_until", ">=", day))
            & (
                Domain("location_ids", "=", False)
                | Domain("location_ids", "in", location_id)
            )
            & (
                Domain("appointment_id", "=", False)
                | Domain("appointment_id.local_day", ">=", day)
            )
            & Domain("service_id", "in", offered.ids)
        )
