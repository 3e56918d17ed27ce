from odoo import api, fields, models
from odoo.tools import SQL

from ..lib.roles import STAFF_GROUPS
from .res_partner_timeline import TimelineKind


class ResPartner(models.Model):
    """The patient card: papers that were issued."""

    _inherit = "res.partner"

    clinic_document_ids = fields.One2many(
        "clinic.document", "patient_id", string="Issued papers", groups=STAFF_GROUPS
    )
    clinic_document_count = fields.Integer(
        compute="_compute_clinic_document_count", groups=STAFF_GROUPS
    )

    @api.depends("clinic_document_ids")
    def _compute_clinic_document_count(self):
        documents = self.env["clinic.document"]
        counts = {}
        if documents.has_access("read"):
            counts = dict(
                documents._read_group(
                    [("patient_id", "in", self.ids), ("state", "!=", "void")],
                    ["patient_id"],
                    ["__count"],
                )
            )
        for partner in self:
            partner.clinic_document_count = counts.get(partner, 0)

    def _timeline_kinds(self):
        kinds = super()._timeline_kinds()
        documents = self.env["clinic.document"]
        if documents.has_access("read"):
            kinds.append(
                TimelineKind(
                    "paper",
                    self.env._("Issued papers"),
                    "fa-print",
                    "warning",
                    documents._search([("patient_id", "=", self.id)]),
                    SQL.identifier("clinic_document", "issued_on"),
                    self._describe_papers,
                )
            )
        return kinds

    def _describe_papers(self, ids):
        documents = self.env["clinic.document"].browse(ids)
        states = dict(documents._fields["state"]._description_selection(self.env))
        return {
            document.id: {
                "title": document.display_name,
                "author": document.issued_by_id.name,
                "badge": states[document.state],
                "badge_color": "success" if document.state == "signed" else "secondary",
                "open": {"model": "clinic.document", "id": document.id},
            }
            for document in documents
        }

    def action_open_clinic_documents(self):
        """The papers of this patient."""
        self.ensure_one()
        return dict(
            self.env["ir.actions.act_window"]._for_xml_id(
                "clinic_patient.clinic_document_action"
            ),
            domain=[("patient_id", "=", self.id)],
            context={"search_default_current": 1},
        )

    def action_print_documents(self):
        """Fill in papers for this patient."""
        self.ensure_one()
        return self.env["clinic.document.print"]._open(patient_id=self.id)
