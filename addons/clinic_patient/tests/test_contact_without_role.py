from odoo import Command
from odoo.exceptions import AccessDenied, AccessError, UserError, ValidationError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from .common import ClinicPatientCommon


@tagged("post_install", "-at_install")
class TestContactWithoutRole(ClinicPatientCommon):
    """A colleague who keeps contacts and has no role of the clinic."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.card = cls.patient(
            "Verdi", "Anna", email="anna@verdi.example", phone="333 1234567"
        )
        cls.keeper = new_test_user(
            cls.env, "keeper", groups="base.group_user,base.group_partner_manager"
        )
        cls.clerk = cls.user()
        cls.desk = cls.user("receptionist")
        cls.contact = cls.card.with_user(cls.keeper)
        cls.other = cls.Partner.create({"name": "Supplier"})

    def test_address_and_name_are_kept_as_in_odoo(self):
        """Accounting corrects an address and a name; the card says the same."""
        self.contact.write({"city": "Roma", "vat": "IT00159560366"})
        self.contact.name = "Neri Anna Maria"
        self.assertEqual(self.card.city, "Roma")
        self.assertEqual(
            (self.card.family_name, self.card.given_name), ("Neri", "Anna Maria")
        )

    def test_an_address_that_a_colleague_changes_gets_no_reports_at_once(self):
        """The patient is told at the old address, and the new number waits, as with
        changes from outside: reports open by codes that are sent there."""
        self.contact.write({"email": "mine@evil.example", "phone": "+39 333 7654321"})
        (told,) = self.env["clinic.outbox"]._waiting("anna@verdi.example")
        self.assertIn("was changed", told)
        self.assertFalse(self.card._gets_mail_links())
        added = self.card.phone_ids.filtered(lambda each: "765" in each.number)
        self.assertTrue(added)
        self.assertFalse(added._getting_codes())

    def test_deleted_and_merged_by_staff_only(self):
        """The contact goes with the card, so it does not go; others do."""
        for end in (
            self.contact.unlink,
            lambda: (
                self.env["base.partner.merge.automatic.wizard"]
                .with_user(self.keeper)
                ._merge((self.card | self.other).ids, self.other)
            ),
        ):
            with self.assertRaises(UserError) as refusal:
                end()
            self.assertIn("Archive it", str(refusal.exception))
            self.assertNotIn("patient", str(refusal.exception))
        self.other.with_user(self.keeper).unlink()
        self.assertFalse(self.other.exists())

    def test_no_log_in_is_given(self):
        """The portal shows reports: who lets in a patient is staff."""
        wizards = self.env["portal.wizard"].with_user(self.keeper)
        wizard = wizards.create({"partner_ids": [Command.set(self.card.ids)]})
        with self.assertRaises(UserError):
            wizard.user_ids.action_grant_access()
        self.assertFalse(self.card.user_ids)
        for card in (self.card, self.other):
            self.portal_user(card)
        known = (self.card | self.other).with_user(self.keeper).signup_get_auth_param()
        self.assertEqual(list(known), self.other.ids)

    def test_notes_tasks_and_files_are_for_staff(self):
        """What others wrote on a patient is not there; one's own is."""
        note = self.card.message_post(body="Is ill")
        task = self.card.activity_schedule(
            "mail.mail_activity_data_todo", user_id=self.desk.id
        )
        file = self.env["ir.attachment"].create(
            {
                "name": "report.txt",
                "raw": b"ill",
                "res_model": "res.partner",
                "res_id": self.card.id,
            }
        )
        for record in (note, task, file):
            with self.subTest(model=record._name):
                mine = record.with_user(self.keeper)
                self.assertFalse(mine.search([("id", "=", record.id)]))
                with (
                    self.assertRaises(AccessError),
                    mute_logger("odoo.addons.base.models.ir_rule"),
                ):
                    mine.read(["display_name"])
                staff = record.with_user(self.desk)
                self.assertEqual(staff.search([("id", "=", record.id)]), staff)
        self.assertFalse(self.contact.activity_ids)
        messages = self.env["mail.message"].with_user(self.keeper)
        self.assertFalse(messages._get_with_access(note.id))
        self.assertTrue(note.with_user(self.desk)._get_with_access(note.id))
        own = self.contact.message_post(body="Paid twice")
        self.assertEqual(own.read(["body"])[0]["body"], "<p>Paid twice</p>")
        mine = self.env["ir.attachment"].with_user(self.keeper)
        paper = mine.create(
            {
                "name": "receipt.txt",
                "raw": b"paid",
                "res_model": "res.partner",
                "res_id": self.card.id,
            }
        )
        self.assertEqual(mine.search([("id", "=", paper.id)]), paper)

    def test_who_was_told_what_is_for_staff(self):
        """Nobody learns from a notification that a patient was written to; of other
        contacts, and of what one was told oneself, as in Odoo."""
        told = self.env["mail.notification"]
        for record in (self.card, self.other):
            note = record.message_post(
                body="Call back",
                partner_ids=self.card.ids,
                message_type="comment",
                subtype_xmlid="mail.mt_comment",
            )
            told |= note.notification_ids
        seen = told.with_user(self.keeper).search([("id", "in", told.ids)])
        self.assertEqual(len(told), 2)
        self.assertEqual(seen.sudo().mail_message_id.res_id, self.other.id)
        self.assertEqual(
            told.with_user(self.desk).search([("id", "in", told.ids)]), told
        )

    def test_notes_of_other_contacts_are_as_in_odoo(self):
        note = self.other.message_post(body="Delivers on Mondays")
        task = self.other.activity_schedule("mail.mail_activity_data_todo")
        for record in (note, task):
            mine = record.with_user(self.keeper)
            self.assertEqual(mine.search([("id", "=", record.id)]), mine)

    def test_how_many_patients_there_are_is_told_to_administrators(self):
        """Uninstalling says how many cards are kept, to nobody else."""
        suite = self.env.ref("base.module_clinic_patient")
        with mute_logger("odoo.addons.base.models.ir_module"):
            with self.assertRaises(AccessDenied):
                suite.with_user(self.keeper).button_uninstall()
        with self.assertRaises(UserError) as refusal:
            suite.with_user(self.env.ref("base.user_admin")).button_uninstall()
        self.assertIn("patient cards are kept", str(refusal.exception))

    def test_who_takes_contacts_away_first_waits_as_well(self):
        """A number stays on the card, so the person is told; an address of a patient
        who had none waits, and her telephone is told."""
        self.contact.write({"phone": False, "email": False})
        self.assertIn("333 123 4567", self.card.phone)
        texts = self.env["sms.sms"].search([])
        self.contact.write({"phone": "+39 333 7654321", "email": "mine@evil.example"})
        added = self.card.phone_ids.filtered(lambda each: "765" in each.number)
        self.assertFalse(added._getting_codes())
        self.assertFalse(self.card._gets_mail_links())
        told = self.env["sms.sms"].search([]) - texts
        self.assertEqual(set(told.mapped("number")), {"+393331234567"})

    def test_a_card_that_knows_no_way_to_its_person_is_no_shortcut(self):
        """What a colleague adds to an empty card waits too."""
        lonely = self.patient("Soli", "Ada")
        lonely.with_user(self.keeper).write(
            {"phone": "+39 333 7654321", "email": "mine@evil.example"}
        )
        self.assertFalse(lonely.phone_ids._getting_codes())
        self.assertFalse(lonely._gets_mail_links())

    def test_no_colleague_follows_a_patient(self):
        """Whoever follows is sent all notes: not by asking, not by having made the
        contact before it was a patient, and the list of followers tells nobody."""
        mine = self.keeper.partner_id
        self.contact.message_subscribe(mine.ids)
        self.assertNotIn(mine, self.card.message_partner_ids)
        later = self.Partner.with_user(self.keeper).create({"name": "Gialli Ugo"})
        later.message_subscribe(mine.ids)
        self.assertIn(mine, later.message_partner_ids)
        later.with_user(self.desk).write({"is_patient": True})
        self.assertNotIn(mine, later.sudo().message_partner_ids)
        self.card.message_subscribe(self.desk.partner_id.ids)
        followers = self.env["mail.followers"].with_user(self.keeper)
        about = [("res_model", "=", "res.partner"), ("res_id", "=", self.card.id)]
        self.assertFalse(followers.search(about))
        self.assertTrue(self.env["mail.followers"].search(about))

    def test_refusals_do_not_tell_that_somebody_is_a_patient(self):
        """The words of what is refused, and a telephone that is none, as elsewhere."""
        for vals in ({"is_company": True}, {"name": " "}):
            with self.assertRaises(ValidationError) as refusal:
                self.contact.write(vals)
            self.assertNotIn("patient", str(refusal.exception).lower())
        self.contact.write({"phone": "ext. 12"})
        self.assertEqual(self.contact.phone, "ext. 12")
        self.assertEqual(len(self.card.phone_ids), 1)
