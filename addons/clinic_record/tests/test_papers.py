from odoo.tests import tagged

from odoo.addons.clinic_patient.tests.test_papers import WORDS, PapersCommon


@tagged("post_install", "-at_install")
class TestEncounterPaper(PapersCommon):
    """An encounter as it is printed."""

    def test_encounter(self):
        """What was written of a visit, in four languages."""
        encounter = self.env["clinic.encounter"].create(
            {
                "patient_id": self.anna.id,
                "practitioner_id": self.env.uid,
                "complaint": WORDS * 30,
                "examination": WORDS * 30,
                "plan": WORDS * 30,
            }
        )
        pages = self.pages("clinic_record.report_encounter", encounter)
        self.check(pages, "Боль в спине", "bel ağrısı", "腰痛")
