from odoo import api, fields, models


class ClinicEncounterLine(models.AbstractModel):
    """A part of an encounter: written with it, and fixed with it."""

    _name = "clinic.encounter.line"
    _description = "Part of an encounter"
    _order = "encounter_id, sequence, id"

    encounter_id = fields.Many2one(
        "clinic.encounter", required=True, index=True, ondelete="cascade"
    )
    state = fields.Selection(related="encounter_id.state")
    sequence = fields.Integer(default=10)

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines.encounter_id._check_editable()
        return lines

    def write(self, vals):
        self.encounter_id._check_editable()
        result = super().write(vals)
        self.encounter_id._check_editable()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_signed(self):
        self.encounter_id._check_editable()

    def _copied_fields(self):
        """Names of what another encounter takes over."""
        return ["sequence"]

    def _copied_vals(self):
        self.ensure_one()
        return {
            name: self[name].id if self._fields[name].relational else self[name]
            for name in self._copied_fields()
        }


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
