from odoo import api, models
from odoo.tools import SQL


class ClinicMessage(models.Model):
    """A person with a device can be written to by push; the address is the person."""

    _inherit = "clinic.message"

    @api.model
    def _address_sql(self, channel):
        if channel != "push":
            return super()._address_sql(channel)
        return SQL(
            "SELECT person.id::text AS address, TRUE AS allowed WHERE EXISTS"
            " (SELECT FROM clinic_push_device d WHERE d.partner_id = person.id)"
        )
