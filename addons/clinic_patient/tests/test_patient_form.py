from odoo.tests import Form, tagged

from .common import ClinicPatientCommon


@tagged("post_install", "-at_install")
class TestPatientForm(ClinicPatientCommon):
    """The forms as a receptionist fills them in."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Desk = cls.Partner.with_user(cls.user("receptionist")).with_context(
            default_is_patient=True
        )

    def test_quick_create_warns_while_typing(self):
        """PAT-02: warnings about code and duplicates show before saving."""
        vals = self.verdi_vals()
        known = self.Partner.create(dict(vals, is_patient=True))
        view = "clinic_patient.res_partner_view_form_patient_quick"
        form = Form(self.Desk, view)
        form.family_name = "verdi"
        form.given_name = "anna"
        self.assertFalse(form.duplicate_ids)
        form.birth_date = vals["birth_date"]
        self.assertEqual(form.duplicate_ids.ids, known.ids)
        self.assertEqual(form.age_text, known.age_text)
        form.birth_date = "1985-01-01"
        self.assertFalse(form.duplicate_ids)
        form.tax_code = vals["tax_code"].lower()
        self.assertEqual(form.tax_code, vals["tax_code"])
        self.assertEqual(form.duplicate_ids.ids, known.ids)
        self.assertIn("Birth date", form.tax_code_warning)
        form.tax_code = "nonsense"
        self.assertIn("wrong number of characters", form.tax_code_warning)
        form.tax_code = False
        form.phone = "333 1234567"
        card = form.save()
        self.assertTrue(card.is_patient)
        self.assertEqual(card.name, "verdi anna")
        self.assertEqual(card.phone_ids.e164, "+393331234567")

    def test_card(self):
        """PAT-03: numbers and family are typed on the card itself."""
        mother = self.patient("Verdi", "Anna")
        form = Form(self.Desk, "clinic_patient.res_partner_view_form_patient")
        form.family_name = "Verdi"
        form.given_name = "Luca"
        form.birth_date = "2018-01-01"
        with form.phone_ids.new() as phone:
            phone.number = "0039333 1234567"
            self.assertEqual(phone.number, "+39 333 123 4567")
        with form.phone_ids.new() as phone:
            phone.number = "06 6982 1234"
            phone.label = "home"
            phone.is_preferred = True
        with form.relationship_ids.new() as relation:
            relation.guardian_id = mother
            self.assertTrue(relation.can_book)
            relation.kind = "relative"
            self.assertFalse(relation.can_book)
            relation.kind = "parent"
        card = form.save()
        self.assertEqual(card.phone, "+39 06 6982 1234")
        self.assertEqual(mother._clinic_patients_for("sign"), mother | card)
        with Form(card, "clinic_patient.res_partner_view_form_patient") as form:
            form.middle_name = "Maria"
            with form.phone_ids.edit(1) as phone:
                phone.is_preferred = True
        self.assertEqual(card.name, "Verdi Luca Maria")
        self.assertEqual(len(card.phone_ids.filtered("is_preferred")), 1)
        self.assertEqual(card.family_count, 1)

    def test_contact_form_is_not_replaced(self):
        """The form of Contacts stays the one Odoo opens for contacts."""
        view_id, _type = (
            self.env["res.partner"].get_views([(False, "form")])["views"]["form"]["id"],
            None,
        )
        self.assertEqual(view_id, self.env.ref("base.view_partner_form").id)

    def test_review(self):
        """A card to review is confirmed by a button, and shows whom it resembles."""
        vals = self.verdi_vals(is_patient=True)
        known = self.Partner.create(vals)
        card = self.Desk.create(dict(vals, identity_state="to_review", tax_code=False))
        self.assertEqual(card.duplicate_ids, known)
        self.assertIn("Verdi Anna 1980-03-12", card.duplicate_warning)
        action = card.action_open_duplicates()
        self.assertEqual(self.Partner.search(action["domain"]), known | card)
        card.action_confirm_identity()
        self.assertEqual(card.identity_state, "confirmed")
