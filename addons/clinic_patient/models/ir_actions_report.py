from odoo import models

from odoo.addons.clinic_base.lib.ours import OURS

from .ir_attachment import PAPER


class IrActionsReport(models.Model):
    """Papers that are kept are made here, and nowhere else."""

    _inherit = "ir.actions.report"

    def _render_qweb_pdf(self, report_ref, res_ids=None, data=None):
        """Odoo's, which stores what it made: of records with papers, as the paper."""
        model = self.env.get(self._get_report(report_ref).model)
        if hasattr(model, "_is_kept_file"):
            self = self.with_context(**{PAPER: OURS})
        return super()._render_qweb_pdf(report_ref, res_ids=res_ids, data=data)
