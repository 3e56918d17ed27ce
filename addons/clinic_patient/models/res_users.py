from odoo import api, models
from odoo.exceptions import AccessError, UserError, ValidationError

#: Fields of a user that are the card's.
OWN_CARD = {"name", "email", "phone"}


class ResUsers(models.Model):
    _inherit = "res.users"

    def write(self, vals):
        """Keep what stands on a patient's card to the pages that check it.

        Odoo lets everybody change the own name, e-mail address and telephone number,
        which would be those of the card.

        :raises AccessError: a patient in the portal changes one of them
        """
        user = self.env.user
        if OWN_CARD & vals.keys() and not self.env.su and not user._is_internal():
            if user.partner_id.is_patient:
                raise AccessError(
                    self.env._(
                        "Name, e-mail and telephone are those of your card: change "
                        "them in “My data”, or ask the clinic to."
                    )
                )
        return super().write(vals)

    def reset_password(self, login):
        """Ask for a new password; nothing tells whether there is such an account.

        :raises UserError: it was asked for too often lately; says when to ask again
        """
        if minutes := self.env["clinic.password.request"]._ask(login):
            raise UserError(
                self.env._(
                    "A new password was asked for several times already. Look for our "
                    "e-mail, also among unwanted ones, or ask again in %(minutes)s "
                    "minutes.",
                    minutes=minutes,
                )
            )

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
