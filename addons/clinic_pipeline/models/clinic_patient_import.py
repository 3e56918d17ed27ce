from odoo import fields, models
from odoo.tools import SQL


class ClinicPatientImport(models.Model):
    """Patients who come in with an import may be put into Patient Base."""

    _inherit = "clinic.patient.import"

    open_deals = fields.Boolean(
        string="Put them into Patient Base",
        help="Opens a deal in the pipeline Patient Base for each new card.",
    )

    def _finish_import(self):
        """Open the deals, if asked for."""
        result = super()._finish_import()
        if self.open_deals:
            # sudo: crm.lead - asked for by who may import, whatever pipelines they see
            self.env["crm.lead"].sudo()._open_base_deals(
                SQL(
                    "res_partner.id IN (SELECT partner_id FROM"
                    " clinic_patient_import_row WHERE import_id = %s"
                    " AND state IN ('imported', 'second'))",
                    self.id,
                )
            )
        return result
