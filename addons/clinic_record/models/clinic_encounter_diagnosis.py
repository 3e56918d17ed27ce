from odoo import fields, models


class ClinicEncounterDiagnosis(models.Model):
    """What the practitioner found to be the case, and how sure that is.

    FHIR R4 ``Encounter.diagnosis`` and ``Condition.verificationStatus``.
    """

    _name = "clinic.encounter.diagnosis"
    _description = "Diagnosis"
    _inherit = "clinic.encounter.line"
    _order = "encounter_id, rank, sequence, id"
    _rec_name = "condition_id"

    condition_id = fields.Many2one(
        "clinic.condition",
        string="Diagnosis",
        required=True,
        index=True,
        ondelete="restrict",
    )
    rank = fields.Selection(
        [("main", "Main"), ("secondary", "Secondary")],
        required=True,
        default="main",
    )
    certainty = fields.Selection(
        [
            ("confirmed", "Confirmed"),
            ("provisional", "Suspected"),
            ("differential", "To be told apart"),
            ("refuted", "Ruled out"),
        ],
        required=True,
        default="confirmed",
        help="Confirmed ones stand on the card of the patient once you sign.",
    )
    note = fields.Char(string="Words", help="For example the side, the stage.")

    _one_main = models.UniqueIndex(
        "(encounter_id) WHERE rank = 'main'",
        "An encounter has one main diagnosis: make the others secondary.",
    )
    _once = models.UniqueIndex(
        "(encounter_id, condition_id)", "This diagnosis is in the list already."
    )

    def _copied_fields(self):
        return [*super()._copied_fields(), "condition_id", "rank", "certainty", "note"]
