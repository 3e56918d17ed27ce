from odoo import fields, models
from odoo.exceptions import AccessError

from odoo.addons.clinic_base.lib import clock


class ClinicMessageRestart(models.TransientModel):
    """After a restore: what waits is looked at, then sent or taken back."""

    _name = "clinic.message.restart"
    _description = "Go on sending"

    waiting = fields.Integer(compute="_compute_waiting", string="Messages that wait")
    overdue = fields.Integer(compute="_compute_waiting", string="Due already")
    oldest = fields.Datetime(compute="_compute_waiting", string="The oldest is of")
    newest = fields.Datetime(compute="_compute_waiting", string="The newest is of")
    what = fields.Selection(
        [
            ("future", "Take back what is due already, send what comes later"),
            ("all", "Send all that waits"),
        ],
        required=True,
        default="future",
    )

    def _compute_waiting(self):
        messages = self.env["clinic.message"]
        now = clock.now()
        for wizard in self:
            wizard.waiting, wizard.oldest, wizard.newest = messages._read_group(
                self._waiting_domain(),
                aggregates=["__count", "queued_at:min", "queued_at:max"],
            )[0]
            wizard.overdue = messages.search_count(
                [*self._waiting_domain(), ("due", "<=", now)]
            )

    def _waiting_domain(self):
        return [("direction", "=", "out"), ("state", "in", ("queued", "claimed"))]

    def action_look(self):
        """Open the messages that wait."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Messages that wait"),
            "res_model": "clinic.message",
            "views": [(False, "list"), (False, "form")],
            "domain": self._waiting_domain(),
        }

    def action_go_on(self):
        """Send again from this database, after what may have been sent is taken back.

        :raises AccessError: only managers decide
        """
        self.ensure_one()
        if not self.env.user.has_group("clinic_patient.group_clinic_manager"):
            raise AccessError(self.env._("Only a manager lets the sending go on."))
        # sudo: clinic.message - of all locations, whoever looks after them
        messages = self.env["clinic.message"].sudo()
        if self.what == "future":
            now = clock.now()
            claimed = messages.search(
                [("direction", "=", "out"), ("state", "=", "claimed")]
            )
            claimed.write({"state": "queued", "lease_until": False, "claim": False})
            messages.search(
                [*self._waiting_domain(), ("due", "<=", now)]
            )._cancel_queued("restored")
            self._drop_odoo_queue()
        messages._go_on()
        return {"type": "ir.actions.client", "tag": "reload"}

    def _drop_odoo_queue(self):
        """Take back what Odoo itself had in its queues: links, invitations, notices."""
        # sudo: mail.mail, sms.sms, mail.push - the queues of all, by a manager's word
        mails = self.env["mail.mail"].sudo().search([("state", "=", "outgoing")])
        mails.write({"state": "cancel"})
        texts = self.env["sms.sms"].sudo().search([("state", "=", "outgoing")])
        texts.write({"state": "canceled"})
        pushes = self.env["mail.push"].sudo()
        pushes.search([("create_date", "<=", clock.now())]).unlink()
