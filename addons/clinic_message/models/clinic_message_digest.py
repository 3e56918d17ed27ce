from datetime import timedelta

from odoo import models
from odoo.tools import SQL

#: Messages of a kind to one address that are due within this time are told together.
TOGETHER = timedelta(hours=18)


class ClinicMessage(models.Model):
    """One message for a family: what one phone would be told several times at once."""

    _inherit = "clinic.message"

    def _gather_digests(self):
        """Take into these messages what waits for the same address and is of a kind.

        The others stay in the log, held back with the message that tells them.

        :returns: the messages that are sent
        """
        sent = self.browse()
        for message in self:
            if message.state != "claimed":
                continue
            sent |= message
            if message.kind_id.in_digest and message._origin_speaks():
                message._take_in(message._siblings())
        return sent

    def _origin_speaks(self):
        """Whether the origin can tell itself in one line."""
        origin = self._get_origin()
        return origin is not None and hasattr(origin, "_message_line")

    def _siblings(self):
        """Lock what else this address would be told of the kind in these hours."""
        self.ensure_one()
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT id FROM clinic_message
                 WHERE address = %(address)s AND channel = %(channel)s
                   AND kind_id = %(kind)s AND company_id = %(company)s
                   AND direction = 'out' AND id <> %(id)s AND NOT is_paused
                   AND (state = 'queued' AND due <= %(until)s
                        OR state = 'claimed' AND claim = %(claim)s)
                 ORDER BY due, id LIMIT 20 FOR NO KEY UPDATE SKIP LOCKED
                """,
                address=self.address,
                channel=self.channel,
                kind=self.kind_id.id,
                company=self.company_id.id,
                id=self.id,
                until=self.due + TOGETHER,
                claim=self.claim,
            )
        )
        siblings = self.browse(row[0] for row in rows)
        siblings.invalidate_recordset()
        siblings = siblings.filtered(lambda each: not each._is_obsolete())
        # Who was corrected or says no meanwhile is not told on this telephone; what
        # becomes of theirs is worked out at their own turn.
        held = siblings._as_of_now(self.company_id, self.kind_id)
        return siblings.filtered(
            lambda each: each.address == self.address and each.id not in held
        )

    def _take_in(self, siblings):
        if siblings:
            siblings._suppress("digest")
            siblings.write({"digest_id": self.id})

    def _digest_lines(self):
        """The lines of what is told in this message besides its own text."""
        self.ensure_one()
        told = self.search([("digest_id", "=", self.id)], order="due, id")
        return [
            origin._message_line(self.lang, message)
            for message in told
            if (origin := message._get_origin()) is not None
            and hasattr(origin, "_message_line")
        ]
