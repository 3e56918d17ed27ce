from odoo import models
from odoo.http import request


class IrHttp(models.AbstractModel):
    """Webhooks are signed over the bytes as they came: kept before forms are read."""

    _inherit = "ir.http"

    @classmethod
    def _pre_dispatch(cls, rule, args):
        result = super()._pre_dispatch(rule, args)
        if rule.rule.startswith("/clinic/gateway/"):
            request.httprequest.get_data(cache=True)
        return result
