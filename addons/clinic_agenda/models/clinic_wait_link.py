from odoo import api, models
from odoo.tools.misc import hash_sign, verify_hash_signed

SCOPE = "clinic.wait.offer"


class ClinicWaitOffer(models.Model):
    """The signed link of an offer, and what its messages say."""

    _inherit = "clinic.wait.offer"

    def _link_path(self, person):
        """The signed path by which a person answers.

        :param person: ``res.partner``, the patient or who acts for the patient
        """
        self.ensure_one()
        token = hash_sign(
            self.env(su=True), SCOPE, [self.id, person.id], expiration_hours=24 * 7
        )
        return f"/clinic/wait/{token}"

    @api.model
    def _by_token(self, token):
        """The offer of a link, in sudo, and who answers by it.

        A former guardian's link ends with the right to book.

        :returns: ``(clinic.wait.offer, res.partner)``; both empty for anything odd
        """
        # sudo: clinic.wait.offer, res.partner - the signed link is the right
        offers, people = self.sudo(), self.env["res.partner"].sudo()
        try:
            found = verify_hash_signed(self.env(su=True), SCOPE, token)
        except ValueError:
            found = None
        if not found:
            return offers.browse(), people
        offer, person = offers.browse(found[0]).exists(), people.browse(found[1])
        person = person.exists()
        if not offer or not person or not offer._may_answer(person):
            return offers.browse(), people
        return offer, person

    def _may_answer(self, person):
        """Whether a person is the patient, or may book for the patient today."""
        self.ensure_one()
        patient = self.patient_id
        return person == patient or patient in person._clinic_patients_for("book")

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

    def _message_is_obsolete(self, message):
        """Whether a waiting message tells of what is not true any more."""
        self.ensure_one()
        return message.kind_id.code == "waitlist_offer" and not self._is_open()
