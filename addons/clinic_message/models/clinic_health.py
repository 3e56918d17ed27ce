from odoo import api, models

from odoo.addons.clinic_base.models.clinic_health import Check

#: How bad each state of a provider is.
LEVEL = {"good": "good", "shaky": "warning", "held": "warning"}


class ClinicHealth(models.AbstractModel):
    """Providers that do not answer, or whose answers cannot be used."""

    _inherit = "clinic.health"

    @api.model
    def _checks(self):
        # sudo: clinic.message.provider - names of providers, for administrators
        providers = self.env["clinic.message.provider"].sudo()
        providers = providers.search([("active", "=", True)])
        ill = providers.filtered(lambda each: each.health != "good")
        if not ill:
            words = self.env._("All providers of messages work.")
            return [*super()._checks(), Check("providers", "good", words)]
        level = "bad" if any(each.health not in LEVEL for each in ill) else "warning"
        words = self.env._(
            "Messages do not leave as they should by: %(names)s. See Messages › "
            "Providers.",
            names=", ".join(ill.mapped("name")),
        )
        return [*super()._checks(), Check("providers", level, words)]
