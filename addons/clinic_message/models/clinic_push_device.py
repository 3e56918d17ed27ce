from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.mail.tools import jwt

from ..lib.web_push import is_service

#: Devices one person may register; the oldest goes.
MOST = 10
PRIVATE = "mail.web_push_vapid_private_key"
PUBLIC = "mail.web_push_vapid_public_key"


class ClinicPushDevice(models.Model):
    """A browser of a patient that shows our pushes.

    Apart from Odoo's own devices, which are those of employees.
    """

    _name = "clinic.push.device"
    _description = "Push device"
    _order = "id desc"
    _rec_name = "partner_id"

    partner_id = fields.Many2one(
        "res.partner", required=True, index=True, ondelete="cascade"
    )
    endpoint = fields.Char(required=True, groups="base.group_system")
    p256dh = fields.Char(required=True, groups="base.group_system")
    auth = fields.Char(required=True, groups="base.group_system")

    _endpoint_unique = models.UniqueIndex("(endpoint)")

    @api.model
    def _add_device(self, partner, endpoint, p256dh, auth):
        """Have a browser show the pushes of a person; a repeat changes nothing.

        A browser belongs to who used it last: it shows no messages of who went away.

        :param partner: ``res.partner``, the person logged in
        :param str endpoint: address at the browser's push service
        :param str p256dh: public key of the browser, base64url
        :param str auth: its secret, base64url
        :raises UserError: this is no browser's push service
        """
        # sudo: clinic.message.provider - hosts that an administrator allows
        inside = self.env["clinic.message.provider"].sudo()._inside_hosts()
        if not self._is_key(p256dh, 65) or not self._is_key(auth, 16):
            raise UserError(self.env._("Your browser sent no keys: try again."))
        if len(endpoint) > 1000 or not is_service(endpoint, inside):
            raise UserError(
                self.env._("The push service of your browser is not supported.")
            )
        known = self.search([("endpoint", "=", endpoint)])
        vals = {"partner_id": partner.id, "p256dh": p256dh, "auth": auth}
        if known:
            known.write(vals)
            return known
        device = self.create({**vals, "endpoint": endpoint})
        self.search([("partner_id", "=", partner.id)])[MOST:].unlink()
        return device

    @api.model
    def _is_key(self, text, size):
        """Whether a text is so many bytes in base64url."""
        try:
            return len(jwt.base64_decode_with_padding(text)) == size
        except (ValueError, TypeError, AttributeError):
            return False

    @api.model
    def _public_key(self):
        """The key by which push services know this clinic; Odoo's own."""
        # sudo: ir.config_parameter - the public half of the key
        parameters = self.env["ir.config_parameter"].sudo()
        if not parameters.get_param(PUBLIC) or not parameters.get_param(PRIVATE):
            private, public = jwt.generate_vapid_keys()
            parameters.set_param(PRIVATE, private)
            parameters.set_param(PUBLIC, public)
        return parameters.get_param(PUBLIC)
