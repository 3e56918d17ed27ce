from datetime import timedelta

from odoo import api, models
from odoo.tools import SQL

from odoo.addons.clinic_base.lib import clock

from ..lib import keywords
from ..lib.channels import BY_NUMBER
from ..lib.states import GONE
from ..tools import kept_files

#: How long a message may wait for the answer that it asks for.
ANSWERED_WITHIN = timedelta(days=7)


class ClinicMessage(models.Model):
    """What patients write: who wrote, and about whom."""

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
        answers=None,
        is_automatic=False,
    ):
        """Take in one message from a provider; a repeat changes nothing.

        By e-mail the sender is what anybody may write: what an e-mail says is acted on
        only when it answers one of ours, whose number nobody guesses.

        :param provider: ``clinic.message.provider``
        :param str channel: see ``lib/channels.py``
        :param str sender: number in any spelling, or e-mail address
        :param str body: what was written; cut at 10,000 characters
        :param str provider_uid: the provider's number of it
        :param datetime received_at: naive UTC
        :param media: list of ``(name, mimetype, bytes)``; what is not safe to open in
            a browser is left out, and the text says so
        :param str reply_uid: the provider's number of the message it answers
        :param answers: the message it answers, when that is known
        :param bool is_automatic: a machine wrote it: kept, but no answer of anybody
        :returns: the message
        """
        known = provider_uid and self._find_of(provider, provider_uid)
        if known:
            return known
        address = self._read_address(channel, sender)
        body = said = (body or "").replace("\0", "")[:10000]
        files, left = kept_files.sift(media or ())
        for name in left:
            note = self.env._("A file was not kept: %s (too large, or not safe).", name)
            body = f"{body}\n[{note}]".strip()
        answered = answers or self.browse()
        if reply_uid and not answered:
            answered = self._find_of(provider, reply_uid)
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
                "subject": (subject or "").replace("\0", "")[:300] or False,
                "queued_at": received_at or clock.now(),
                "inbox_state": "done" if is_automatic else "new",
                **self.browse(found.get("reply_to_id"))._same_place(),
                **found,
            }
        )
        if files:
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
                for name, mimetype, content in files
            ]
        message._record_events("received", "patient")
        if is_automatic:
            return message
        message.keyword = message._read_keyword(said)
        if message.reply_to_id:
            message.reply_to_id._apply_state("replied", source="patient")
        message._deal_with()
        return message

    def _read_keyword(self, said):
        """What a short answer means, read in the languages of who may have written.

        :param str said: what was written, without the notes that the log adds
        :returns: see ``lib/keywords.py``
        """
        self.ensure_one()
        people = self.recipient_id | self.patient_id | self.candidate_ids
        languages = {self.reply_to_id.lang, *people.mapped("lang")} - {False}
        # sudo: res.partner - whoever wrote signs with these names
        writer = self.recipient_id.sudo()
        return keywords.keyword(
            said,
            languages or {self.company_id.partner_id.lang or self.env.lang or ""},
            (writer.name, writer.given_name, writer.family_name),
        )

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

        The message that is answered says it; else the last one that this address got,
        when those of these days are about one person; else who holds the address, when
        it is one person. Otherwise the candidates are kept, and somebody is asked.

        :returns: dict of values
        """
        if answered:
            return {
                "recipient_id": answered.recipient_id.id,
                "patient_id": answered.patient_id.id,
                "reply_to_id": answered.id,
            }
        recent = self._asked_lately(channel, address, company)
        about = recent.patient_id
        if len(about) == 1:
            return {
                "recipient_id": recent[0].recipient_id.id,
                "patient_id": about.id,
                "reply_to_id": recent[0].id,
                "reply_is_guessed": True,
            }
        holders = self._holders(channel, address)
        candidates = about or holders
        if len(candidates) == 1:
            return {"recipient_id": candidates.id, "patient_id": candidates.id}
        return {"candidate_ids": [(6, 0, candidates.ids)]} if candidates else {}

    @api.model
    def _asked_lately(self, channel, address, company, before=None):
        """The messages that an answer from an address may be about, newest first.

        What a colleague wrote by hand is one of them; automatic answers that tell of
        nothing in particular are not, nor notices of a changed number. An e-mail says
        itself what it answers.

        :param before: only those that were written before this message
        """
        if channel == "email":
            return self.browse()
        return self._gone_lately(channel, address, company, before).filtered(
            lambda each: (
                each.patient_id
                and (each.step != "auto" or each.named)
                and each.kind_id.code != "notice"
            )
        )

    @api.model
    def _told_last(self, channel, address, company, before):
        """The message of any kind that left last for an address, before this one."""
        return self._gone_lately(channel, address, company, before).sorted(
            lambda each: (each.sent_at or each.queued_at, each.id)
        )[-1:]

    @api.model
    def _gone_lately(self, channel, address, company, before=None):
        """What left for an address in these days, newest first; see above."""
        return self.search(
            [
                ("address", "=", address),
                ("channel", "=", channel),
                ("direction", "=", "out"),
                ("state", "in", GONE),
                ("company_id", "=", company.id),
                ("queued_at", ">", clock.now() - ANSWERED_WITHIN),
                *([("id", "<", before.id)] if before else ()),
            ],
            order="id desc",
            limit=50,
        )

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
