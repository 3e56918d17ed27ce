from odoo import Command
from odoo.tests import tagged

from .common import ClinicPatientCommon


@tagged("post_install", "-at_install")
class TestMerge(ClinicPatientCommon):
    def test_nothing_is_lost(self):
        """PAT-04: all that points to a merged card points to the one that stays."""
        vals = self.verdi_vals(is_patient=True)
        keep = self.patient("Verdi", "Anna", phone="333 1234567", card_number="C1")
        gone = self.Partner.create(
            dict(
                vals,
                email="anna@example.com",
                card_number="C2",
                phone_ids=[
                    Command.create({"number": "333 1234567"}),
                    Command.create({"number": "333 2222222"}),
                    Command.create({"number": "333 3333333"}),
                ],
            )
        )
        child = self.patient("Verdi", "Luca")
        sister = self.patient("Verdi", "Sara")
        self.relate(child, gone)
        self.relate(child, keep)
        self.relate(sister, gone)
        self.relate(gone, keep, "relative")
        attachment = self.env["ir.attachment"].create(
            {"name": "x", "res_model": "res.partner", "res_id": gone.id}
        )
        note = gone.message_post(body="Called")
        contact = self.Partner.create({"name": "Friend", "parent_id": gone.id})
        user = self.portal_user(gone)

        gone._merge_into(keep)

        self.assertFalse(gone.exists())
        self.assertEqual(
            set(keep.phone_ids.mapped("e164")),
            {"+393331234567", "+393332222222", "+393333333333"},
        )
        self.assertEqual(keep.phone, "+39 333 123 4567")
        self.assertEqual(keep.tax_code, vals["tax_code"])
        self.assertEqual(keep.email, "anna@example.com")
        self.assertEqual(keep.card_number, "C1")
        self.assertEqual(keep.birth_date, vals["birth_date"])
        self.assertTrue(keep.active and keep.is_patient)
        self.assertEqual(keep._clinic_patients_for("read"), keep | child | sister)
        self.assertEqual(len(child.relationship_ids), 1)
        self.assertFalse(keep.relationship_ids)
        self.assertEqual(attachment.res_id, keep.id)
        self.assertEqual(note.res_id, keep.id)
        self.assertEqual(contact.parent_id, keep)
        self.assertEqual(user.partner_id, keep)
        self.assertIn(f"#{gone.id}", "".join(keep.message_ids.mapped("body")))
        found = self.Partner.search([("patient_search", "ilike", vals["tax_code"])])
        self.assertEqual(found, keep)

    def test_to_review_into_confirmed(self):
        """The usual end of a review: the online card goes into the old one."""
        vals = self.verdi_vals(is_patient=True)
        old = self.Partner.create(vals)
        new = self.Partner.create(dict(vals, identity_state="to_review"))
        new._merge_into(old)
        self.assertEqual(old.identity_state, "confirmed")
        self.assertEqual(old.tax_code_base, vals["tax_code"])

    def test_several_cards_at_once(self):
        cards = self.Partner
        for number in range(4):
            cards |= self.patient(phone=f"333 000000{number}")
        cards[1:]._merge_into(cards[0])
        self.assertEqual(cards.exists(), cards[0])
        self.assertEqual(len(cards[0].phone_ids), 4)
