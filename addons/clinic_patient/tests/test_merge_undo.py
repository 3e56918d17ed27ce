import random

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tests.common import new_test_user
from odoo.tools import mute_logger

from .common import ClinicPatientCommon

#: Changes by itself, or is the log.
APART = {
    "bus_bus",
    "clinic_merge",
    "clinic_merge_move",
    "clinic_duplicate",
    "ir_cron",
    "ir_cron_trigger",
    "ir_logging",
    "mail_message",
    "mail_notification",
    "mail_tracking_value",
    "mail_message_res_partner_rel",
}


class MergeCommon(ClinicPatientCommon):
    def database(self):
        """Return every row of every table as text, but what changes by itself."""
        self.env.flush_all()
        self.env.cr.execute(
            "SELECT relname FROM pg_class WHERE relkind = 'r'"
            " AND relnamespace = current_schema::regnamespace"
        )
        tables = {row[0] for row in self.env.cr.fetchall()}
        found = {}
        for table in sorted(tables - APART):
            # An outbox: its rows say that a card is to be looked at again, and go.
            if table.endswith("_cause"):
                continue
            self.env.cr.execute(
                f"SELECT (to_jsonb(t) - 'write_date' - 'write_uid')::text FROM"
                f' "{table}" t'
            )
            found[table] = sorted(row[0] for row in self.env.cr.fetchall())
        return found

    def assert_same_database(self, before):
        after = self.database()
        for table, rows in before.items():
            self.assertEqual(rows, after[table], table)

    def merge(self, loser, winner, **options):
        return self.env["clinic.merge"]._merge(loser, winner, **options)


@tagged("post_install", "-at_install", "slow")
class TestMergeProperty(MergeCommon):
    """Random families, merged and taken apart again."""

    def test_property_random_graphs(self):
        """PAT-05: merging and undoing in reverse is the identity, for random cards."""
        chance = random.Random(5)
        people = self.Partner
        for number in range(8):
            people |= self.patient(
                chance.choice(["Verdi", "Rossi"]),
                chance.choice(["Anna", "Luca"]),
                email=chance.choice([False, "a@example.com", "b@example.com"]),
                balance_due=chance.randrange(4),
                card_number=chance.choice([False, f"C{number}"]),
                phone_ids=[
                    Command.create({"number": f"333 000000{digit}"})
                    for digit in chance.sample(range(5), chance.randrange(4))
                ],
            )
        for _number in range(25):
            one, other = chance.sample(list(people), 2)
            link = chance.randrange(5)
            if link == 0:
                kind = chance.choice(["parent", "sibling"])
                pairs = people.relationship_ids.mapped(
                    lambda r: (r.patient_id.id, r.guardian_id.id, r.kind)
                )
                if (one.id, other.id, kind) not in pairs:
                    self.relate(one, other, kind)
            elif link == 1:
                one.message_subscribe(other.ids)
            elif link == 2:
                self.env["mail.message"].create(
                    {
                        "model": "res.partner",
                        "res_id": one.id,
                        "author_id": other.id,
                        "partner_ids": (one | other).ids,
                    }
                )
            elif link == 3:
                self.env["ir.attachment"].create(
                    {"name": "x", "res_model": "res.partner", "res_id": one.id}
                )
            elif not one.user_ids:
                self.portal_user(one)
        for _round in range(4):
            before = self.database()
            left, merges = list(people), []
            for _number in range(chance.randrange(1, 7)):
                chance.shuffle(left)
                merges.append(
                    self.merge(
                        left.pop(),
                        left[0],
                        take=set(chance.sample(["name", "email", "sex"], 2)),
                        logins=chance.choice(["one", "both", "archive"]),
                    )
                )
            for merge in reversed(merges):
                merge.action_undo()
                self.assertFalse(merge.undo_report)
            self.assert_same_database(before)


