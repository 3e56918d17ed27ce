from odoo import models
from odoo.tools.misc import OrderedSet

from odoo.addons.bus.models.bus import ODOO_NOTIFY_FUNCTION, get_notify_payloads

from ..lib.waker import waker


class BusBus(models.Model):
    _inherit = "bus.bus"

    def _ensure_hooks(self):
        """Wake the listeners on a connection that stays open.

        Odoo's own hook stands aside where the channels are being gathered already.
        """
        kept = self.env.cr.postcommit.data
        if "bus.bus.channels" not in kept:
            kept["bus.bus.channels"] = OrderedSet()

            @self.env.cr.postcommit.add
            def notify():
                channels = list(kept.pop("bus.bus.channels"))
                waker.notify(
                    ODOO_NOTIFY_FUNCTION, "imbus", get_notify_payloads(channels)
                )

        return super()._ensure_hooks()
