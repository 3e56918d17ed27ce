from odoo import fields, models


class ClinicSpecialty(models.Model):
    """A branch of medicine (Italian *branca*) under which services are found."""

    _name = "clinic.specialty"
    _description = "Clinic specialty"
    _order = "sequence, name, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(help="Code in the hospital system or the national list.")
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    color = fields.Integer()
    icon = fields.Char(
        default="fa-stethoscope", help="Font Awesome icon shown on the booking page."
    )
    synonyms = fields.Char(
        translate=True,
        help="Words patients use for it, separated by commas: heart, blood pressure",
    )
    description = fields.Text(translate=True)
    online_bookable = fields.Boolean(string="Booking on the website", default=True)
    service_ids = fields.One2many("product.template", "specialty_id")
    practitioner_ids = fields.Many2many(
        "clinic.practitioner", "clinic_practitioner_specialty_rel"
    )

    _code_unique = models.UniqueIndex(
        "(code) WHERE code IS NOT NULL", "This code already names another specialty."
    )
