from odoo import api, models

from odoo.addons.base.models.ir_cron import ODOO_NOTIFY_FUNCTION

from ..lib.waker import waker


class IrCron(models.Model):
    _inherit = "ir.cron"

    @api.model
    def _notifydb(self):
        """Wake the processes that run jobs on a connection that stays open.

        A booking sets off up to three jobs; Odoo would open a connection for each.
        """
        waker.notify(ODOO_NOTIFY_FUNCTION, "cron_trigger", [self.env.cr.dbname])
