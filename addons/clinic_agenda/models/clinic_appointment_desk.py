from odoo import api, fields, models

from ..lib.states import STATES
from ..lib.time_band import time_band


class ClinicAppointment(models.Model):
    """What lists and calendars of visits need: the hour at the location, in words."""

    _inherit = "clinic.appointment"

    state = fields.Selection(group_expand="_group_expand_state")
    time_band = fields.Selection(
        [
            ("morning", "Morning"),
            ("afternoon", "Afternoon"),
            ("evening", "Evening"),
        ],
        compute="_compute_time_band",
        store=True,
        precompute=True,
        help="By the clock of the location: the afternoon begins at 13:00, the "
        "evening at 18:00.",
    )
    local_span = fields.Char(
        string="Time",
        compute="_compute_local_span",
        help="In the location's time.",
    )

    @api.model
    def _group_expand_state(self, states, domain):
        """Groups of states stand in the order of a visit's life."""
        return [code for code, _label in STATES if code in states]

    @api.depends("start", "location_id.tz")
    def _compute_time_band(self):
        for visit in self:
            if not (visit.start and visit.location_id.tz):
                visit.time_band = False
                continue
            local = visit.location_id._local_time(visit.start)
            visit.time_band = time_band(local.hour)

    @api.depends("start", "stop", "location_id.tz")
    @api.depends_context("lang")
    def _compute_local_span(self):
        for visit in self:
            location = visit.location_id
            visit.local_span = (
                visit.start
                and visit.stop
                and location.tz
                and (
                    f"{location._speak_hour(visit.start)}–"
                    f"{location._speak_hour(visit.stop)}"
                    f" ({location._zone_label(visit.start)})"
                )
            )

    def action_open_on_day_sheet(self):
        """Show the day of this visit on the day sheet of its location."""
        self.ensure_one()
        action = self.env["ir.actions.client"]._for_xml_id(
            "clinic_agenda.clinic_day_sheet_action"
        )
        return dict(
            action,
            context={
                "clinic_date": str(self.local_day),
                "clinic_location_id": self.location_id.id,
            },
        )
