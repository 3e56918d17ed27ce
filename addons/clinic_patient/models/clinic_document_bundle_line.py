from odoo import fields, models


class ClinicDocumentBundleLine(models.Model):
    """One paper of a bundle."""

    _name = "clinic.document.bundle.line"
    _description = "Paper of a bundle"
    _order = "bundle_id, sequence, id"
    _rec_name = "template_id"

    bundle_id = fields.Many2one(
        "clinic.document.bundle", required=True, index=True, ondelete="cascade"
    )
    sequence = fields.Integer(default=10)
    template_id = fields.Many2one(
        "clinic.document.template", required=True, index=True, ondelete="cascade"
    )

    _once = models.UniqueIndex(
        "(bundle_id, template_id)", "This paper is in the bundle already."
    )
