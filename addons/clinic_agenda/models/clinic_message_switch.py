from odoo import api, fields, models


class ClinicMessageSwitch(models.Model):
    """Switches of one location or one service: they count before the general ones."""

    _inherit = "clinic.message.switch"

    location_id = fields.Many2one(
        "clinic.location", ondelete="cascade", index="btree_not_null"
    )
    service_id = fields.Many2one(
        "product.template",
        domain=[("is_healthcare_service", "=", True)],
        ondelete="cascade",
        index="btree_not_null",
    )

    @api.model
    def _scope(self, company, record=None, location=None):
        scope = super()._scope(company, record, location)
        if record and record._name == "clinic.appointment":
            # sudo: clinic.appointment - the switches look at where and what it is
            visit = record.sudo()
            scope.update(location=visit.location_id, service=visit.service_id)
        return scope

    def _fits(self, scope):
        return (
            super()._fits(scope)
            and (not self.location_id or self.location_id == scope.get("location"))
            and (not self.service_id or self.service_id == scope.get("service"))
        )

    def _weight(self):
        return (
            super()._weight()
            + (2 if self.location_id else 0)
            + (4 if self.service_id else 0)
        )
