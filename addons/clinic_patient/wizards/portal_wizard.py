from odoo import models
from odoo.exceptions import UserError


class PortalWizardUser(models.TransientModel):
    """Log-ins of patients are given by the staff of the clinic."""

    _inherit = "portal.wizard.user"

    def action_grant_access(self):
        self._check_log_in_of_patient()
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
        if self.partner_id._cards_kept_from_user():
            raise UserError(
                self.env._(
                    "Another application gives this contact its log-in: ask the "
                    "administrator."
                )
            )
