from odoo import api, models


class ClinicDaySheet(models.AbstractModel):
    """The day sheet opens the encounter of a visit."""

    _inherit = "clinic.day.sheet"

    @api.model
    def _what_user_may(self):
        return super()._what_user_may() | {
            "record": self.env["clinic.encounter"].has_access("create"),
        }
