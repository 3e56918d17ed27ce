from odoo import api, models
from odoo.tools.misc import hash_sign, verify_hash_signed


class ClinicSignedLink(models.AbstractModel):
    """Something a patient, or who acts for the patient, answers by a signed link.

    The link is for one person, ends by itself, and ends with the right to book: a
    former guardian's opens nothing. The model needs a ``patient_id``.
    """

    _name = "clinic.signed.link"
    _description = "Answered by a signed link"

    #: Where the links lie, and how long they work.
    _link_base = None
    _link_hours = None

    def _link_path(self, person):
        """The signed path by which a person answers.

        :param person: ``res.partner``, the patient or who acts for the patient
        """
        self.ensure_one()
        token = hash_sign(
            self.env(su=True),
            self._name,
            [self.id, person.id],
            expiration_hours=self._link_hours,
        )
        return f"{self._link_base}/{token}"

    @api.model
    def _by_token(self, token):
        """The record of a link, in sudo, and who answers by it.

        :returns: ``(record, res.partner)``; both empty for anything odd
        """
        # sudo: clinic.signed.link, res.partner - the signed link is the right
        records, people = self.sudo(), self.env["res.partner"].sudo()
        nothing = records.browse(), people
        try:
            found = verify_hash_signed(self.env(su=True), self._name, token)
        except ValueError:
            found = None
        if not found:
            return nothing
        record = records.browse(found[0]).exists()
        person = people.browse(found[1]).exists()
        if not record or not person or not record._may_answer(person):
            return nothing
        return record, person

    def _may_answer(self, person):
        """Whether a person is the patient, or may book for the patient today."""
        self.ensure_one()
        patient = self.patient_id
        return person == patient or patient in person._clinic_patients_for("book")
