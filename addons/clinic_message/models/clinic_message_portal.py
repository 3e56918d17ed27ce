from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from odoo.addons.clinic_base.lib import clock

from ..lib.masked import masked
from ..lib.personal_link import shown
from ..lib.states import GONE

#: Channels by which a colleague can answer, and how long a conversation stays open.
ANSWERABLE = ("email", "sms", "whatsapp")
OPEN_FOR = timedelta(days=30)
LONGEST = 2000


class ClinicMessage(models.Model):
    """The conversation with the clinic, as the patient sees it in the portal.

    A person sees what was sent to oneself about oneself, and about a ward while one may
    read for the ward; never what another guardian and the clinic write each other.
    """

    _inherit = "clinic.message"

    shown_body = fields.Text(
        string="Text shown",
        compute="_compute_shown_body",
        help="Links without their secrets: only the receiver may open them.",
    )

    excerpt = fields.Char(
        string="Text", compute="_compute_shown_body", help="How it begins."
    )

    @api.depends("body", "subject")
    @api.depends_context("lang")
    def _compute_shown_body(self):
        words = self.env._("personal link")
        for message in self:
            message.shown_body = masked(shown(message.body, words))
            text = message.shown_body or message.subject or ""
            message.excerpt = " ".join(text.split())[:200]

    @api.model
    def _portal_talks(self, partner):
        """Return the conversations that a person may see in the portal today.

        :param partner: ``res.partner`` who is logged in
        :returns: list of ``(patient, last message)`` in sudo, the newest talk first
        """
        talks = []
        for patient in partner._portal_family():
            last = self._portal_lines(partner, patient, limit=1)
            if last:
                talks.append((patient, last))
        return sorted(talks, key=lambda talk: talk[1].queued_at, reverse=True)

    @api.model
    def _portal_domain(self, partner, patients):
        """Domain of what was said with a person about these patients.

        :param patients: of the family of the person, as it is today
        """
        shown = Domain("direction", "=", "in") | Domain("state", "in", GONE)
        return shown & Domain.OR(
            Domain("patient_id", "=", patient.id)
            & Domain("recipient_id", "in", (partner | patient).ids)
            for patient in patients.sudo(False)
        )

    @api.model
    def _portal_lines(self, partner, patient, limit=None, offset=0):
        """The messages of one conversation, the newest first; in sudo.

        :returns: empty for whoever may not read for the patient today
        """
        patients = partner._portal_family() & patient.sudo()
        # sudo: clinic.message - _portal_domain and the family are the gate
        return self.sudo().search(
            self._portal_domain(partner, patients),
            order="queued_at desc, id desc",
            limit=limit,
            offset=offset,
        )

    @api.model
    def _portal_answerable(self, partner, patient):
        """The message that an answer in the portal belongs to; empty: nobody waits.

        The last one that the clinic sent to this very person, by a way on which a
        colleague can write back.
        """
        patients = partner._portal_family() & patient.sudo()
        return self.sudo().search(
            self._portal_domain(partner, patients)
            & Domain("direction", "=", "out")
            & Domain("recipient_id", "=", partner.id)
            & Domain("channel", "in", ANSWERABLE)
            & Domain("address", "!=", False)
            & Domain("provider_id", "!=", False)
            & Domain("queued_at", ">", clock.now() - OPEN_FOR),
            order="queued_at desc, id desc",
            limit=1,
        )

    @api.model
    def _portal_answer(self, partner, patient, text, token):
        """Take in what a person writes in the portal.

        :param str token: made by the page; the same one again changes nothing
        :returns: the message
        :raises UserError: nothing was written
        """
        text = (text or "").replace("\0", "").strip()
        if not text:
            raise UserError(self.env._("Write something first."))
        if len(text) > LONGEST:
            raise UserError(
                self.env._("A message has %s characters at most.", f"{LONGEST:,}")
            )
        answered = self._portal_answerable(partner, patient)
        if not answered:
            raise UserError(
                self.env._("This conversation is closed. Please call the clinic.")
            )
        # sudo: clinic.rate.limit - counts for everybody
        limits = self.env["clinic.rate.limit"].sudo()
        if not limits._hit(f"portal-message:{partner.id}", 20, 3600):
            raise UserError(
                self.env._("Many messages in a short time: try again in an hour.")
            )
        return answered._receive(
            answered.provider_id,
            answered.channel,
            answered.address,
            text,
            f"portal-{partner.id}-{str(token)[:64]}",
            subject=answered.subject,
            answers=answered,
        )
