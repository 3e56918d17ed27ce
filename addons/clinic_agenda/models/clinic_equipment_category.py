from odoo import fields, models


class ClinicEquipmentCategory(models.Model):
    """A kind of device a service needs, whichever single device it is."""

    _name = "clinic.equipment.category"
    _description = "Clinic equipment category"
    _order = "name, id"

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    equipment_ids = fields.One2many("clinic.equipment", "category_id")
