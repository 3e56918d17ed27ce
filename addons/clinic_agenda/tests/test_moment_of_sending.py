from odoo.tests import tagged

from .common_answers import AnswersCommon


@tagged("post_install", "-at_install")
class TestMomentOfSending(AnswersCommon):
    """What is told about visits goes to the people and the addresses of the moment."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.luca = cls.make_patient("Rossi", "Luca")
        cls.hold(cls.luca, cls.number)

    def two(self):
        """The reminders of husband and wife wait for one telephone."""
        hers = self.book(self.tuesday(9))
        his = self.book(
            self.tuesday(10), patient_id=self.luca.id, practitioner=self.bruno
        )
        return self.remind(hers), self.remind(his)

    def test_a_number_that_was_corrected_is_not_told_with_the_others(self):
        """MSG-06: his number was corrected: her telephone is told of her visit only,
        his of his."""
        hers, his = self.two()
        self.luca.phone_ids.number = "+393337654321"
        gone = self.leave(hers | his)
        self.assertEqual(gone, hers | his)
        self.assertFalse(hers._digest_lines())
        self.assertEqual(his.address, "+393337654321")

    def test_who_wants_no_sms_is_not_told_with_the_others(self):
        """MSG-06: he allows no SMS any more: he is told by no one's telephone."""
        hers, his = self.two()
        self.luca.phone_ids.allow_sms = False
        self.assertEqual(self.leave(hers), hers)
        self.assertFalse(hers._digest_lines())
        self.assertNotEqual(his.digest_id, hers)

    def test_the_card_and_the_address_typed_for_a_visit(self):
        """MSG-06: a corrected e-mail address of the card counts, and so does that of a
        booking as a guest, which is not the card's."""
        self.patient.email = "old@example.com"
        self.book(self.tuesday(9))
        as_guest = self.book(self.tuesday(10), practitioner=self.bruno)
        as_guest._ours().write(
            {"channel": "website", "contact_email": "typed@example.com"}
        )
        self.env["clinic.appointment.notice"].search([])._tell()
        mails = self.env["clinic.message"].search(
            [("kind_id.code", "=", "visit_booked")], order="id"
        )
        self.assertEqual(
            mails.mapped("address"), ["old@example.com", "typed@example.com"]
        )
        self.patient.email = "new@example.com"
        as_guest._ours().contact_email = "corrected@example.com"
        self.leave(mails)
        self.assertEqual(
            mails.mapped("address"), ["new@example.com", "corrected@example.com"]
        )

    def test_an_address_of_the_location(self):
        """AGD-15: the people at the location changed their address while it waited."""
        contact = self.env["clinic.location.contact"].create(
            {"location_id": self.rome.id, "address": "old@example.com"}
        )
        self.book(self.tuesday(9))
        message = self.env["clinic.message"].search(
            [("kind_id.code", "=", "location_booked")]
        )
        contact.address = "new@example.com"
        self.leave(message)
        self.assertEqual(message.address, "new@example.com")
