from odoo import api, models
from odoo.exceptions import UserError, ValidationError

from ..lib.roles import STAFF_GROUPS


class ResPartner(models.Model):
    """What is refused: who is no patient, and what nobody without a role does.

    Contacts are kept by colleagues who know nothing of the clinic, and that is as in
    Odoo. Deleting or merging a contact would take the card with it, and a log-in opens
    what the clinic knows. The words do not say that somebody is a patient.
    """

    _inherit = "res.partner"

    @api.model
    def _is_staff(self):
        """Whether the user has a role of the clinic, or the suite itself acts."""
        return self.env.su or self.env.user.has_group(STAFF_GROUPS)

    def _check_is_patient(self):
        """Refuse what stands on the card of a patient where somebody is none.

        :raises ValidationError: names the first of them
        """
        # One column of the card, not the eighty that Odoo reads ahead.
        for card in self.with_context(prefetch_fields=False):
            if not card.is_patient:
                raise ValidationError(
                    self.env._(
                        "%(name)s is not a patient: open the card and mark it as one.",
                        name=card.name,
                    )
                )

    def _check_may_end(self):
        """Refuse what would end a contact that is a patient.

        :raises UserError: says what to do instead
        """
        if self._is_staff():
            return
        # sudo: res.partner - only whether one of them is a patient
        if any(self.sudo().mapped("is_patient")):
            raise UserError(
                self.env._(
                    "Another application uses this contact, so it cannot be deleted or "
                    "merged. Archive it, or ask the administrator."
                )
            )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_patient(self):
        self._check_may_end()

    def signup_get_auth_param(self):
        """As Odoo's; a token for somebody's portal is no business of who has no role.

        Documents that are sent have a link of their own.
        """
        return super(
            ResPartner, self - self._cards_kept_from_user()
        ).signup_get_auth_param()
