from odoo import models


class ClinicWaitOffer(models.Model):
    """The signed link of an offer, and what its messages say."""

    _name = "clinic.wait.offer"
    _inherit = ["clinic.wait.offer", "clinic.signed.link"]

    _link_base = "/clinic/wait"
    _link_hours = 24 * 7

    def _message_values(self, lang, message):
        """Values for the names in the texts about this offer."""
        self.ensure_one()
        # sudo: clinic.wait.offer - the text goes to the patient's own people only
        offer = self.sudo().with_context(lang=lang)
        location = offer.location_id
        link = offer._link_path(message.recipient_id or offer.patient_id)
        return {
            "visit_time": location._speak_time(offer.start, lang),
            "visit_day": location._speak_day(offer.start, lang),
            "visit_hour": location._speak_hour(offer.start, lang),
            "practitioner": offer.practitioner_id.display_name,
            "service": offer.wait_id.service_id.name,
            "location": location.name,
            "location_address": location.partner_id.contact_address or "",
            "location_phone": location.phone or offer.company_id.phone or "",
            "reference": "",
            "preparation": "",
            "visit_link": "",
            "offer_link": offer.get_base_url() + link,
            "answer_until": location._speak_hour(offer.expires_at, lang),
        }

    def _message_awaits_answer(self, message):
        """Whether the offer is open; see ``clinic.message._awaits_answer``."""
        return self._is_open()

    def _message_is_obsolete(self, message):
        """Whether a waiting message tells of what is not true any more."""
        self.ensure_one()
        return message.kind_id.code == "waitlist_offer" and not self._is_open()
