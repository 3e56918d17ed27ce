import re
from email.message import EmailMessage

from odoo import api, fields, models
from odoo.tools import email_normalize, email_split
from odoo.tools.mail import unfold_references

from odoo.addons.clinic_base.lib import clock

from ..lib import mail_text

#: The number of a message in the Message-Id of its mail.
OURS = re.compile(r"<clinic-([0-9a-f-]{36})@[^>]*>")
#: What the codes of a report that a mail could not be delivered mean (RFC 3463).
STATUS = re.compile(r"^\s*([245])\.(\d{1,3})\.(\d{1,3})")


class ClinicMessage(models.Model):
    """E-mail as a conversation: answers and bounces of what Odoo sent.

    A letter is tied to a message by the number in ``References``; nobody guesses it, so
    it also proves that the writer holds the address.
    """

    _inherit = "clinic.message"

    @api.model
    def _take_mail(self, mail, parsed):
        """Take in a letter that answers a message or was sent to the clinic.

        What Odoo has a place for stays Odoo's: answers to its own mails, and addresses
        that are an alias of something.

        :param EmailMessage mail: as it was fetched
        :param dict parsed: what ``mail.thread.message_parse`` made of it
        :returns: whether it was taken in
        """
        sender = email_normalize(parsed.get("email_from") or "") or ""
        # sudo: clinic.message.provider - a letter box belongs to nobody
        providers = self.env["clinic.message.provider"].sudo()
        providers = providers.search([("kind", "=", "odoo_mail")])
        if OURS.search(parsed["message_id"]) and sender in providers._mail_addresses():
            # One of our own comes back: nothing to answer.
            return True
        answered = self._answered_by(parsed)
        provider = answered.provider_id
        if not answered:
            provider = self._mail_provider(providers, parsed)
        if not provider or not sender:
            return False
        is_automatic = mail_text.is_automatic(mail, parsed.get("subject"))
        from_holder = answered.address == sender
        body, files = self._read_mail(mail, parsed)
        message = self.with_company(self._mail_company(parsed))._receive(
            provider,
            "email",
            sender,
            body,
            parsed["message_id"][:300],
            received_at=self._moment_of(parsed),
            media=files,
            subject=parsed.get("subject"),
            answers=answered if from_holder and not is_automatic else None,
            is_automatic=is_automatic,
        )
        if is_automatic and from_holder:
            answered._record_events(
                answered.state, "patient", detail="automatic answer", applied=False
            )
        return bool(message)

    @api.model
    def _answered_by(self, parsed):
        """The message whose number stands in the references of a letter; the last."""
        words = f"{parsed.get('references') or ''} {parsed.get('in_reply_to') or ''}"
        return self._of_references(unfold_references(words))

    @api.model
    def _of_references(self, references):
        uuids = [found[1] for each in references if (found := OURS.search(each))]
        for uuid in reversed(uuids[-32:]):
            message = self.search(
                [
                    ("uuid", "=", uuid),
                    ("direction", "=", "out"),
                    ("channel", "=", "email"),
                ]
            )
            if message:
                return message
        return self.browse()

    @api.model
    def _mail_provider(self, providers, parsed):
        """The provider to whose address a letter was sent, unless it is Odoo's."""
        receivers = {
            address
            for each in email_split(parsed.get("recipients") or "")
            if (address := email_normalize(each))
        }
        mine = providers.filtered(lambda each: each._mail_addresses() & receivers)
        if not mine or parsed.get("parent_id"):
            return mine.browse()
        # sudo: mail.alias - whether the address leads to something of Odoo
        aliases = self.env["mail.alias"].sudo()
        local = [each.partition("@")[0] for each in receivers]
        if aliases.search_count(
            [
                "|",
                ("alias_full_name", "in", list(receivers)),
                "&",
                ("alias_name", "in", local),
                ("alias_incoming_local", "=", True),
            ],
            limit=1,
        ):
            return mine.browse()
        return mine[:1]

    @api.model
    def _mail_company(self, parsed):
        """The clinic to whose address a letter was sent; the present one else."""
        receivers = [
            email_normalize(each)
            for each in email_split(parsed.get("recipients") or "")
        ]
        # sudo: res.company - addresses of clinics are no secret
        companies = self.env["res.company"].sudo()
        found = companies.search([("email", "in", list(filter(None, receivers)))])
        return found[:1] or self.env.company

    @api.model
    def _moment_of(self, parsed):
        """When a letter was written, as it says; never in the future."""
        now = clock.now()
        try:
            written = fields.Datetime.to_datetime(parsed.get("date"))
        except ValueError:
            written = None
        return min(written or now, now)

    @api.model
    def _read_mail(self, mail, parsed):
        """The words of a letter without what it answers, and its files.

        :returns: ``(text, [(name, mimetype, bytes)])``
        """
        plain, html = _body_of(mail, "plain"), _body_of(mail, "html")
        text = mail_text.answer(plain) if plain.strip() else ""
        if not text:
            text = mail_text.answer(mail_text.of_html(html or parsed.get("body") or ""))
        # Without them where the incoming server leaves files out.
        parts = _files_of(mail) if "attachments" in parsed else ()
        return text, [
            (
                re.sub(r"[\\/\0\r\n]", "_", part.get_filename() or "file")[-100:],
                part.get_content_type(),
                part.get_payload(decode=True) or b"",
            )
            for part in parts
        ]

    @api.model
    def _hear_bounce(self, mail, parsed):
        """Take in a report that a letter could not be delivered, or is late.

        Odoo takes whatever comes to the bounce address for one, and every report: an
        absence and a confirmation of reading are none.

        :param EmailMessage mail: the report (RFC 3464)
        :param dict parsed: what ``mail.thread.message_parse`` made of it
        :returns: the message it is about, perhaps empty
        """
        message = self._of_references(parsed.get("bounced_msg_ids") or [])
        message = message or self._answered_by(parsed)
        if not message or not message.provider_id:
            return message
        action, code = _delivery_status(mail, parsed)
        if not action:
            message._record_events(
                message.state, "patient", detail="automatic answer", applied=False
            )
            return message
        if action in ("delivered", "relayed", "expanded"):
            # The receiver's own server confirms it.
            state = "delivered" if action == "delivered" else "sent"
            return self._hear(
                message.provider_id, None, state, detail=code, uuid=message.uuid
            )
        if action == "delayed":
            message._record_events(
                message.state, "provider", detail=f"delayed {code}", applied=False
            )
            return message
        return self._hear(
            message.provider_id,
            None,
            "bounced",
            error=self._bounce_words(code),
            detail=code or "bounced",
            uuid=message.uuid,
        )

    @api.model
    def _bounce_words(self, code):
        """What a status code means, for the staff."""
        found = STATUS.match(code or "")
        if not found:
            return self.env._("It could not be delivered.")
        kind, subject, detail = found.groups()
        if (subject, detail) in (("1", "1"), ("1", "10"), ("2", "1")):
            return self.env._("There is no such mailbox: ask for another address.")
        if subject == "1":
            return self.env._("The address is wrong: ask for another one.")
        if (subject, detail) == ("2", "2"):
            return self.env._("The patient's mailbox is full.")
        if subject == "3" or (subject, detail) == ("2", "3"):
            return self.env._("The e-mail was too large for the patient's mailbox.")
        if subject == "7":
            return self.env._(
                "The patient's mail server refused it by its rules, perhaps as spam."
            )
        if kind == "4" or subject == "4":
            return self.env._("The patient's mail server could not be reached in time.")
        return self.env._("It could not be delivered.")


