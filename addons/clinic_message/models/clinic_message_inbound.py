from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ..lib import keywords
from ..lib.channels import BY_NUMBER
from ..lib.states import GONE

#: How long a message may wait for the answer that it asks for.
ANSWERED_WITHIN = timedelta(days=7)
#: How long the question "about whom?" waits for a number.
NUMBER_WITHIN = timedelta(hours=24)


class ClinicMessage(models.Model):
    """What patients write: who wrote, about whom, and what it means."""

    _inherit = "clinic.message"

    @api.model
    def _receive(
        self,
        provider,
        channel,
        sender,
        body,
        provider_uid,
        received_at=None,
        media=None,
        reply_uid=None,
        subject=None,
    ):
        """Take in one message from a provider; a repeat changes nothing.

        :param provider: ``clinic.message.provider``
        :param str channel: see ``lib/channels.py``
        :param str sender: number in any spelling, or e-mail address
        :param str body: what was written; cut at 10,000 characters
        :param str provider_uid: the provider's number of it
        :param datetime received_at: naive UTC
        :param media: list of ``(name, mimetype, bytes)``
        :param str reply_uid: the provider's number of the message it answers
        :returns: the message
        """
        known = provider_uid and self._find_of(provider, provider_uid)
        if known:
            return known
        address = self._read_address(channel, sender)
        body = (body or "").replace("\0", "")[:10000]
        meaning = keywords.keyword(body)
        answered = reply_uid and self._find_of(provider, reply_uid) or self.browse()
        company = provider.company_id or answered.company_id or self.env.company
        found = self._who_wrote(channel, address, answered, company)
        message = self.create(
            {
                "direction": "in",
                "channel": channel,
                "state": "received",
                "company_id": company.id,
                "provider_id": provider.id,
                "provider_uid": provider_uid,
                "address": address,
                "body": body,
                "subject": subject or False,
                "queued_at": received_at or fields.Datetime.now(),
                "keyword": meaning,
                "inbox_state": "new",
                **found,
            }
        )
        if media:
            message.attachment_ids = [
                (
                    0,
                    0,
                    {
                        "name": name,
                        "mimetype": mimetype,
                        "raw": content,
                        "res_model": self._name,
                        "res_id": message.id,
                    },
                )
                for name, mimetype, content in media
            ]
        message._record_events("received", "patient")
        if message.reply_to_id:
            message.reply_to_id._apply_state("replied", source="patient")
        message._deal_with()
        return message

    @api.model
    def _read_address(self, channel, sender):
        """The address as it is kept, however a provider writes it."""
        text = (sender or "").strip()
        if channel not in BY_NUMBER:
            return text.lower()[:200]
        plus = text if text.startswith("+") else f"+{text.lstrip('0')}"
        return (
            self.env["clinic.phone"]._try_normalize(plus)
            or self.env["clinic.phone"]._try_normalize(text)
            or text[:40]
        )

    @api.model
    def _who_wrote(self, channel, address, answered, company):
        """Work out who wrote and about whom.

        The message that is answered says it; else those that lately asked this address
        for an answer, when they are about one person; else who holds the address, when
        it is one person. Otherwise the candidates are kept, and somebody is asked.

        :returns: dict of values
        """
        if answered:
            return {
                "recipient_id": answered.recipient_id.id,
                "patient_id": answered.patient_id.id,
                "reply_to_id": answered.id,
            }
        recent = self.search(
            [
                ("address", "=", address),
                ("channel", "=", channel),
                ("direction", "=", "out"),
                ("state", "in", GONE),
                ("company_id", "=", company.id),
                ("queued_at", ">", fields.Datetime.now() - ANSWERED_WITHIN),
                ("patient_id", "!=", False),
                ("kind_id.code", "not in", ("reply", "reply_ask")),
            ],
            order="id desc",
            limit=50,
        )
        about = recent.patient_id
        if len(about) == 1:
            return {
                "recipient_id": recent[0].recipient_id.id,
                "patient_id": about.id,
                "reply_to_id": recent[0].id,
            }
        holders = self._holders(channel, address)
        candidates = about or holders
        if len(candidates) == 1:
            return {"recipient_id": candidates.id, "patient_id": candidates.id}
        return {"candidate_ids": [(6, 0, candidates.ids)]} if candidates else {}

    @api.model
    def _holders(self, channel, address):
        """Return the persons who may be reached by an address."""
        if not address:
            return self.env["res.partner"]
        if channel in BY_NUMBER:
            rows = self.env.execute_query(
                SQL(
                    "SELECT DISTINCT p.id FROM clinic_phone f JOIN res_partner p"
                    " ON p.id = f.partner_id WHERE f.e164 = %s AND p.active"
                    " ORDER BY p.id LIMIT 20",
                    address,
                )
            )
            return self.env["res.partner"].browse(row[0] for row in rows)
        return self.env["res.partner"].search(
            [("email_normalized", "=", address), ("is_patient", "=", True)], limit=20
        )

    def _deal_with(self):
        """Do what the message asks for, or show it to somebody."""
        self.ensure_one()
        if self._answers_question():
            return
        handled = False
        if self.keyword == "stop":
            handled = self._deal_with_stop()
        elif self.keyword == "start":
            handled = self._deal_with_start()
        elif self.keyword == "help":
            handled = self._reply_automatically(self._help_text())
        if not handled:
            handled = bool(self._after_inbound(self.keyword))
        if not handled and self.candidate_ids and self.keyword:
            self._ask_about_whom()
        if handled:
            self.inbox_state = "done"
        if self.patient_id and self.keyword != "stop":
            self.env["clinic.pipeline.cause"]._record(
                [
                    {
                        "kind": "contact",
                        "patient_id": self.patient_id.id,
                        "channel": "email" if self.channel == "email" else "message",
                    }
                ]
            )
        if not handled:
            self._tell_staff()

    def _after_inbound(self, keyword):
        """Extension point: a message came in and its writer is known, or candidates.

        :param str keyword: see ``lib/keywords.py``, or ``None``
        :returns: whether it was dealt with: no person need look at it
        """
        return False

    def _deal_with_stop(self):
        last = self.search(
            [
                ("address", "=", self.address),
                ("channel", "=", self.channel),
                ("direction", "=", "out"),
                ("state", "in", GONE),
                ("purpose", "in", ("care", "marketing")),
            ],
            order="id desc",
            limit=1,
        )
        purpose = "care" if last.purpose == "care" else "marketing"
        channel = self.channel if purpose == "care" else None
        # sudo: clinic.message.optout - the holder of the address decides
        self.env["clinic.message.optout"].sudo()._stop(
            self.address, channel, purpose, "reply", self.recipient_id
        )
        self._reply_automatically(
            self.with_context(lang=self._answer_lang()).env._(
                "You will get no more of these messages here. Write START to get "
                "them again."
            )
        )
        return True

    def _deal_with_start(self):
        listed = self.env["clinic.message.optout"]._start(self.address, self.channel)
        if listed:
            self._reply_automatically(
                self.with_context(lang=self._answer_lang()).env._(
                    "You will get our messages here again."
                )
            )
        return bool(listed)

    def _answer_lang(self):
        """The language in which to answer whoever wrote."""
        person = self.recipient_id or self.candidate_ids[:1]
        return person.lang or self.reply_to_id.lang or self.env.lang or "en_US"

    def _help_text(self):
        return self.with_context(lang=self._answer_lang()).env._(
            "%(clinic)s: call %(phone)s. Write STOP to get no more messages.",
            clinic=self.company_id.name,
            phone=self.company_id.phone or "-",
        )

    def _reply_automatically(self, text):
        """Answer by the same way; one automatic answer to each message.

        :returns: whether an answer was written
        """
        return bool(self._write_back("reply", text, step="auto"))

    def _write_back(self, kind_code, text, step, user=None):
        """Write to where this message came from, whoever holds the address.

        :param str kind_code: kind of the answer
        :param str text: as it is to be sent
        :param str step: tells answers to one message apart; each is written once
        :returns: the answer
        """
        self.ensure_one()
        kind = self.env["clinic.message.kind"]._by_code(kind_code)
        person = self.recipient_id or self.candidate_ids[:1]
        key = f"{self._key_prefix(kind, self._name)}{self.id}:{step}"
        known = self.search([("key", "=", key)], limit=1)
        if known:
            return known
        now = fields.Datetime.now()
        answer = self.create(
            {
                "direction": "out",
                "channel": self.channel,
                "kind_id": kind.id,
                "purpose": kind.purpose,
                "company_id": self.company_id.id,
                "patient_id": self.patient_id.id,
                "recipient_id": person.id,
                "address": self.address,
                "lang": self._answer_lang(),
                "zone": person.tz or self.company_id.partner_id.tz or "UTC",
                "subject": self.subject and f"Re: {self.subject}",
                "body": text,
                "res_model": self._name,
                "res_id": self.id,
                "step": step,
                "key": key,
                "provider_id": self.provider_id.id,
                "due": now,
                "expires_at": now + timedelta(hours=kind.validity_hours),
                "user_id": self.env.uid,
                "reply_to_id": self.id,
            }
        )
        answer._choose_provider()
        answer.provider_id._wake()
        return answer

    def _ask_about_whom(self):
        """Ask the holder of a shared phone which of the family is meant."""
        lines = "\n".join(
            f"{number} {person.given_name or person.name}"
            for number, person in enumerate(self.candidate_ids[:9], 1)
        )
        text = self.with_context(lang=self._answer_lang()).env._(
            "Whom is it about? Answer with the number:"
        )
        return self._write_back("reply_ask", f"{text}\n{lines}", step="ask")

    def _answers_question(self):
        """Whether this is the number that was asked for; then the first message is
        dealt with as from that person."""
        number = keywords.number(self.body)
        if not number:
            return False
        question = self.search(
            [
                ("address", "=", self.address),
                ("channel", "=", self.channel),
                ("direction", "=", "out"),
                ("kind_id.code", "=", "reply_ask"),
                ("queued_at", ">", fields.Datetime.now() - NUMBER_WITHIN),
            ],
            order="id desc",
            limit=1,
        )
        first = self.browse(question.res_id).exists() if question else self.browse()
        people = first.candidate_ids
        if not first or first.patient_id or number > len(people):
            return False
        person = people[number - 1]
        self.write(
            {
                "recipient_id": person.id,
                "patient_id": person.id,
                "reply_to_id": question.id,
                "candidate_ids": [(5,)],
                "inbox_state": "done",
            }
        )
        first._is_from(person)
        return True

    def _is_from(self, person):
        """Somebody said who wrote this message: deal with it as from that person."""
        self.ensure_one()
        self.write(
            {
                "recipient_id": person.id,
                "patient_id": person.id,
                "candidate_ids": [(5,)],
            }
        )
        self._deal_with()

    def _tell_staff(self):
        """Show the message to who looks after the patient, or to the desk."""
        self.ensure_one()
        # sudo: res.partner - a field for the staff, read by the webhook
        user = self.responsible_id or self.patient_id.sudo().responsible_id
        if user and not self.responsible_id:
            self.responsible_id = user
        group = self.env.ref("clinic_patient.group_clinic_user")
        # Ids only: whoever listens reads the rest with the rights of his own.
        (user.partner_id or group)._bus_send(
            "clinic_message/inbox", {"id": self.id, "responsible_id": user.id}
        )
