from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import NO_ACCESS

from odoo.addons.clinic_base.lib import clock

#: How long the address of a code is kept: a week's questions of who got none.
KEPT = timedelta(days=7)


class ClinicMessage(models.Model):
    """One-time codes: before everything else, and nothing of them is kept.

    The log says that a code was sent, and not which: the text with the code stands in a
    field that nobody reads, and goes when it has left or cannot leave any more.
    """

    _inherit = "clinic.message"

    is_at_once = fields.Boolean(
        readonly=True, default=False, help="Leaves before all that waits."
    )
    secret_body = fields.Text(
        readonly=True,
        copy=False,
        groups=NO_ACCESS,
        help="As it is sent; forgotten then.",
    )

    _at_once = models.Index(
        "(provider_id, due, id) WHERE state = 'queued' AND is_at_once"
    )

    def _text(self, values=None):
        if self.is_at_once:
            return self.subject or "", self.secret_body or ""
        return super()._text(values)

    def _after_state(self, old_state):
        result = super()._after_state(old_state)
        if self.secret_body and self.state not in ("queued", "claimed"):
            self.secret_body = False
        return result

    def _cancel_queued(self, reason=""):
        taken = super()._cancel_queued(reason)
        taken.filtered("is_at_once").write({"secret_body": False})
        return taken

    @api.autovacuum
    def _gc_at_once(self):
        """Forget the numbers that codes went to; what they cost stays."""
        now = clock.now()
        over = self.search(
            [
                ("is_at_once", "=", True),
                ("secret_body", "!=", False),
                ("expires_at", "<", now - timedelta(hours=1)),
            ],
            limit=10000,
        )
        over.write({"secret_body": False})
        old = self.search(
            [
                ("is_at_once", "=", True),
                ("address", "!=", False),
                ("queued_at", "<", now - KEPT),
            ],
            limit=10000,
        )
        old.write({"address": False})
