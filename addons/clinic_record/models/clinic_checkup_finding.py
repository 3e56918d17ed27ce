from odoo import api, fields, models


class ClinicCheckupFinding(models.Model):
    """What a check-up found with one person."""

    _name = "clinic.checkup.finding"
    _description = "Finding of a check-up"
    _order = "person_id, id"
    _rec_name = "condition_id"

    person_id = fields.Many2one(
        "clinic.checkup.person", required=True, index=True, ondelete="cascade"
    )
    condition_id = fields.Many2one(
        "clinic.condition", required=True, index=True, ondelete="restrict"
    )
    note = fields.Char()

    _once = models.UniqueIndex(
        "(person_id, condition_id)", "This finding is in the list already."
    )

    @api.model_create_multi
    def create(self, vals_list):
        """A finding says that the person was examined."""
        findings = super().create(vals_list)
        new = findings.person_id.filtered(lambda person: not person.examined_on)
        # sudo: clinic.checkup.person - follows from the finding, whoever entered it
        new.sudo().examined_on = fields.Date.context_today(self)
        return findings
