from odoo import api, fields, models


class ClinicMedicationRequest(models.Model):
    """One medicine of a prescription. FHIR R4 ``MedicationRequest``."""

    _name = "clinic.medication.request"
    _description = "Prescription"
    _inherit = "clinic.encounter.line"
    _rec_name = "medicine"

    medicine = fields.Char(required=True, help="Active substance or brand, strength.")
    dose = fields.Char(help="For example: 1 tablet, 5 ml.")
    route = fields.Selection(
        [
            ("oral", "By mouth"),
            ("topical", "On the skin"),
            ("inhaled", "Inhaled"),
            ("nasal", "Into the nose"),
            ("eye", "Into the eye"),
            ("ear", "Into the ear"),
            ("rectal", "Into the rectum"),
            ("vaginal", "Into the vagina"),
            ("subcutaneous", "Under the skin"),
            ("intramuscular", "Into the muscle"),
            ("intravenous", "Into the vein"),
        ],
        default="oral",
    )
    frequency = fields.Char(help="For example: every 8 hours, in the evening.")
    duration = fields.Char(help="For example: 7 days.")
    note = fields.Char(string="Advice")

    def _copied_fields(self):
        return [
            *super()._copied_fields(),
            "medicine",
            "dose",
            "route",
            "frequency",
            "duration",
            "note",
        ]

    @api.depends("medicine", "dose", "frequency", "duration")
    def _compute_display_name(self):
        for line in self:
            line.display_name = ", ".join(
                filter(None, [line.medicine, line.dose, line.frequency, line.duration])
            )
