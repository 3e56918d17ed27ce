from odoo import models


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    _inherit = "base.partner.merge.automatic.wizard"

    def _merge(self, partner_ids, dst_partner=None, extra_checks=True):
        """Merge patients in the way that loses nothing and can be undone."""
        # sudo: res.partner - only whether one of them is a patient is asked
        cards = self.env["res.partner"].sudo().browse(partner_ids).exists()
        if len(cards) < 2 or not any(cards.mapped("is_patient")):
            return super()._merge(partner_ids, dst_partner, extra_checks)
        winner = dst_partner or self._get_ordered_partner(partner_ids)[-1]
        cards.with_env(self.env).check_access("write")
        return cards.with_env(self.env)._merge_into(winner)
