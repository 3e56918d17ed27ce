from odoo import models
from odoo.exceptions import UserError

from odoo.addons.base.models.ir_module import assert_log_admin_access


class IrModuleModule(models.Model):
    """The suite is not removed from under patients, nor an app from under records."""

    _inherit = "ir.module.module"

    @assert_log_admin_access
    def button_uninstall(self):
        """As Odoo's, unless patients, or records of patients, would be lost.

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
        gone._check_no_records_lost()
        return super().button_uninstall()

    def _check_no_records_lost(self):
        """Refuse to take apps away that keep records of patients.

        :raises UserError: names each app, what of it would be lost, and what to do
        """
        names = {module.name: module.shortdesc for module in self}
        lost = [
            f"{names[module]}: {what} ({count})"
            for module, what, count in self._records_of_patients()
            if count and module in names
        ]
        if lost:
            raise UserError(
                self.env._(
                    "Records of patients would be lost for good:\n\n%(lost)s\n\nPrint "
                    "or export what has to be kept, keep a copy of the database, "
                    "delete these records, then uninstall. What was signed is not "
                    "deleted: leave its app installed.",
                    lost="\n".join(lost),
                )
            )

    def _records_of_patients(self):
        """Extension point: records of patients that go with the app that keeps them.

        :returns: list of ``(module, what, count)``: technical name of the app, its
            records in words, how many there are at least
        """
        rows = []
        for name, field in self.env["res.partner"]._record_links():
            # sudo: records of any room - only how many; archived ones count
            records = self.env[name].sudo().with_context(active_test=False)
            count = records.search_count([(f"{field}.is_patient", "=", True)])
            what = self.env["ir.model"]._get(name).name
            rows.append((records._original_module, what, count))
        return rows
