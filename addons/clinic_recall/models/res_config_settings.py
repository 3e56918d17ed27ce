from odoo import fields, models
from odoo.exceptions import ValidationError

from odoo.addons.clinic_base.lib.roles import ADMINISTRATOR_GROUPS

from .clinic_next_step import ACTIVE_MONTHS
from .clinic_recall_cause import NIGHT


class ResConfigSettings(models.TransientModel):
    """Who counts as an active patient, and so must have a next step."""

    _inherit = "res.config.settings"

    clinic_active_months = fields.Integer(
        string="Active for (months)",
        config_parameter=ACTIVE_MONTHS,
        default=18,
        help="For so long after a visit or an enquiry a patient must have a next step. "
        "Who is on treatment always must.",
        groups=ADMINISTRATOR_GROUPS,
    )

    def set_values(self):
        """Keep the months; the list follows at once, not only in the night.

        :raises ValidationError: no whole number of months from 1 to 120
        """
        if not 1 <= self.clinic_active_months <= 120:
            raise ValidationError(
                self.env._("Patients count as active for 1 to 120 months.")
            )
        before = self.env["clinic.next.step"]._active_months()
        result = super().set_values()
        if self.clinic_active_months != before:
            # The job of the night does it again today, with the new months.
            self.env["ir.config_parameter"].set_param(NIGHT, "")
            self.env["ir.cron"]._set_off("clinic_recall.ir_cron_night")
        return result
