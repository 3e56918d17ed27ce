from odoo import models
from odoo.exceptions import UserError

from odoo.addons.base.models.ir_module import assert_log_admin_access


class IrModuleModule(models.Model):
    """The suite is not removed from under patients."""

    _inherit = "ir.module.module"

    @assert_log_admin_access
    def button_uninstall(self):
        """As Odoo's, unless patients are left.

        :raises AccessDenied: for who is no administrator; the count is not theirs
        :raises UserError: says what would happen, and what to do first
        """
        gone = self | self.downstream_dependencies()
        if "clinic_patient" in gone.mapped("name"):
            # sudo: res.partner - only how many; archived ones count
            cards = self.env["res.partner"].sudo().with_context(active_test=False)
            count = cards.search_count([("is_patient", "=", True)])
            if count:
                raise UserError(
                    self.env._(
                        "%(count)s patient cards are kept here. Without the suite "
                        "everything that only the suite knows of them is lost, and "
                        "their notes and files are open to all who read contacts. Keep "
                        "a copy of the database, delete the cards (or mark them as no "
                        "patients), then uninstall.",
                        count=count,
                    )
                )
        return super().button_uninstall()
