from markupsafe import Markup

from odoo import api, models


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    _inherit = "base.partner.merge.automatic.wizard"

    @api.model
    def _update_foreign_keys(self, src_partners, dst_partner):
        """Make cards of patients ready first; free their unique numbers afterwards."""
        # sudo: res.partner - who may merge may not be allowed to see every addon's rows
        src_partners.sudo()._merge_prepare(dst_partner.sudo())
        result = super()._update_foreign_keys(src_partners, dst_partner)
        self.env.invalidate_all()
        # sudo: res.partner - archived, the card leaves its numbers to the other one
        src_partners.sudo().filtered("is_patient").write({"active": False})
        return result

    def _get_summable_fields(self):
        return [*super()._get_summable_fields(), "balance_due"]

    def _log_merge_operation(self, src_partners, dst_partner):
        result = super()._log_merge_operation(src_partners, dst_partner)
        if dst_partner.is_patient:
            # sudo: res.partner - the copy of the phone follows from the numbers
            dst_partner.sudo()._sync_phone()
            dst_partner.message_post(
                body=Markup("<p>%s</p>")
                % self.env._(
                    "Merged with the cards of: %(names)s",
                    names=", ".join(
                        f"{partner.name} (#{partner.id})" for partner in src_partners
                    ),
                )
            )
        return result
