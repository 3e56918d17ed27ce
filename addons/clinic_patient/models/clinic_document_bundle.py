from odoo import fields, models


class ClinicDocumentBundle(models.Model):
    """Papers that are printed together, in one order: what a new patient signs."""

    _name = "clinic.document.bundle"
    _description = "Document bundle"
    _order = "sequence, name, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", help="Empty: for all companies.")
    line_ids = fields.One2many("clinic.document.bundle.line", "bundle_id", copy=True)
