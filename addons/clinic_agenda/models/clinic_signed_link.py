from odoo import models


class ClinicSignedLink(models.AbstractModel):
    """A signed link ends with the right to book: a former guardian's opens nothing.

    The model that is answered needs a ``patient_id``.
    """

    _inherit = "clinic.signed.link"

    def _may_answer(self, person):
        """Whether a person is the patient, or may book for the patient today."""
        self.ensure_one()
        patient = self.patient_id
        return (
            super()._may_answer(person)
            or person == patient
            or patient in person._clinic_patients_for("book")
        )
