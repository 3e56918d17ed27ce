from odoo.tests import tagged

from .pipeline_common import PipelineCommon


@tagged("post_install", "-at_install")
class TestEnquiryDeals(PipelineCommon):
    """Who asks something gets in touch: deals move."""

    def ask(self, **vals):
        return self.env["clinic.enquiry"]._receive(
            {
                "channel": "web",
                "contact_name": "Livia Serrano",
                "phone": "+44 20 7946 0701",
                "email": "livia@example.com",
                "text": "My knee hurts.",
                **vals,
            }
        )

    def test_an_enquiry_of_nobody_known_opens_a_request_with_its_card(self):
        """The new card stands in Appointments; nothing is opened before."""
        enquiry = self.ask()
        self.drain()
        self.assertFalse(self.Deal.search([("patient_id.family_name", "=", "Serrano")]))
        enquiry.with_user(self.user("operator")).action_make_card()
        self.drain()
        self.assertEqual(self.keys(enquiry.patient_id), ["appointments.new"])

    def test_only_the_card_of_who_asked_hears_of_it(self):
        """Of a family with one number, who asked gets the request, the others none."""
        mother = self.patient("Serrano", "Ada", phone="+44 20 7946 0701")
        son = self.patient("Serrano", "Ugo", phone="+44 20 7946 0701")
        enquiry = self.ask()
        son.with_user(self.user("operator")).with_context(
            clinic_enquiry_id=enquiry.id
        ).action_is_who_asked()
        self.drain()
        self.assertEqual(self.keys(son), ["appointments.new"])
        self.assertEqual(self.keys(mother), [])

    def test_a_patient_of_the_base_moves_to_needs_handling(self):
        """An enquiry of a known patient moves the open deal, once."""
        patient = self.patient()
        self.deal("base.base", patient)
        enquiry = self.ask(patient_id=patient.id)
        self.drain()
        self.assertEqual(self.keys(patient), ["base.needs_handling"])
        enquiry.write({"patient_id": patient.id, "intention": "high"})
        self.assertFalse(self.Cause.search([("patient_id", "=", patient.id)]))
