from odoo import models
from odoo.exceptions import UserError


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    _inherit = "base.partner.merge.automatic.wizard"

    def _merge(self, partner_ids, dst_partner=None, extra_checks=True):
        """Merge patients in the way that loses nothing and can be undone."""
        # sudo: res.partner - only whether one of them is a patient is asked
        cards = self.env["res.partner"].sudo().browse(partner_ids).exists()
        if len(cards) < 2 or not any(cards.mapped("is_patient")):
            return super()._merge(partner_ids, dst_partner, extra_checks)
        cards.with_env(self.env)._check_may_end()
        winner = dst_partner or self._get_ordered_partner(partner_ids)[-1]
        cards.with_env(self.env).check_access("write")
        self._check_rights_reviewed(cards, winner)
        return cards.with_env(self.env)._merge_into(winner)

    def _check_rights_reviewed(self, cards, winner):
        """Send to the screen that shows who would see both cards.

        :raises UserError: somebody would see more than before
        """
        merges = self.env["clinic.merge"]
        for loser in cards - winner:
            logins = merges._default_logins(loser, winner)
            carried = merges._rights_carried(loser, winner, logins)
            if any(right["kind"] != "suspended" for right in carried):
                raise UserError(
                    self.env._(
                        "Somebody would see more than before. Choose the two cards in "
                        "the list of patients, and “Compare”."
                    )
                )
