from odoo import fields, models

from ..lib.port import Outcome


class ClinicMessageProvider(models.Model):
    """Letters: a PDF in the log, printed by hand."""

    _inherit = "clinic.message.provider"

    kind = fields.Selection(
        selection_add=[("letter", "Letter to print")],
        ondelete={"letter": "cascade"},
    )

    def _send_letter(self, items):
        return [self._print_letter(item) for item in items]

    def _print_letter(self, item):
        """Make the PDF of one letter and keep it with its message."""
        message = self.env["clinic.message"].browse(item.extra["message_id"]).exists()
        if not message:
            return Outcome("refused", failure="text")
        # sudo: ir.actions.report - senders print for the clinic
        report = self.env["ir.actions.report"].sudo()
        content, _kind = report._render_qweb_pdf(
            "clinic_message.report_letter", message.ids
        )
        file = self.env["ir.attachment"].create(
            {
                "name": f"letter-{message.id}.pdf",
                "raw": content,
                "mimetype": "application/pdf",
                "res_model": message._name,
                "res_id": message.id,
            }
        )
        message.attachment_ids = [(4, file.id)]
        return Outcome("accepted")
