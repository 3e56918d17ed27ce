from odoo import fields, models

from ..lib.roles import STAFF_GROUPS


class ResPartner(models.Model):
    """The patient card: the copy of all data, and the erasure."""

    _inherit = "res.partner"

    erased_at = fields.Datetime(
        string="Erased", readonly=True, copy=False, groups=STAFF_GROUPS
    )

    def action_export_data(self):
        """Have a copy made of everything held about this patient."""
        self.ensure_one()
        self.env["clinic.access.export"]._ask(self)
        return dict(
            self.env["ir.actions.act_window"]._for_xml_id(
                "clinic_patient.clinic_access_export_action"
            ),
            domain=[("patient_id", "=", self.id)],
        )

    def action_erase(self):
        """Show what an erasure would do, and ask whether it is meant."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Erase this person"),
            "res_model": "clinic.erase",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_patient_id": self.id},
        }
