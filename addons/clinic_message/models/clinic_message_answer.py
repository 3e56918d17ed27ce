from datetime import timedelta

from odoo import models

from odoo.addons.clinic_base.lib import clock

from ..lib import keywords
from ..lib.states import GONE

#: How long the question "about whom?" waits for a number.
NUMBER_WITHIN = timedelta(hours=24)
#: Automatic answers to one address within an hour.
MOST_ANSWERS = 10


class ClinicMessage(models.Model):
    """What an inbound message means, and what is done about it."""

    _inherit = "clinic.message"

    def _deal_with(self, is_proven=False):
        """Do what the message asks for, or show it to somebody.

        :param bool is_proven: the holder of the address has confirmed to be the writer
        """
        self.ensure_one()
        if self._answers_question():
            return
        proven = is_proven or self._is_proven()
        # That somebody wrote is noted, what it says is done for its writer alone.
        handled = self._act() if proven else bool(self._after_inbound(None))
        if not handled and self.candidate_ids and self.keyword:
            if proven or not self._was_asked_lately():
                self._ask_about_whom()
        if handled:
            self.inbox_state = "done"
        if self.patient_id and self.keyword != "stop":
            is_mail = self.channel == "email"
            self.patient_id._contacted("email" if is_mail else "message")
        if not handled:
            self._tell_staff()

    def _act(self):
        """Do what a keyword asks for; whether no person need look at it."""
        self.ensure_one()
        if self._thanks_for_automatic():
            return True
        handled = False
        if self.keyword == "stop":
            handled = self._deal_with_stop()
        elif self.keyword == "start":
            handled = self._deal_with_start()
        elif self.keyword == "help":
            # Told how to reach somebody; and somebody sees who needs help.
            self._reply_automatically(self._help_text())
        # With two questions open nobody knows which of them a word answers.
        keyword = None if self._asks_else() else self.keyword
        return handled or bool(self._after_inbound(keyword))

    def _thanks_for_automatic(self):
        """Whether a YES only says OK to an automatic answer, the last that came here.

        "OK, thanks" after the answer to HELP agrees to nothing that was asked before
        it. Who names the message that is answered speaks of that one.
        """
        self.ensure_one()
        if self.keyword != "yes" or (self.reply_to_id and not self.reply_is_guessed):
            return False
        last = self._told_last(self.channel, self.address, self.company_id, self)
        return last.step == "auto" and last != self.reply_to_id

    def _asks_else(self):
        """Whether a question of another sort waits for an answer from here, too."""
        self.ensure_one()
        asked = self.reply_to_id
        if not asked or not self.reply_is_guessed:
            return False
        recent = self._asked_lately(
            self.channel, self.address, self.company_id, before=self
        )
        return any(
            each.patient_id == self.patient_id
            and each._about_model() != asked._about_model()
            and each._awaits_answer()
            for each in recent
        )

    def _about_model(self):
        """The model of what this message tells of."""
        self.ensure_one()
        return self.named[0][0] if self.named else self.res_model

    def _awaits_answer(self):
        """Whether this message asked something that its origin still wants to know."""
        self.ensure_one()
        origin = self._get_origin()
        ask = getattr(origin, "_message_awaits_answer", None)
        return bool(ask and ask(self))

    def _is_proven(self):
        """Whether it comes from the address it names: an e-mail proves it by answering
        one of ours."""
        self.ensure_one()
        return self.channel != "email" or bool(self.reply_to_id)

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

    def _reply_automatically(self, text, about=None, named=None):
        """Answer by the same way; one automatic answer to each message.

        Two machines that answer each other are parted after some answers.

        :param str text: with places of personal links (``lib/personal_link.py``)
        :param about: the record that gives the links of the text
        :param named: the records that the text tells of: what is answered to it is
            about them
        :returns: whether an answer was written
        """
        lately = self.search_count(
            [
                ("address", "=", self.address),
                ("channel", "=", self.channel),
                ("direction", "=", "out"),
                ("kind_id.code", "=", "reply"),
                ("step", "=", "auto"),
                ("queued_at", ">", clock.now() - timedelta(hours=1)),
            ],
            limit=MOST_ANSWERS,
        )
        if lately >= MOST_ANSWERS:
            return False
        answer = self._write_back("reply", text, step="auto", about=about)
        if named and not answer.named:
            answer.named = [[named._name, named.ids]]
        return bool(answer)

    def _write_back(self, kind_code, text, step, about=None):
        """Write to where this message came from, whoever holds the address.

        :param str kind_code: kind of the answer
        :param str text: as it is to be sent
        :param str step: tells answers to one message apart; each is written once
        :param about: the record that gives the links of the text; the message itself
        :returns: the answer
        """
        self.ensure_one()
        self._refuse_links(text)
        about = about or self
        kind = self.env["clinic.message.kind"]._by_code(kind_code)
        person = self.recipient_id or self.candidate_ids[:1]
        key = f"{self._key_prefix(kind, self._name)}{self.id}:{step}"
        known = self.search([("key", "=", key)], limit=1)
        if known:
            return known
        now = clock.now()
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
                "address_is_given": True,
                "lang": self._answer_lang(),
                "zone": person.tz or self.company_id.partner_id.tz or "UTC",
                "subject": self.subject and f"Re: {self.subject}",
                "body": text,
                "res_model": about._name,
                "res_id": about.id,
                "step": step,
                "key": key,
                "provider_id": self.provider_id.id,
                "due": now,
                "expires_at": now + timedelta(hours=kind.validity_hours),
                "user_id": self.env.uid,
                "reply_to_id": self.id,
                **self._same_place(),
            }
        )
        answer._choose_provider()
        answer.provider_id._wake()
        return answer

    def _was_asked_lately(self):
        """Whether the address was asked within the hour: a question goes to whoever an
        e-mail names as its sender, and nobody can have us flood somebody with them."""
        return bool(
            self.search_count(
                [
                    ("address", "=", self.address),
                    ("channel", "=", self.channel),
                    ("kind_id.code", "=", "reply_ask"),
                    ("queued_at", ">", clock.now() - timedelta(hours=1)),
                ],
                limit=1,
            )
        )

    def _ask_about_whom(self):
        """Ask the holder of a shared phone which of the family is meant."""
        spoken = self.with_context(lang=self._answer_lang())
        return self._ask_for_number(
            spoken.env._("Whom is it about? Answer with the number:"),
            [(each.given_name or each.name, each) for each in self.candidate_ids],
            "ask",
        )

    def _ask_for_number(self, text, options, step):
        """Ask which of some things is meant; the number says it (``_chosen``).

        What each number stands for is kept: names and visits may change meanwhile.

        :param str text: the question
        :param list options: of ``(words, records)``, nine at most
        :param str step: tells questions about one message apart
        """
        lines = [f"{number} {words}" for number, (words, _what) in _numbered(options)]
        question = self._write_back("reply_ask", "\n".join([text, *lines]), step=step)
        if not question.named:
            question.named = [
                [what._name, what.ids] for _number, (_words, what) in _numbered(options)
            ]
        return question

    def _answers_question(self):
        """Whether this is the number that was asked for; then the first message is
        dealt with as if it had said so."""
        number = keywords.number(self.body)
        if not number:
            return False
        question = self.search(
            [
                ("address", "=", self.address),
                ("channel", "=", self.channel),
                ("direction", "=", "out"),
                ("kind_id.code", "=", "reply_ask"),
                ("queued_at", ">", clock.now() - NUMBER_WITHIN),
            ],
            order="id desc",
            limit=1,
        )
        first = self.browse(question.res_id).exists() if question else self.browse()
        if (
            not first
            or first.inbox_state == "done"
            or number > len(question.named or ())
            or self._was_answered(question)
        ):
            return False
        if self.channel == "email" and self.reply_to_id != question:
            return False
        model, ids = question.named[number - 1]
        first._chosen(self.env[model].browse(ids).exists())
        self.write(
            {
                "recipient_id": first.recipient_id.id,
                "patient_id": first.patient_id.id,
                "reply_to_id": question.id,
                "candidate_ids": [(5,)],
                "inbox_state": "done",
            }
        )
        return True

    def _chosen(self, records):
        """Extension point: a number said what this message is about.

        :param records: those that the number stands for, as far as they still exist
        """
        if records._name == "res.partner" and records and not self.patient_id:
            self._is_from(records, is_proven=True)

    def _was_answered(self, question):
        """Whether a number came before: the next one is read by a person."""
        return bool(
            self.search_count(
                [
                    ("reply_to_id", "=", question.id),
                    ("direction", "=", "in"),
                    ("inbox_state", "=", "done"),
                ],
                limit=1,
            )
        )

    def _is_from(self, person, is_proven=False):
        """Somebody said who wrote this message: deal with it as from that person."""
        self.ensure_one()
        values = {
            "recipient_id": person.id,
            "patient_id": person.id,
            "candidate_ids": [(5,)],
        }
        recent = self._asked_lately(
            self.channel, self.address, self.company_id, before=self
        ).filtered(lambda each: each.patient_id == person)
        if recent and not self.reply_to_id:
            values |= {
                "recipient_id": recent[0].recipient_id.id,
                "reply_to_id": recent[0].id,
                "reply_is_guessed": True,
            }
        self.write(values)
        self._deal_with(is_proven)

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


def _numbered(options):
    """The options with their numbers, as many as a number of one digit can name."""
    return list(enumerate(options[:9], 1))
