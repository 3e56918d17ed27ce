from odoo import api, models
from odoo.exceptions import UserError


class IrAttachment(models.Model):
    _inherit = "ir.attachment"

    @api.ondelete(at_uninstall=False)
    def _unlink_except_signed_encounter(self):
        """What hangs on a signed encounter belongs to the medical record."""
        ids = [
            file.res_id
            for file in self
            if file.res_model == "clinic.encounter" and file.res_id
        ]
        if not ids:
            return
        # sudo: clinic.encounter - only whether one is signed
        encounters = self.env["clinic.encounter"].sudo()
        if encounters.search_count(
            [("id", "in", ids), ("state", "!=", "draft")], limit=1
        ):
            raise UserError(
                self.env._("Files of a signed encounter stay with the medical record.")
            )
