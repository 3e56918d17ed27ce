from odoo import models
from odoo.exceptions import UserError


class ClinicMessageKind(models.Model):
    """What the texts of the wait list may say."""

    _inherit = "clinic.message.kind"

    def _placeholders(self):
        names = super()._placeholders()
        if not self or self.code.startswith("waitlist_"):
            names |= {
                "offer_link": self.env._("Link by which an offered time is answered"),
                "answer_until": self.env._("Hour until which the time is kept"),
            }
        return names


class ClinicMessage(models.Model):
    """YES and NO to an offered time."""

    _inherit = "clinic.message"

    def _after_inbound(self, keyword):
        # Before the answers about visits: YES to an offer confirms nothing else.
        if keyword in ("yes", "confirm", "no", "cancel"):
            offer = self._offer_meant()
            if offer:
                return self._answer_offer(offer, keyword)
        return super()._after_inbound(keyword)

    def _offer_meant(self):
        """The offer that an answer is about: the one that was asked."""
        self.ensure_one()
        # sudo: clinic.wait.offer - the answer came from an address of the patient
        offers = self.env["clinic.wait.offer"].sudo()
        asked = self.reply_to_id
        if asked.res_model == "clinic.wait.offer":
            return offers.browse(asked.res_id).exists()
        return offers.browse()

    def _answer_offer(self, offer, keyword):
        """Book or decline the offered time, and say so."""
        lang = self._answer_lang()
        spoken = self.with_context(lang=lang)
        person = self.recipient_id or self.patient_id
        if not offer._may_answer(person):
            return False
        if keyword in ("no", "cancel"):
            if offer.state == "accepted":
                return False
            offer._decline()
            return self._reply_automatically(
                spoken.env._("Thank you. You stay on the wait list.")
            )
        try:
            with self.env.cr.savepoint():
                visit = offer.with_context(lang=lang)._accept(person, "message")
        except UserError as refusal:
            return self._reply_automatically(str(refusal))
        return self._reply_automatically(
            spoken.env._(
                "Booked: %(when)s, %(where)s.",
                when=visit.location_id._speak_time(visit.start, lang),
                where=visit.location_id.name,
            ),
            named=visit,
        )
