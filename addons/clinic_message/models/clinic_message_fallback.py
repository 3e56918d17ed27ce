from datetime import timedelta

from odoo import api, models
from odoo.tools import SQL

from odoo.addons.clinic_base.lib import clock
from odoo.addons.clinic_base.models.claiming import claim

from ..lib.states import LOST, REACHED

BATCH = 200


class ClinicMessage(models.Model):
    """When a channel fails, or nothing is heard of it, the next one."""

    _inherit = "clinic.message"

    def _after_state(self, old_state):
        result = super()._after_state(old_state)
        if self.direction == "out":
            if self.state in LOST:
                self._fall_back()
            elif self.state in REACHED:
                # It arrived after all: nobody is told twice what still waits.
                stand_ins = self.search([("previous_id", "=", self.id)])
                stand_ins._cancel_queued("delivered")
        return result

    def _fall_back(self):
        """Write the same message for the next channel that was not tried.

        One stand-in at most for each message, by its key.

        :returns: the stand-in, perhaps empty
        """
        self.ensure_one()
        kind = self.kind_id
        if not kind or kind.delivery == "all" or not kind.switch_ids:
            return self.browse()
        root, tried = self, {self.channel}
        while root.previous_id:
            root = root.previous_id
            tried.add(root.channel)
        origin = self._get_origin()
        switches = self.env["clinic.message.switch"].sudo()
        scope = switches._scope(self.company_id, record=origin, location=None)
        for switch in switches._chosen(kind, scope):
            if switch.channel in tried:
                continue
            stand_in = self._stand_in(root, switch, origin)
            if stand_in.state == "queued":
                return stand_in
            # Not by this way either: the row stays in the log with its reason.
            tried.add(switch.channel)
        return self.browse()

    def _stand_in(self, root, switch, origin):
        found = self._queue(
            self.kind_id.code,
            self.patient_id or self.recipient_id,
            origin=origin,
            step=root.step or "",
            attempt=f"~{root.id}~{switch.channel}",
            channel=switch.channel,
            template=None if switch.template_id else self.template_id or None,
            expires_at=self.expires_at,
            campaign=self.campaign_id or None,
            location=self._place_record(),
            zone=self.zone,
            company=self.company_id,
            body=None if self.template_id else self.body,
            subject=None if self.template_id else self.subject,
        ).filtered(lambda each: each.recipient_id == self.recipient_id)
        found.write({"previous_id": self.id})
        return found[:1]

    @api.model
    def _cron_patience(self):
        """Scheduled action: try the next channel for what was not delivered in time."""
        if self._is_held():
            return
        while True:
            messages = claim(
                self,
                SQL(
                    "SELECT id FROM clinic_message WHERE patience_until <= %s"
                    " ORDER BY patience_until LIMIT %s FOR NO KEY UPDATE SKIP LOCKED",
                    clock.now(),
                    BATCH,
                ),
            )
            for message in messages:
                if message.state in ("accepted", "sent", "unknown"):
                    message._apart("_fall_back")
            waiting = messages.filtered(
                lambda each: each.state in ("queued", "claimed")
            )
            (messages - waiting).write({"patience_until": False})
            waiting.write({"patience_until": clock.now() + timedelta(minutes=5)})
            done = len(messages)
            if not self.env["ir.cron"]._commit_progress(done) or done < BATCH:
                break
