from odoo import models
from odoo.exceptions import UserError
from odoo.tools import email_normalize


class PortalWizardUser(models.TransientModel):
    """Log-ins of patients are given by the staff of the clinic."""

    _inherit = "portal.wizard.user"

    def action_grant_access(self):
        """Give access; an account that its owner closed gets its log-in back."""
        self._check_log_in_of_patient()
        self._assert_user_email_uniqueness()
        # sudo: res.users - who may give access may give it again
        self.user_id.sudo()._reopen_account(email_normalize(self.email))
        return super().action_grant_access()

    def action_revoke_access(self):
        self._check_log_in_of_patient()
        return super().action_revoke_access()

    def action_invite_again(self):
        self._check_log_in_of_patient()
        return super().action_invite_again()

    def _check_log_in_of_patient(self):
        """Refuse who keeps contacts and has no role: the portal shows reports.

        :raises UserError: says whom to ask
        """
        partner = self.partner_id
        # sudo: res.partner - only whether it is a patient
        if not self.env.su and partner.sudo().is_patient and partner._is_staff():
            partner._check_desk()
        if partner._cards_kept_from_user():
            raise UserError(
                self.env._(
                    "Another application gives this contact its log-in: ask the "
                    "administrator."
                )
            )
