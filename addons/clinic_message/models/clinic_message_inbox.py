from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import UserError

from ..lib.sms_text import segments

PAGE = 60


class ClinicMessage(models.Model):
    """The inbox: conversations with patients, and who answers them."""

    _inherit = "clinic.message"

    @api.model
    @api.readonly
    def inbox(self, shown="open", words="", limit=PAGE):
        """Return the conversations to look at, the longest waiting first.

        :param str shown: ``open``, ``mine`` or ``all``
        :param str words: part of a name, number or text
        :param int limit: conversations, 200 at most
        :returns: list of dicts with the last message of each conversation
        """
        domain = [("direction", "=", "in"), ("address", "!=", False)]
        if shown != "all":
            domain.append(("inbox_state", "in", ("new", "open")))
        if shown == "mine":
            domain.append(("responsible_id", "=", self.env.uid))
        if words:
            domain += [
                "|",
                "|",
                ("address", "ilike", words),
                ("body", "ilike", words),
                ("recipient_id.name", "ilike", words),
            ]
        order = "queued_at desc, id desc" if shown == "all" else "queued_at, id"
        found = self.search(domain, order=order, limit=1000)
        threads = {}
        for message in found:
            threads.setdefault((message.channel, message.address), []).append(message)
        return [
            self._describe_thread(messages)
            for messages in list(threads.values())[: min(int(limit), 200)]
        ]

    @api.model
    def _describe_thread(self, messages):
        last = max(messages, key=lambda message: (message.queued_at, message.id))
        waiting = [each for each in messages if each.inbox_state in ("new", "open")]
        return {
            "id": last.id,
            "channel": last.channel,
            "address": last.address,
            "who": last._who_words(),
            "patient_id": last.patient_id.id,
            "unclear": bool(last.candidate_ids),
            "text": (last.shown_body or "")[:140],
            "moment": fields.Datetime.to_string(last.queued_at),
            "waiting": len(waiting),
            "is_new": any(each.inbox_state == "new" for each in waiting),
            "responsible": last.responsible_id.name or "",
        }

    def _who_words(self):
        self.ensure_one()
        if self.candidate_ids:
            return " / ".join(
                person.given_name or person.name for person in self.candidate_ids
            )
        return (
            self.patient_id.name
            or self.recipient_id.name
            or self.env._("Unknown: %s", self.address)
        )

    @api.readonly
    def conversation(self, limit=PAGE):
        """Return everything said with the address of this message, oldest first.

        :param int limit: messages, 200 at most
        :returns: dict for the conversation beside the list
        """
        self.ensure_one()
        self.check_access("read")
        lines = self.search(
            [("channel", "=", self.channel), ("address", "=", self.address)],
            order="queued_at desc, id desc",
            limit=min(int(limit), 200),
        )
        states = dict(self._fields["state"]._description_selection(self.env))
        return {
            **self._describe_thread([self]),
            "candidates": [
                {"id": person.id, "name": person.display_name}
                for person in self.candidate_ids
            ],
            "patient": self.patient_id.display_name or "",
            "inbox_state": self.inbox_state,
            "can_write": self._may_talk(),
            "actions": self._inbox_actions(),
            "matters": self._inbox_matters(),
            "lines": [
                {
                    "id": line.id,
                    "direction": line.direction,
                    "text": line.shown_body or line.subject or "",
                    "kind": line.kind_id.name or "",
                    "state": line.state,
                    "state_words": states[line.state],
                    "moment": fields.Datetime.to_string(line.queued_at),
                    "about": line.patient_id.name or "",
                    "by": line._writer_name(),
                    "files": [
                        {"id": file.id, "name": file.name}
                        # sudo: ir.attachment - files of a message that may be read
                        for file in line.sudo().attachment_ids
                    ],
                }
                for line in lines.sorted(lambda each: (each.queued_at, each.id))
            ],
        }

    def _writer_name(self):
        """The colleague who wrote; nothing for what the clinic writes by itself."""
        self.ensure_one()
        by_hand = self.direction == "out" and self.user_id.id != SUPERUSER_ID
        return self.user_id.name or "" if by_hand else ""

    def _inbox_actions(self):
        """Extension point: what can be done from a conversation.

        :returns: list of dicts ``{"method", "label", "icon"}``; the method returns an
            action of the web client
        """
        self.ensure_one()
        return []

    def _inbox_matters(self):
        """Extension point: what an answer may be about, shown above the conversation.

        :returns: list of dicts ``{"model", "id", "text"}`` of records that the user may
            read
        """
        self.ensure_one()
        return []

    def write_answer(self, text, token):
        """Answer by the same way.

        :param str text: what to say
        :param str token: made by the page for each answer; a repeat changes nothing
        :returns: the number of the answer
        :raises UserError: nothing was written
        """
        self.ensure_one()
        self._check_may_talk()
        text = (text or "").strip()
        if not text:
            raise UserError(self.env._("Write something first."))
        if len(text) > 4000:
            raise UserError(self.env._("An answer has 4,000 characters at most."))
        # sudo: clinic.message - the right was checked; the user writes none of it
        mine = self.sudo()
        answer = mine._write_back("reply", text, step=f"hand{str(token)[:40]}")
        self._thread_waiting().write({"inbox_state": "done"})
        if not mine.responsible_id:
            mine.responsible_id = self.env.user
        self._announce_inbox()
        return answer.id

    def finish(self):
        """Nothing more is to be done about these conversations."""
        self._check_may_talk()
        for message in self:
            message._thread_waiting().write({"inbox_state": "done"})
        self._announce_inbox()

    def take(self, user_id=None):
        """Have somebody look after a conversation: oneself, or a colleague.

        :param int user_id: of the colleague
        """
        self._check_may_talk()
        user = self.env["res.users"].browse(user_id) if user_id else self.env.user
        if not user.exists() or not user.sudo().has_group(
            "clinic_patient.group_clinic_user"
        ):
            raise UserError(self.env._("Choose a colleague of the clinic."))
        for message in self:
            message._thread_waiting().write(
                {"inbox_state": "open", "responsible_id": user.id}
            )
        self._announce_inbox()

    def say_who(self, partner_id):
        """Tell from whom a message is; it is dealt with as from that person.

        :param int partner_id: one of the candidates, or any card when there are none
        """
        self.ensure_one()
        self._check_may_talk()
        if self.direction != "in" or self.patient_id:
            raise UserError(self.env._("It is known from whom this message is."))
        person = self.env["res.partner"].browse(int(partner_id)).exists()
        if not person or (self.candidate_ids and person not in self.candidate_ids):
            raise UserError(self.env._("Choose one of the persons of this number."))
        person.check_access("read")
        # sudo: clinic.message - as above
        self.sudo()._is_from(person)
        self._announce_inbox()

    def _thread_waiting(self):
        """The messages of this conversation that somebody has to look at; in sudo.

        Of those that the user may read: what was written about another location is
        that location's to answer.
        """
        self.ensure_one()
        found = self.search(
            [
                ("channel", "=", self.channel),
                ("address", "=", self.address),
                ("inbox_state", "in", ("new", "open")),
            ]
        )
        # sudo: clinic.message - methods of the staff, whose rights were checked, write
        return found.sudo()

    def _after_state(self, old_state):
        """Who looks at a conversation sees what becomes of the answer."""
        result = super()._after_state(old_state)
        if self.kind_id.code == "reply" and self.user_id:
            self._announce_inbox()
        return result

    def _announce_inbox(self):
        """Tell open inboxes that something changed: nothing but that."""
        self.env.ref("clinic_patient.group_clinic_user").sudo()._bus_send(
            "clinic_message/inbox", {"id": False, "responsible_id": False}
        )

    @api.model
    @api.readonly
    def inbox_count(self):
        """Return how many conversations wait: mine, and those of nobody."""
        if not self.has_access("read"):
            return {"mine": 0, "free": 0}
        found = self.search_fetch(
            [("inbox_state", "in", ("new", "open"))],
            ["address", "channel", "responsible_id"],
            limit=500,
        )
        threads = {(each.channel, each.address): each for each in found}.values()
        return {
            "mine": sum(each.responsible_id == self.env.user for each in threads),
            "free": sum(not each.responsible_id for each in threads),
        }

    @api.model
    def sms_parts(self, text):
        """Return how many SMS a text takes, for the counter beside the answer."""
        return segments(text or "")
