from odoo import fields, models

from ..lib.roles import ADMINISTRATOR_GROUPS


class ResGroups(models.Model):
    _inherit = "res.groups"

    clinic_second_factor = fields.Boolean(
        "Second factor at log-in",
        help="Whoever has this role confirms each log-in from a new device: with an "
        "app or a passkey where they set one up, else with a code that comes by "
        "e-mail. Programs then need an API key.",
        groups=ADMINISTRATOR_GROUPS,
    )
