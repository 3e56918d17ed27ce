from odoo import api, fields, models
from odoo.exceptions import ValidationError


class ClinicSchedule(models.Model):
    """The weekly hours of one practitioner at one location, valid for a period.

    FHIR R4 ``Schedule``. The rules live here; the concrete openings they give are
    ``clinic.session`` rows, rebuilt by ``clinic.practitioner._rebuild_sessions``.
    """

    _name = "clinic.schedule"
    _description = "Practitioner's schedule"
    _inherit = ["clinic.gate"]
    _order = "practitioner_id, date_from desc, id desc"

    practitioner_id = fields.Many2one(
        "clinic.practitioner", required=True, index=True, ondelete="cascade"
    )
    location_id = fields.Many2one(
        "clinic.location", required=True, index=True, ondelete="restrict"
    )
    company_id = fields.Many2one(related="location_id.company_id", store=True)
    tz = fields.Selection(related="location_id.tz")
    active = fields.Boolean(default=True)
    date_from = fields.Date(
        string="Valid from", required=True, default=fields.Date.context_today
    )
    date_to = fields.Date(string="Valid until", help="Empty: until further notice.")
    block_ids = fields.One2many("clinic.schedule.block", "schedule_id", copy=True)
    weekly_hours = fields.Float(compute="_compute_weekly_hours")

    _period = models.Constraint(
        "CHECK (date_to IS NULL OR date_from <= date_to)",
        "The schedule must end after it starts.",
    )

    @api.depends("practitioner_id", "location_id", "date_from")
    def _compute_display_name(self):
        for schedule in self:
            schedule.display_name = (
                f"{schedule.practitioner_id.display_name} · {schedule.location_id.name}"
            )

    @api.depends("block_ids.hour_from", "block_ids.hour_to", "block_ids.week_parity")
    def _compute_weekly_hours(self):
        for schedule in self:
            schedule.weekly_hours = sum(
                (
                    block.hour_to
                    - block.hour_from
                    - ((block.break_to or 0) - (block.break_from or 0))
                )
                * (1 if block.week_parity == "all" else 0.5)
                for block in schedule.block_ids
            )

    @api.constrains("practitioner_id", "location_id")
    def _check_same_company(self):
        for schedule in self:
            if schedule.practitioner_id.company_id != schedule.company_id:
                raise ValidationError(
                    self.env._(
                        "%(practitioner)s and %(location)s belong to different "
                        "companies.",
                        practitioner=schedule.practitioner_id.name,
                        location=schedule.location_id.name,
                    )
                )

    def write(self, vals):
        """The sessions follow, also those of a practitioner who was replaced."""
        practitioners = self.practitioner_id
        result = super().write(vals)
        (practitioners | self.practitioner_id)._rebuild_sessions()
        return result

    def unlink(self):
        """The sessions go with their schedule; the other schedules keep theirs."""
        practitioners = self.practitioner_id
        result = super().unlink()
        practitioners._rebuild_sessions()
        return result

    def _rebuild_sessions(self):
        self.practitioner_id._rebuild_sessions()
