from odoo import api, models
from odoo.exceptions import AccessError, ValidationError


class ResUsers(models.Model):
    _inherit = "res.users"

    def write(self, vals):
        """Keep the name of a patient to staff.

        Odoo lets everybody change the own name, which would be that of the card.

        :raises AccessError: a patient in the portal changes the own name
        """
        user = self.env.user
        if "name" in vals and not self.env.su and not user._is_internal():
            if user.partner_id.is_patient:
                raise AccessError(
                    self.env._("Ask the clinic to correct your name: see “My data”.")
                )
        return super().write(vals)

    def reset_password(self, login):
        """Ask for a new password; nothing tells whether there is such an account."""
        self.env["clinic.password.request"]._ask(login)

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
