from odoo import api, fields, models


class ResPartner(models.Model):
    """The visits of a patient, from the card."""

    _inherit = "res.partner"

    appointment_count = fields.Integer(
        string="Visits on the agenda",
        compute="_compute_appointment_count",
        groups="clinic_patient.group_clinic_user",
        help="Those you may see, cancelled ones left out.",
    )

    def _compute_appointment_count(self):
        Visit = self.env["clinic.appointment"]
        counts = {}
        if Visit.has_access("read"):
            counts = dict(
                Visit._read_group(
                    [
                        ("patient_id", "in", self.ids),
                        ("state", "not in", ("cancelled", "expired")),
                    ],
                    ["patient_id"],
                    ["__count"],
                )
            )
        for partner in self:
            partner.appointment_count = counts.get(partner._origin, 0)

    def action_view_appointments(self):
        """Open the visits of this patient."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "clinic_agenda.clinic_appointment_action"
        )
        return dict(
            action,
            domain=[("patient_id", "=", self.id)],
            context={"search_default_not_cancelled": 1},
        )

    @api.readonly
    def action_book_appointment(self):
        """Open the day sheet, ready to book for this patient."""
        self.ensure_one()
        action = self.env["ir.actions.client"]._for_xml_id(
            "clinic_agenda.clinic_day_sheet_action"
        )
        return dict(action, context={"patient_id": self.id, "patient_name": self.name})