@tagged("post_install", "-at_install", "slow")
class TestMergeUndo(MergeCommon):
    def full_card(self, **vals):
        card = self.Partner.create(
            self.verdi_vals(
                is_patient=True,
                email="anna@example.com",
                card_number="C2",
                clinic_note="<p>Second</p>",
                patient_warning_text="Allergic to latex",
                balance_due=2,
                image_1920="iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mN8"
                "z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==",
                phone_ids=[
                    Command.create({"number": "333 1234567", "is_preferred": True}),
                    Command.create({"number": "333 2222222"}),
                ],
                category_id=[Command.create({"name": "Friend"})],
                bank_ids=[
                    Command.create({"acc_number": "IT60X0542811101000000123456"})
                ],
                **vals,
            )
        )
        card.message_post(body="Called")
        card.message_subscribe(self.env.user.partner_id.ids)
        self.env["ir.attachment"].create(
            {"name": "x", "res_model": "res.partner", "res_id": card.id}
        )
        card.activity_schedule("mail.mail_activity_data_todo", user_id=self.env.uid)
        self.Partner.create({"name": "Contact", "parent_id": card.id})
        self.env["ir.model.data"].create(
            {
                "module": "test_clinic",
                "name": f"card_{card.id}",
                "model": "res.partner",
                "res_id": card.id,
            }
        )
        self.env["ir.default"].set("res.partner", "parent_id", card.id)
        return card

    def test_undone_is_as_before(self):
        """PAT-05: a merge that is undone leaves the database as it was."""
        keep = self.patient(
            "Verdi", "Anna", phone="333 1234567", card_number="C1", balance_due=3
        )
        keep.message_subscribe(self.env.user.partner_id.ids)
        gone = self.full_card()
        follower = self.patient("Rossi", "Carla")
        follower.message_subscribe((gone | keep).ids)
        child = self.patient("Verdi", "Luca")
        self.relate(child, gone)
        self.relate(child, keep)
        self.relate(gone, keep, "relative")
        self.portal_user(gone)
        before = self.database()
        merge = self.merge(gone, keep)
        self.assertFalse(gone.exists())
        self.assertEqual(keep.balance_due, 5)
        self.assertGreater(merge.move_count, 10)
        merge.action_undo()
        self.assertEqual(merge.state, "undone")
        self.assertFalse(merge.undo_report)
        self.assert_same_database(before)
        with self.assertRaises(UserError):
            merge.action_undo()

    def test_choices(self):
        """PAT-05: each value comes from the card it was chosen from."""
        keep = self.patient(
            "Verdi",
            "Anna",
            email="old@example.com",
            clinic_note="<p>First</p>",
            zip="1",
        )
        gone = self.full_card(street="Via Roma 1", city="Roma")
        self.merge(gone, keep, take={"email", "address"}, join={"clinic_note"})
        self.assertEqual(keep.email, "anna@example.com")
        self.assertEqual(
            (keep.street, keep.city, keep.zip), ("Via Roma 1", "Roma", False)
        )
        self.assertEqual(keep.clinic_note, "<p>First</p><p>Second</p>")
        self.assertEqual(keep.patient_warning_text, "Allergic to latex")
        self.assertEqual(keep.clinic_age, gone.browse(keep.id).clinic_age)
        self.assertTrue(keep.image_1920)

    def test_later_changes_stay(self):
        """PAT-05: what changed after the merge stays, and the report says so."""
        keep = self.patient("Verdi", "Anna", balance_due=1)
        gone = self.full_card()
        contact = self.Partner.search([("parent_id", "=", gone.id)])
        attachment = self.env["ir.attachment"].search(
            [("res_model", "=", "res.partner"), ("res_id", "=", gone.id)]
        )
        merge = self.merge(gone, keep)
        third = self.patient("Terza", "Maria")
        contact.parent_id = third
        keep.email = "new@example.com"
        keep.balance_due += 1
        later = keep.message_post(body="Later")
        attachment.unlink()
        merge.action_undo()
        self.assertTrue(gone.exists())
        self.assertEqual(contact.parent_id, third)
        self.assertEqual(keep.email, "new@example.com")
        self.assertEqual(gone.email, "anna@example.com")
        self.assertEqual((keep.balance_due, gone.balance_due), (2, 2))
        self.assertEqual(later.res_id, keep.id)
        self.assertIn("Email", merge.undo_report)
        self.assertIn("Contact", merge.undo_report)
        self.assertIn("undone", str(gone.message_ids.mapped("body")))
        self.assertIn("undone", str(keep.message_ids.mapped("body")))

    def test_later_merges_first(self):
        """PAT-05: merges of one card are undone last first."""
        a, b, c = (self.patient("Verdi", "Anna") for _number in range(3))
        first = self.merge(a, b)
        second = self.merge(b, c)
        with self.assertRaisesRegex(UserError, "Undo that merge first"):
            first.action_undo()
        second.action_undo()
        first.action_undo()
        self.assertEqual((a | b | c).exists(), a | b | c)

    def test_two_logins(self):
        """PAT-05: a second log-in is archived unless staff keep it."""
        for logins, active in (("one", False), ("both", True), ("archive", False)):
            with self.subTest(logins=logins):
                keep, gone = self.patient(), self.patient()
                other = self.patient("Rossi", "Carla")
                ours, theirs = self.portal_user(keep), self.portal_user(gone)
                merge = self.merge(gone, keep, logins=logins)
                self.assertEqual(ours.partner_id | theirs.partner_id, keep)
                self.assertTrue(ours.active)
                self.assertEqual(theirs.active, active)
                self.assertIn(theirs.login, merge.login_report)
                for user in ours | theirs:
                    seen = self.Partner.with_user(user).search(
                        [("is_patient", "=", True)]
                    )
                    self.assertEqual(seen.sudo() & other, self.Partner)
                merge.action_undo()
                self.assertEqual(theirs.partner_id, gone)
                self.assertTrue(theirs.active)
                seen = self.Partner.with_user(theirs).search(
                    [("is_patient", "=", True)]
                )
                self.assertEqual(seen.sudo(), gone)

    def test_one_login_moves(self):
        keep, gone = self.patient(), self.patient()
        user = self.portal_user(gone)
        self.merge(gone, keep)
        self.assertEqual((user.partner_id, user.active), (keep, True))

    def test_refused(self):
        """PAT-05: what cannot be one card is refused, and nothing has changed."""
        card = self.patient()
        employee = self.user("receptionist").partner_id
        company = self.Partner.create({"name": "Acme", "is_company": True})
        child = self.patient("Verdi", "Luca", parent_id=card.id)
        one, other = (
            self.env["res.company"].create({"name": name}) for name in ("A", "B")
        )
        here = self.patient("Rossi", "Carla", company_id=one.id)
        there = self.patient("Rossi", "Carla", company_id=other.id)
        for loser, winner in (
            (card, card),
            (employee, card),
            (card, employee),
            (company, card),
            (child, card),
            (card, child),
            (here, there),
            (here, self.Partner),
        ):
            with self.subTest(loser=loser.name), self.assertRaises(UserError):
                self.merge(loser, winner)

    def test_who_may_merge(self):
        """OPS-01: managers merge, and those who were given the right."""
        cards = self.patient() | self.patient()
        for role in ("receptionist", "coordinator", "operator", "marketing"):
            env = self.env(user=self.user(role))
            with self.subTest(role=role), self.assertRaises(AccessError):
                env["clinic.merge"]._merge(*cards.with_env(env))
            with self.assertRaises(AccessError), mute_logger("odoo.models"):
                env["clinic.duplicate"].search([])
        groups = "clinic_patient.group_clinic_receptionist,clinic_patient."
        helper = new_test_user(
            self.env, "test_helper", groups=f"{groups}group_clinic_merge"
        )
        env = self.env(user=helper)
        merge = env["clinic.merge"]._merge(*cards.with_env(env))
        self.assertEqual(merge.user_id, helper)
        with self.assertRaises(AccessError):
            merge.move_ids.read(["old_value"])
        merge.action_undo()
        self.assertEqual(merge.undone_by_id, helper)
        self.assertTrue(all(card.exists() for card in cards))

    def test_forget(self):
        """PAT-10: who is erased is erased from the merges too."""
        keep, gone = self.patient(), self.patient()
        merge = self.merge(gone, keep)
        merge._forget(keep)
        self.assertFalse(merge.exists())

    def test_card_taken_since(self):
        """A number that went to somebody else stays there when the card comes back."""
        keep, gone = self.patient(card_number="C1"), self.patient(card_number="C2")
        merge = self.merge(gone, keep)
        self.patient("Rossi", "Carla", card_number="C2")
        merge.action_undo()
        self.assertFalse(gone.card_number)
        self.assertTrue(merge.undo_report)

    def test_contact_merge_of_odoo(self):
        """Odoo's own merge of contacts goes the same way for patients."""
        keep, gone = self.patient(), self.patient()
        Wizard = self.env["base.partner.merge.automatic.wizard"]
        Wizard._merge((keep | gone).ids, keep)
        merge = self.env["clinic.merge"].search([("source_number", "=", gone.id)])
        self.assertEqual(merge.partner_id, keep)
        self.assertEqual(merge.date.date(), fields.Date.today())
