from odoo import fields, models


class ClinicEncounterTemplate(models.Model):
    """Texts that practitioners of a specialty begin with."""

    _name = "clinic.encounter.template"
    _description = "Template of an encounter"
    _order = "specialty, sequence, name, id"

    name = fields.Char(required=True, translate=True)
    specialty = fields.Char(translate=True, help="For grouping, in your own words.")
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", help="Empty: for all companies.")
    complaint = fields.Text(string="Chief complaint", translate=True)
    history = fields.Text(string="Medical history", translate=True)
    examination = fields.Text(string="Findings", translate=True)
    plan = fields.Text(translate=True)
    condition_ids = fields.Many2many(
        "clinic.condition",
        string="Diagnoses",
        help="Proposed as suspected; the first as the main one.",
    )
