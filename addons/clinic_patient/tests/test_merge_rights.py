import psycopg2

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import ClinicPatientCommon


@tagged("post_install", "-at_install")
class TestMergeRights(ClinicPatientCommon):
    """No merge gives anybody rights that staff did not check."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.stranger = cls.patient(
            "Verdi", "Anna", birth_date="1980-03-12", phone="333 1234567"
        )
        cls.attacker = cls.patient("Neri", "Ugo")
        cls.login = cls.portal_user(cls.attacker)
        cls.made = cls.Partner._register_patient(
            {
                "family_name": "Verdi",
                "given_name": "Anna",
                "birth_date": fields.Date.to_date("1980-03-12"),
            }
        )
        cls.bond = cls.Relationship._declare(cls.made, cls.attacker, "parent")
        cls.manager = cls.user("manager")
        cls.desk = cls.user("receptionist")

    def merge(self, loser, winner, **how):
        return (
            self.env["clinic.merge"]
            .with_user(self.manager)
            ._merge(loser, winner, **how)
        )

    def seen_by_attacker(self):
        people = self.Partner.with_user(self.login).search([("is_patient", "=", True)])
        return people.sudo()

    def pair(self, one, other):
        action = (one | other).with_user(self.manager).action_compare()
        return (
            self.env["clinic.duplicate"]
            .with_user(self.manager)
            .browse(action["res_id"])
        )

    def test_declared_relation_reads_nothing(self):
        """PAT-04: who names oneself a parent books, and reads nothing of the card."""
        self.assertEqual(self.made.identity_state, "to_review")
        self.assertEqual(
            self.attacker._clinic_patients_for("book").sudo() & self.made, self.made
        )
        self.assertNotIn(self.made, self.seen_by_attacker())
        for scope in ("read", "sign"):
            self.assertNotIn(
                self.made, self.attacker._clinic_patients_for(scope).sudo()
            )

    def test_merge_in_both_directions(self):
        """PAT-05: a declared relation is suspended by a merge, whichever card stays."""
        for loser, winner in (
            (self.made, self.stranger),
            (self.stranger, self.made),
        ):
            with self.subTest(stays=winner.id):
                merge = self.merge(loser, winner)
                bond = winner.relationship_ids
                self.assertEqual((bond.standing, bond.can_book), ("to_confirm", False))
                for scope in ("book", "read", "sign"):
                    self.assertNotIn(
                        winner, self.attacker._clinic_patients_for(scope).sudo()
                    )
                self.assertNotIn(winner, self.seen_by_attacker())
                merge.action_undo()
                self.assertEqual(
                    (self.bond.patient_id, self.bond.standing, self.bond.can_book),
                    (self.made, "declared", True),
                )

    def test_declared_for_whom_the_merged_card_acts(self):
        """A log-in's own card merges into another: its declared wards wait too."""
        keep = self.patient("Neri", "Ugo")
        self.merge(self.attacker, keep, logins="archive")
        self.assertEqual(self.bond.guardian_id, keep)
        self.assertEqual(self.bond.standing, "to_confirm")
        self.assertFalse(keep._clinic_patients_for("book").sudo() & self.made)

    def test_confirmed_by_staff_with_a_reason(self):
        """Staff give the rights, say how they checked, and it stands on the card."""
        self.merge(self.made, self.stranger)
        bond = self.stranger.relationship_ids.with_user(self.desk)
        with self.assertRaises(UserError):
            bond._confirm("  ", {"can_read"})
        wizard = self.env["clinic.relationship.confirm"].with_user(self.desk)
        wizard = wizard.with_context(**bond.action_confirm()["context"])
        wizard.create({"reason": "Family register seen"}).action_confirm()
        self.assertEqual(
            (bond.standing, bond.confirmed_by_id, bond.confirm_reason),
            ("confirmed", self.desk, "Family register seen"),
        )
        self.assertTrue(bond.can_book and bond.can_read and bond.can_sign)
        self.assertIn("Family register seen", self.stranger.message_ids[0].body)
        self.assertIn(self.stranger, self.seen_by_attacker())
        with self.assertRaises(UserError):
            bond._confirm("Again", {"can_read"})

    def test_proof_is_not_written_by_hand(self):
        """A role that may change relations cannot say they were confirmed."""
        bond = self.bond.with_user(self.desk)
        for vals in (
            {"standing": "confirmed"},
            {"confirmed_by_id": self.manager.id},
            {"confirm_reason": "x"},
            {"confirmed_at": fields.Datetime.now()},
            {"patient_id": self.stranger.id},
            {"guardian_id": self.stranger.id},
        ):
            with self.subTest(vals=vals), self.assertRaises(AccessError):
                bond.write(vals)
            with self.subTest(vals=vals), self.assertRaises(AccessError):
                self.made.with_user(self.desk).write(
                    {"relationship_ids": [Command.update(bond.id, vals)]}
                )
        for name in ("can_read", "can_sign"):
            with (
                self.subTest(name),
                self.assertRaises(psycopg2.errors.CheckViolation),
                mute_logger("odoo.sql_db"),
                self.cr.savepoint(),
            ):
                bond.write({name: True})
                bond.flush_recordset()
        with self.assertRaises(AccessError):
            self.Relationship.with_user(self.desk).create(
                {
                    "patient_id": self.stranger.id,
                    "guardian_id": self.attacker.id,
                    "standing": "declared",
                }
            )
        own = self.Relationship.with_user(self.desk).create(
            {"patient_id": self.stranger.id, "guardian_id": self.attacker.id}
        )
        self.assertEqual((own.standing, own.confirmed_by_id), ("confirmed", self.desk))

    def test_nobody_vouches_for_themselves(self):
        """An employee gives themselves no right on another's card, by no door."""
        self.bond.guardian_id = self.desk.partner_id
        bond = self.bond.with_user(self.desk)
        wizard = self.env["clinic.relationship.confirm"].with_user(self.desk)
        wizard = wizard.create({"relationship_id": bond.id, "reason": "It is me"})
        other = {"patient_id": self.stranger.id, "guardian_id": self.desk.partner_id.id}
        mine = self.relate(self.stranger, self.desk.partner_id, "relative")
        for number, attempt in enumerate(
            (
                wizard.action_confirm,
                lambda: bond.write({"date_end": False}),
                lambda: mine.with_user(self.desk).write({"can_read": True}),
                lambda: mine.with_user(self.desk).write({"kind": "parent"}),
                lambda: self.Relationship.with_user(self.desk).create(other),
                lambda: self.stranger.with_user(self.desk).write(
                    {"relationship_ids": [Command.create(other)]}
                ),
            )
        ):
            with (
                self.subTest(number),
                self.assertRaisesRegex(AccessError, "ask a colleague"),
                self.cr.savepoint(),
            ):
                attempt()
        self.assertEqual((bond.standing, mine.can_read), ("declared", False))
        bond.with_user(self.user("coordinator"))._confirm("Seen", {"can_read"})
        self.assertEqual(bond.standing, "confirmed")

    def test_undone_merge_takes_back_what_was_confirmed_since(self):
        """What staff confirmed on the one card may be true of one of the two only."""
        merge = self.merge(self.made, self.stranger)
        self.bond.with_user(self.desk)._confirm("Seen", {"can_read"})
        merge.action_undo()
        self.assertEqual(self.bond.standing, "to_confirm")
        self.assertFalse(self.seen_by_attacker() & (self.made | self.stranger))

    def test_screen_shows_who_will_see(self):
        """The compare screen names log-ins and relations; a reason is asked for."""
        guardian = self.patient("Bianchi", "Carla")
        self.relate(self.stranger, guardian)
        mine = self.portal_user(self.stranger)
        pair = self.pair(self.made, self.stranger)
        pair.choices = {"survivor": "first"}
        rights = pair.comparison["rights"]
        by_kind = {right["kind"]: right["who"] for right in rights}
        self.assertEqual(by_kind["login"], mine.login)
        self.assertIn("Bianchi Carla", by_kind["person"])
        self.assertIn("Neri Ugo", by_kind["suspended"])
        with self.assertRaisesRegex(UserError, "Bianchi Carla"):
            pair.action_merge()
        self.assertTrue(self.made.exists())
        pair.choices = {"survivor": "first", "reason": "Identity card seen"}
        pair.action_merge()
        self.assertEqual(pair.merge_id.rights_reason, "Identity card seen")

    def test_log_in_of_a_card_to_review_does_not_move(self):
        """A visitor's log-in opens the merged card only if staff say so."""
        user = self.portal_user(self.made)
        merge = self.merge(self.made, self.stranger)
        self.assertFalse(user.active)
        merge.action_undo()
        self.assertTrue(user.active)
        self.merge(self.made, self.stranger, logins="one")
        self.assertEqual((user.active, user.partner_id), (True, self.stranger))

    def test_contact_merge_of_odoo_asks_too(self):
        """Odoo's merging of contacts leads to the screen when rights are carried."""
        self.portal_user(self.stranger)
        admin = self.user("administrator")
        admin.group_ids += self.env.ref("base.group_partner_manager")
        wizard = self.env["base.partner.merge.automatic.wizard"].with_user(admin)
        with self.assertRaisesRegex(UserError, "Compare"):
            wizard._merge([self.made.id, self.stranger.id], self.stranger)
        self.assertTrue(self.made.exists())

    def test_followers_from_outside_stay_behind(self):
        """Who followed the card that goes without being an employee hears no more."""
        self.made.message_subscribe((self.attacker | self.desk.partner_id).ids)
        merge = self.merge(self.made, self.stranger)
        self.assertIn(self.desk.partner_id, self.stranger.message_partner_ids)
        self.assertNotIn(self.attacker, self.stranger.message_partner_ids)
        merge.action_undo()
        self.assertIn(self.attacker, self.made.message_partner_ids)

    def test_stricter_consent_goes_on(self):
        """PAT-10: what one card refused is not given by what the other card says."""
        consents = self.env["clinic.consent"]
        kind = self.env["clinic.consent.kind"]._by_code("marketing")
        no = consents._decide(self.stranger, "marketing", "refused", "paper")
        yes = consents._decide(self.made, "marketing", "given", "website")
        self.env.cr.execute(
            "UPDATE clinic_consent SET date = date - interval '1 day' WHERE id = %s",
            [no.id],
        )
        self.env.invalidate_all()
        merge = self.merge(self.made, self.stranger)
        held = consents.browse(consents._current_ids(self.stranger.ids))
        self.assertEqual(held.filtered(lambda c: c.kind_id == kind), no)
        self.assertFalse(self.stranger._with_consent("marketing"))
        merge.action_undo()
        self.assertEqual(consents.browse(consents._current_ids(self.made.ids)), yes)
        later = consents._decide(self.stranger, "marketing", "given", "paper")
        self.merge(self.made, self.stranger)
        self.assertTrue(later.is_current)
