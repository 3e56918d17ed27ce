from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..lib.document_life import KINDS


class ClinicDocumentTemplate(models.Model):
    """A paper of the clinic with gaps that are filled from a patient's card.

    The body is written in every language of the clinic; a gap is a path of fields in
    double braces, ``{{ patient.birth_date }}``, as in Odoo's inline templates, and
    never code (``clinic.document.filler``). Only managers write templates.
    """

    _name = "clinic.document.template"
    _description = "Document template"
    _order = "sequence, name, id"

    name = fields.Char(required=True, translate=True)
    kind = fields.Selection(KINDS, required=True, default="other")
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", help="Empty: for all companies.")
    body = fields.Html(translate=True, sanitize=True, required=True)
    needs_signature = fields.Boolean(
        string="To be signed",
        help="The patient, or who may sign for the patient, signs in the portal.",
    )
    confidential = fields.Boolean(
        string="Medical",
        help="Issued and read by those who treat the patient, not by the desk.",
    )
    placeholders = fields.Html(
        compute="_compute_placeholders", string="What can be filled in"
    )

    @api.depends_context("lang")
    def _compute_placeholders(self):
        table = self.env["clinic.document.filler"]._placeholder_table()
        for template in self:
            template.placeholders = table

    @api.constrains("body")
    def _check_body(self):
        filler = self.env["clinic.document.filler"]
        for template in self:
            wrong = filler._unknown(template.body)
            if wrong:
                raise ValidationError(
                    self.env._(
                        "These gaps cannot be filled: %(list)s. Choose from the list "
                        "beside the text, for example {{ patient.name }}.",
                        list=", ".join(wrong),
                    )
                )

    def action_preview(self):
        """Try the template on a real patient."""
        self.ensure_one()
        return self.env["clinic.document.print"]._open(template_ids=self.ids)