def _body_of(mail, kind):
    """The text of a letter in one form, whatever its character set."""
    try:
        part = mail.get_body((kind,))
        content = part.get_content() if part else ""
    except (LookupError, ValueError, AttributeError, TypeError):
        return ""
    return content if isinstance(content, str) else ""


def _files_of(mail):
    """The files that came with a letter; pictures inside the text are left out."""
    if not isinstance(mail, EmailMessage) or mail.get_content_maintype() != "multipart":
        return []
    try:
        return [
            part
            for part in mail.iter_attachments()
            if part.get_content_maintype() != "multipart"
            and (part.get_filename() or part.get_content_disposition() == "attachment")
        ]
    except (AttributeError, KeyError, TypeError, ValueError):
        return []


def _delivery_status(mail, parsed):
    """``(action, code)`` of a report, in small letters; no action where it tells none.

    Old servers tell it in plain words: then the sender's name is all there is.
    """
    for part in mail.walk():
        if part.get_content_type() != "message/delivery-status":
            continue
        payload = part.get_payload()
        for fields_ in payload if isinstance(payload, list) else ():
            action = str(fields_.get("Action") or "").strip().lower()
            found = STATUS.match(str(fields_.get("Status") or ""))
            if action or found:
                code = ".".join(found.groups()) if found else ""
                return action or "failed", code
    sender = (email_normalize(parsed.get("email_from") or "") or "").partition("@")[0]
    silent = mail.get_content_type() != "multipart/report"
    daemon = sender in ("mailer-daemon", "postmaster") and silent
    return ("failed", "") if daemon else ("", "")
