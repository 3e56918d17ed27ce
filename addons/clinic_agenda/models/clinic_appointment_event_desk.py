from odoo import api, fields, models


class ClinicAppointmentEvent(models.Model):
    """The history in the words of the desk: times on the clock of the location."""

    _inherit = "clinic.appointment.event"

    local_old_start = fields.Char(string="Old time", compute="_compute_local_times")
    local_new_start = fields.Char(string="New time", compute="_compute_local_times")

    @api.depends("old_start", "new_start", "appointment_id.location_id.tz")
    @api.depends_context("lang")
    def _compute_local_times(self):
        for event in self:
            location = event.appointment_id.location_id
            for side in ("old", "new"):
                moment = event[f"{side}_start"]
                event[f"local_{side}_start"] = (
                    location._speak_time(moment) if moment and location else False
                )
