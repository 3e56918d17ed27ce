import logging
import smtplib

import psycopg2

from odoo import models
from odoo.tools.mail import email_split_and_format_normalize

from ..lib.port import Outcome
from ..lib.smtp_answer import Handed, outcome

_logger = logging.getLogger(__name__)

#: Connections that may break in one run before the rest is tried later.
MOST_BREAKS = 2


class ClinicMessageProvider(models.Model):
    """The conversation with an outgoing server of Odoo, letter by letter.

    ``mail.mail.send`` tells apart neither a receiver who does not exist from a server
    that is busy, nor a letter that was not handed over from one that may have been; a
    lost connection ends the whole batch. Here the servers, addresses and letters are
    Odoo's, and each letter has its own end:

    - refused for good (5xx): failed, with the server's code; the next channel is tried;
    - refused for now (4xx, greylisting): again later, the server's own rhythm;
    - the connection ends before the letter: nothing was taken, again later;
    - the connection ends after the letter was begun: the server may have it, and knows
      no repeats. It is left to the staff, unless ``lost_reply`` says so: who gets
      a letter twice believes in two visits, and a colleague can look after one;
    - the letter that was not reached waits, and is tried again on a new connection.
    """

    _inherit = "clinic.message.provider"

    def _send_odoo_mail(self, items):
        mails = self._prepare_mails(items)
        tries = dict(zip(mails.ids, self._attempts_of(items), strict=True))
        ends = {}
        for server_id, domain_id, sender, ids in mails._split_by_mail_configuration():
            batch = mails.browse(ids)
            ends |= self._converse(batch, server_id, domain_id, sender, tries)
        later = Outcome("retry", failure="mail_smtp", detail="connection")
        outcomes = [
            self._in_words(ends.get(mail.id) or later, mail.id) for mail in mails
        ]
        files = mails.attachment_ids
        mails.unlink()
        files.unlink()
        return outcomes

    def _attempts_of(self, items):
        messages = self.env["clinic.message"].browse(
            item.extra["message_id"] or 0 for item in items
        )
        # The present try is counted already.
        return [message.id and max(message.attempts - 1, 0) for message in messages]

    def _converse(self, mails, server_id, domain_id, sender, tries):
        """Hand letters to one server.

        :returns: ``{id: Outcome}``; what was not reached is missing
        """
        # sudo: ir.mail_server - the clinic's way out, whoever caused the message
        servers = self.env["ir.mail_server"].sudo()
        ends, session, breaks = {}, None, 0
        if servers._disable_send():
            return ends
        for mail in mails:
            if breaks >= MOST_BREAKS:
                break
            handed = None
            try:
                if session is None:
                    session = servers._connect__(
                        mail_server_id=server_id, smtp_from=sender
                    )
                    if getattr(session, "sock", None):
                        session.sock.settimeout(self.timeout)
                handed = Handed(session)
                ends[mail.id] = self._hand_over_mail(mail, servers, session, domain_id)
            except psycopg2.Error:
                raise
            except Exception as error:  # pylint: disable=broad-except
                # Odoo wraps what smtplib raises.
                cause = error
                if isinstance(error.__context__, (smtplib.SMTPException, OSError)):
                    cause = error.__context__
                begun = bool(handed and handed.begun)
                end = outcome(cause, begun, tries.get(mail.id) or 0)
                ends[mail.id] = self._end_of(error, end)
                if end.detail in ("connection", "server", "sender"):
                    session = self._hang_up(session)
                    breaks += 1
            finally:
                if handed:
                    handed.release()
        self._hang_up(session)
        return ends

    def _end_of(self, error, end):
        """What Odoo itself refuses before it talks to the server."""
        servers = self.env["ir.mail_server"]
        words = str(error.args[0]) if error.args else ""
        if isinstance(error, AssertionError) and words == servers.NO_VALID_RECIPIENT:
            return Outcome("refused", failure="mail_email_invalid", detail="receiver")
        if isinstance(error, (AssertionError, UnicodeError)):
            return end._replace(state="retry", failure="mail_from", detail="sender")
        return end

    def _hang_up(self, session):
        if session is not None:
            try:
                session.quit()
            except (smtplib.SMTPException, OSError, AttributeError):
                session.close()

    def _hand_over_mail(self, mail, servers, session, domain_id):
        """Build a letter as Odoo does, and hand it over."""
        (parts,) = mail._prepare_outgoing_list()
        context = {"send_validated_to": parts["email_to_normalized"]}
        if domain_id:
            # sudo: mail.alias.domain - where bounces of the clinic go
            domain = self.env["mail.alias.domain"].sudo().browse(domain_id)
            context |= {
                "domain_notifications_email": domain.default_from_email,
                "domain_bounce_address": domain.bounce_email,
            }
        servers = servers.with_context(**context)
        letter = servers._build_email__(
            email_from=(email_split_and_format_normalize(mail.email_from) or [""])[0],
            subtype="html",
            subtype_alternative="plain",
            **{
                name: parts[name]
                for name in (
                    *("email_to", "email_cc", "subject", "body", "body_alternative"),
                    *("reply_to", "attachments", "message_id", "references"),
                    *("object_id", "headers"),
                )
            },
        )
        servers.send_email(letter, smtp_session=session)
        return Outcome("sent", uid=mail.message_id)

    def _in_words(self, end, mail_id):
        """An outcome with words for the staff, nothing of the letter in them."""
        if end.state in ("accepted", "sent"):
            return end
        words = self._words_of(end.state, end.detail)
        _logger.info("Mail %s: %s, %s", mail_id, end.state, end.failure)
        return end._replace(error=words % end.failure, detail=None)

    def _words_of(self, state, whose):
        if whose == "sender":
            return self.env._(
                "The mail server does not accept the clinic as a sender (%s): look at "
                "the outgoing mail server and at the sender's address."
            )
        if state == "ambiguous":
            return self.env._(
                "The connection to the mail server broke (%s). It may have taken the "
                "e-mail: ask the patient before you send it again."
            )
        if whose in ("receiver", "letter") and state == "retry":
            return self.env._("The mail server asks to come again later (%s).")
        if whose == "receiver":
            return self.env._("The mail server refused the address (%s).")
        if whose == "letter":
            return self.env._("The mail server refused the e-mail (%s).")
        if whose == "server":
            return self.env._("The mail server has no time (%s).")
        return self.env._("The mail server cannot be reached (%s).")
