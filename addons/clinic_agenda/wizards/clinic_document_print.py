from odoo import fields, models


class ClinicDocumentPrint(models.TransientModel):
    _inherit = "clinic.document.print"

    appointment_id = fields.Many2one(
        "clinic.appointment",
        string="Visit",
        domain="[('patient_id', '=', patient_id)]",
    )

    def _sources(self):
        """The visit, when it is one of the chosen patient."""
        visit = self.appointment_id
        if visit.patient_id != self.patient_id:
            visit = visit.browse()
        return super()._sources() | {"visit": visit}
