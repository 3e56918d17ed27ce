import logging

from odoo import fields, models
from odoo.tools import html2plaintext
from odoo.tools.misc import hash_sign

from odoo.addons.clinic_base.lib import clock

from ..lib import placeholders
from ..lib.personal_link import PLACE, complete, conceal, personal, place_of
from ..lib.port import Item

_logger = logging.getLogger(__name__)


class ClinicMessage(models.Model):
    """What a message says: filled in right before it is sent."""

    _inherit = "clinic.message"

    def _values(self):
        """The values of the names that texts of every kind may use."""
        self.ensure_one()
        person, patient = self.recipient_id, self.patient_id or self.recipient_id
        company = self.company_id
        site = company.website or self.get_base_url()
        return {
            "first_name": person.given_name or person.name or "",
            "name": person.name or "",
            "patient": patient.name or "",
            "patient_first_name": patient.given_name or patient.name or "",
            "clinic": company.name,
            "clinic_phone": company.phone or "",
            "clinic_website": site,
            "portal_link": f"{self.get_base_url()}/my",
            "stop_link": f"{self.get_base_url()}{self._stop_path()}",
        }

    def _stop_path(self):
        """The signed path by which whoever got this message stops such messages."""
        self.ensure_one()
        token = hash_sign(
            self.env(su=True), "clinic.message.stop", self.id, expiration_hours=24 * 400
        )
        return f"/clinic/stop/{token}"

    def _all_values(self):
        """The values of all names: those of every kind, then those of the origin."""
        self.ensure_one()
        values = self._values()
        origin = self._get_origin()
        if origin is not None and hasattr(origin, "_message_values"):
            values |= origin._message_values(self.lang, self)
        return values

    def _sent_values(self):
        """The values of names as they are sent by this channel.

        A letter on paper passes through many hands: the portal's address stands there
        in place of links that open something by themselves.
        """
        self.ensure_one()
        values = self._all_values()
        if self.channel == "letter":
            values |= dict.fromkeys(personal(values), values["portal_link"])
        return values

    def _kept_values(self):
        """The values of names as they are stored: no link that opens something."""
        values = self._all_values()
        return values | {name: place_of(name) for name in personal(values)}

    def _text(self, values=None):
        """Return subject and body as they are to be sent, of a template or as written.

        What was written by hand holds the places of personal links, never the links.

        :param dict values: of the names; asked for if left out
        :returns: ``(subject, body)``; the body is empty when there is no text
        """
        self.ensure_one()
        text = self.template_id and self.template_id._text(self.lang)
        if not text and not PLACE.search(self.body or ""):
            return self.subject or "", self.body or ""
        values = self._sent_values() if values is None else values
        if not text:
            return self.subject or "", complete(self.body, values).strip()
        subject = placeholders.fill(text.subject, values)
        return " ".join(subject.split()), placeholders.fill(text.body, values).strip()

    def _printed_body(self):
        """The text of a letter, with the portal's address in the place of links."""
        self.ensure_one()
        if not PLACE.search(self.body or ""):
            return self.body or ""
        return complete(self.body, self._sent_values())

    def _mail_content(self):
        """Subject and HTML of an e-mail laid out by an Odoo template, or ``None``."""
        self.ensure_one()
        layout = self.template_id.mail_template_id
        origin = self._get_origin()
        if not layout or origin is None or layout.model != origin._name:
            return None
        context = {
            "lang": self.lang,
            **(
                origin._message_mail_context(self)
                if hasattr(origin, "_message_mail_context")
                else {}
            ),
        }
        layout = layout.with_context(**context)
        rendered = layout._generate_template([origin.id], ("subject", "body_html"))
        return rendered[origin.id]["subject"], rendered[origin.id]["body_html"]

    def _files(self):
        """The files of a message: ``(name, mimetype, bytes)``."""
        self.ensure_one()
        # sudo: ir.attachment - files of this very message
        files = [
            (file.name, file.mimetype, file.raw or b"")
            for file in self.sudo().attachment_ids
        ]
        origin = self._get_origin()
        if origin is not None and hasattr(origin, "_message_files"):
            files += origin._message_files(self)
        return tuple(files)

    def _item(self):
        """Fill in the text of a message and return what an adapter needs of it.

        What is stored has names in place of the links that open something: they are
        made here, and go to the provider alone.

        :returns: ``Item``, or ``None`` when there is nothing to say
        """
        self.ensure_one()
        named = self.template_id or PLACE.search(self.body or "")
        values = self._sent_values() if named else {}
        html, mail = "", None
        if self.channel == "email" and self.template_id:
            mail = self._mail_content()
        if mail:
            subject, html = mail
            body = html2plaintext(html)
        else:
            subject, body = self._text(values)
            body = "\n".join([body, *self._digest_lines()]) if body else ""
        if not body:
            return None
        if self.template_id:
            links = personal(values)
            self.write(
                {
                    "subject": conceal(subject or "", links) or False,
                    "body": conceal(body, links),
                }
            )
        if self.channel == "email" and not html:
            html = self._plain_layout(body)
        return Item(
            uuid=self.uuid,
            address=self.address,
            subject=subject or self.kind_id.name or self.company_id.name,
            body=body,
            html=html,
            lang=self.lang or "",
            template_name=self.template_id.provider_name or "",
            template_lang=(self.template_id._text(self.lang).lang or "")
            if self.template_id
            else "",
            parameters=self._parameters(values),
            attachments=self._files() if self.channel in ("email", "letter") else (),
            extra={
                "message_id": self.id,
                "company_id": self.company_id.id,
                "recipient_id": self.recipient_id.id,
                "purpose": self.purpose,
                "sender": self.provider_id.sender or self.company_id.name,
                "in_window": self._in_window(),
            },
        )

    def _parameters(self, values):
        """The values of an approved text, in the order of its names.

        WhatsApp keeps the text itself and takes the values by number.
        """
        self.ensure_one()
        if not self.template_id.provider_name:
            return ()
        names = placeholders.names(self.template_id._text(self.lang).body)
        return tuple(str(values.get(name) or "") for name in names)

    def _plain_layout(self, body):
        """The HTML of an e-mail whose text is plain."""
        return self.env["ir.qweb"]._render(
            "clinic_message.mail_plain",
            {
                "paragraphs": [part.split("\n") for part in body.split("\n\n")],
                "company": self.company_id,
            },
            lang=self.lang,
        )

    def _in_window(self):
        """Whether the person wrote by this channel within the last 24 hours.

        WhatsApp takes free texts only then (WhatsApp Cloud API, error 131047).
        """
        self.ensure_one()
        since = fields.Datetime.subtract(clock.now(), hours=24)
        return bool(
            self.search_count(
                [
                    ("address", "=", self.address),
                    ("channel", "=", self.channel),
                    ("direction", "=", "in"),
                    ("queued_at", ">", since),
                ],
                limit=1,
            )
        )
