from odoo import fields, models


class ClinicPublicHolidayLoad(models.TransientModel):
    """Asks for country and year, and adds the official holidays."""

    _name = "clinic.public.holiday.load"
    _description = "Load official holidays"

    country_id = fields.Many2one(
        "res.country", required=True, default=lambda self: self.env.company.country_id
    )
    year = fields.Integer(required=True, default=lambda self: fields.Date.today().year)

    def action_load(self):
        """Add what is missing; a repeat adds nothing."""
        self.ensure_one()
        self.env["clinic.public.holiday"].load_year(self.country_id.id, self.year)
        return {"type": "ir.actions.act_window_close"}
