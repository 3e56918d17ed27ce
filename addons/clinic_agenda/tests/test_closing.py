"""Odoo's own actions on a patient's contact: what they leave of card and visits."""

from datetime import datetime, timedelta

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tests.common import new_test_user

from .common_website import WebsiteCommon


@tagged("post_install", "-at_install")
class TestClosing(WebsiteCommon):
    """Closing the account, archiving, deleting, merging, giving access."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.maria = cls.make_patient("Bruni", "Maria", email="maria@example.com")
        cls.maria.phone_ids = [Command.create({"number": "+39 333 1234567"})]
        cls.make_portal_user("maria", cls.maria)
        cls.user = cls.maria.user_ids
        cls.desk = new_test_user(
            cls.env, "desk", groups="clinic_patient.group_clinic_receptionist"
        )
        cls.boss = new_test_user(
            cls.env,
            "boss",
            groups="clinic_base.group_clinic_administrator,base.group_partner_manager",
        )
        cls.keeper = new_test_user(
            cls.env, "keeper", groups="base.group_user,base.group_partner_manager"
        )

    def visit_ahead(self):
        return self.book(self.free(days=4)["start"], patient_id=self.maria.id)

    def close(self, password="maria", **form):
        """Delete the account as */my/security* does, with Odoo's form."""
        self.authenticate("maria", "maria")
        page = self.get("/my/security")
        return self.submit(
            page,
            "/my/deactivate_account",
            {"password": password, "validation": "maria", **form},
        )

    def test_the_page_says_what_happens(self):
        """Nobody is told of a deletion that the law forbids."""
        self.authenticate("maria", "maria")
        page = self.get("/my/security")
        told = page.xpath("//div[contains(@class, 'o_clinic_closing')]")
        self.assertIn("Your visits stay booked", told[0].text_content())
        labels = page.xpath("//label[@for='request_blacklist']")
        self.assertEqual(
            [label.text_content() for label in labels],
            ["Do not send me news and offers any more"],
        )

    def test_closed_account_keeps_the_card(self):
        """Account, keys and consent end; card, visit, note and reminder go on."""
        visit = self.visit_ahead()
        self.env["clinic.consent"]._decide(self.maria, "marketing", "given", "portal")
        key = (
            self.env["res.users.apikeys"]
            .with_user(self.user)
            ._generate(None, "phone", datetime.now() + timedelta(days=1))
        )
        self.close(request_blacklist="on")
        self.env.invalidate_all()
        self.assertTrue(self.maria.active and not self.user.active)
        self.assertNotEqual(self.user.login, "maria")
        self.assertFalse(
            self.env["res.users.apikeys"]._check_credentials(scope="rpc", key=key)
        )
        self.assertFalse(self.maria._has_consent("marketing"))
        self.assertEqual(visit.state, "booked")
        self.assertEqual(self.maria.with_user(self.desk).portal_state, "closed")
        self.assertIn("closed the account", visit.message_ids[0].body)
        note = self.maria.message_ids.filtered(lambda one: "closed the" in one.body)
        self.assertIn("Visits ahead: ", note.body)
        self.env.ref("base.ir_cron_res_users_deletion").method_direct_trigger()
        self.assertTrue(self.maria.exists().active)
        kind = self.env.ref("clinic_agenda.kind_visit_reminder_24h")
        before = visit.start - timedelta(hours=23, minutes=50)
        with freeze_time(before):
            self.assertIn(visit, self.env["clinic.appointment"]._due_for(kind))
            visit._remind(kind)
        reminders = self.env["clinic.message"].search(
            [("res_id", "=", visit.id), ("kind_id", "=", kind.id)]
        )
        self.assertTrue(reminders.filtered(lambda one: one.state == "queued"))
        answer = self.url_open("/web/login", allow_redirects=False)
        self.assertEqual(answer.status_code, 200, "not logged in any more")

    def test_offers_may_go_on(self):
        """Who leaves the box empty closes the account and hears of the clinic still."""
        self.env["clinic.consent"]._decide(self.maria, "marketing", "given", "portal")
        self.close()
        self.env.invalidate_all()
        self.assertFalse(self.user.active)
        self.assertTrue(self.maria._has_consent("marketing"))

    def test_wrong_password(self):
        """Nothing ends by a click in a browser that was left open."""
        self.close(password="wrong")
        self.env.invalidate_all()
        self.assertTrue(self.user.active)

    def test_closed_account_is_opened_again(self):
        """The desk invites the patient again: the log-in is the e-mail address."""
        self.close()
        self.env.invalidate_all()
        self.maria.with_user(self.desk).action_portal_grant()
        self.env.invalidate_all()
        self.assertEqual(
            (self.user.active, self.user.login, self.user.closed_on),
            (True, "maria@example.com", False),
        )

    def test_guardian_without_a_card(self):
        """A mother who is no patient herself closes the account: the bond stays."""
        child = self.make_patient("Bruni", "Luca", birth_date="2020-05-05")
        mother = self.env["res.partner"].create({"name": "Clara Bruni"})
        self.make_portal_user("clara", mother)
        bond = self.env["clinic.relationship"].create(
            {
                "patient_id": child.id,
                "guardian_id": mother.id,
                "kind": "parent",
                "date_start": "2021-01-01",
            }
        )
        mother.user_ids._deactivate_portal_user()
        self.env.ref("base.ir_cron_res_users_deletion").method_direct_trigger()
        self.assertTrue(mother.exists().active and bond.exists())

    def test_archive(self):
        """By menu or RPC: not while a visit is ahead; afterwards it comes and goes."""
        visit = self.visit_ahead()
        self.user.action_archive()
        for user, words in (
            (self.desk, "has visits ahead"),
            (self.boss, "has visits ahead"),
            (self.keeper, "still uses this contact"),
        ):
            card = self.maria.with_user(user)
            for step in (
                card.action_archive,
                lambda card=card: card.write({"active": 0}),
            ):
                with self.subTest(user.login), self.assertRaisesRegex(UserError, words):
                    step()
        self.assertTrue(self.maria.active)
        visit.state = "cancelled"
        self.maria.with_user(self.desk).action_archive()
        self.assertFalse(self.maria.active)
        self.maria.with_user(self.desk).action_unarchive()
        self.assertTrue(self.maria.active)

    def test_erased_card_stays_away(self):
        """What was erased is not brought back by Odoo's menu."""
        self.maria.user_ids.action_archive()
        self.env.cr.execute(
            "UPDATE res_partner SET active = FALSE, erased_at = now() WHERE id = %s",
            [self.maria.id],
        )
        self.env.invalidate_all()
        with self.assertRaisesRegex(UserError, "was erased"):
            self.maria.with_user(self.boss).action_unarchive()

    def test_delete(self):
        """A card with a visit is not deleted, by no role and by no job, in words."""
        self.visit_ahead().state = "cancelled"
        self.user.unlink()
        for cards in (
            self.maria.with_user(self.boss),
            self.maria.sudo(),
        ):
            with self.assertRaisesRegex(UserError, "belong to this contact"):
                cards.unlink()
        with self.assertRaisesRegex(UserError, "Another application"):
            self.maria.with_user(self.keeper).unlink()
        with self.assertRaises(AccessError):
            self.maria.with_user(self.desk).unlink()

    def test_merge_contacts(self):
        """Odoo's merge of contacts is the clinic's, with the visits, and comes back."""
        other = self.make_patient("Bruni", "Maria", email="other@example.com")
        wizards = self.env["base.partner.merge.automatic.wizard"].with_user(self.boss)

        def merge(loser, winner):
            ids = (loser | winner).ids
            wizard = wizards.with_context(active_model="res.partner", active_ids=ids)
            wizard.create({"dst_partner_id": winner.id}).action_merge()
            self.env.invalidate_all()

        with self.assertRaisesRegex(UserError, "Compare"):
            merge(other, self.maria)
        visit = self.book(self.free(days=4)["start"], patient_id=other.id)
        merge(other, self.patient)
        self.assertEqual(visit.patient_id, self.patient)
        self.env["clinic.merge"].search([], order="id desc", limit=1).action_undo()
        self.env.invalidate_all()
        self.assertEqual((visit.patient_id, other.active), (other, True))

    def test_grant_access(self):
        """Odoo's "Grant portal access": only for who lets patients into the portal."""
        clara = self.make_patient("Neri", "Clara", email="clara@example.com")
        marketing = new_test_user(
            self.env,
            "marketing",
            groups="clinic_patient.group_clinic_marketing,base.group_partner_manager",
        )
        for user in (marketing, self.keeper):
            wizard = (
                self.env["portal.wizard"]
                .with_user(user)
                .with_context(active_ids=clara.ids)
                .create({})
            )
            with self.subTest(user.login), self.assertRaises(UserError):
                wizard.user_ids.action_grant_access()
        self.assertFalse(clara.user_ids)

    def test_user_of_the_card(self):
        """A patient does not change card data through Odoo's preferences."""
        for vals in ({"email": "x@example.com"}, {"phone": "1"}, {"name": "X"}):
            with self.subTest(vals=vals), self.assertRaisesRegex(UserError, "My data"):
                self.user.with_user(self.user).write(vals)
        self.user.with_user(self.user).write({"tz": "Europe/Rome"})

    def test_mass_edit(self):
        """Several cards at once: who came stays a patient."""
        self.visit_ahead()
        cards = self.maria | self.patient
        with self.assertRaises(UserError):
            cards.with_user(self.desk).web_save({"is_patient": False}, {})
        self.assertTrue(self.maria.is_patient)
