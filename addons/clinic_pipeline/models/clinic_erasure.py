from odoo import api, models


class ClinicErasure(models.AbstractModel):
    """Erasing a person: what waits to move deals goes, deals lose the name."""

    _inherit = "clinic.erasure"

    @api.model
    def _deleted_models(self):
        return super()._deleted_models() | {"clinic.pipeline.cause"}
