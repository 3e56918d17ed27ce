from odoo import api, models
from odoo.exceptions import ValidationError


class ResUsers(models.Model):
    _inherit = "res.users"

    @api.constrains("partner_id", "group_ids")
    def _check_employee_is_no_patient(self):
        """Keep the card of an employee apart from the contact all colleagues see.

        The contact of an internal user shows in every chat and list of Odoo; a
        patient card must not.
        """
        # sudo: res.partner - who manages users may not be allowed to read cards
        for user in self.sudo():
            if user.partner_id.is_patient and user._is_internal():
                raise ValidationError(
                    self.env._(
                        "The contact of an employee is seen by all colleagues, so it "
                        "cannot be a patient card. Make a separate card for the "
                        "employee as a patient."
                    )
                )
