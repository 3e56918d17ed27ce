from odoo import SUPERUSER_ID, api, models

from odoo.addons.base.models.ir_cron import ODOO_NOTIFY_FUNCTION

from ..lib import clock
from ..lib.waker import waker

#: Where the ids of the jobs that a transaction sets off wait for its end.
SET_OFF = "clinic_set_off"


class IrCron(models.Model):
    """Jobs are set off together, and told of on a connection that stays open."""

    _inherit = "ir.cron"

    @api.model
    def _set_off(self, xmlid):
        """Have a job begin as soon as this transaction is committed.

        :param str xmlid: of the ``ir.cron``; without effect if somebody removed it
        """
        cron = self.env["ir.model.data"]._xmlid_to_res_id(xmlid)
        if cron:
            self.browse(cron)._begin_soon()

    def _begin_soon(self):
        """Have these jobs begin as soon as this transaction is committed.

        Once, however often it is asked for: a booking sets off two jobs, and a segment
        thousands of messages. Whoever causes work needs no right to jobs.
        """
        precommit = self.env.cr.precommit
        if SET_OFF not in precommit.data:
            precommit.data[SET_OFF] = set()
            precommit.add(self.env["ir.cron"]._begin_those_set_off)
        precommit.data[SET_OFF].update(self.ids)

    @api.model
    def _begin_those_set_off(self):
        waiting = self.env.cr.precommit.data.pop(SET_OFF, ())
        # sudo: ir.cron, ir.cron.trigger - work is done whoever caused it
        jobs = self.sudo().search(
            [("id", "in", sorted(waiting)), ("active", "=", True)]
        )
        if jobs:
            now = clock.now()
            jobs.env["ir.cron.trigger"].create(
                [{"cron_id": job.id, "call_at": now} for job in jobs]
            )
            self.env.cr.postcommit.add(self._notifydb)

    @api.model
    def _notifydb(self):
        """Wake the processes that run jobs on a connection that stays open.

        Odoo would open a connection each time.
        """
        waker.notify(ODOO_NOTIFY_FUNCTION, "cron_trigger", [self.env.cr.dbname])

    @classmethod
    def _process_job(cls, cron_cr, job):
        """Run a job only by a clock that can be trusted.

        What is due stays due: by a clock that is a year ahead Odoo would also put off
        the next run by a year.
        """
        env = api.Environment(cron_cr, SUPERUSER_ID, {})
        if not env["clinic.clock"]._may_run():
            return None
        return super()._process_job(cron_cr, job)
