from odoo import api, models


class ClinicMessage(models.Model):
    """The key of a message as Odoo's receipts write it: digits without dashes."""

    _inherit = "clinic.message"

    @api.model
    def _of_bare_uuid(self, *uuids):
        """Return the messages of Odoo's SMS with these keys."""
        dashed = [
            "-".join((each[:8], each[8:12], each[12:16], each[16:20], each[20:]))
            for each in uuids
        ]
        return self.search(
            [("uuid", "in", dashed), ("provider_id.kind", "=", "odoo_sms")]
        )
