from odoo import Command, fields
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import ROLES, ClinicPatientCommon

WRITES_SEGMENTS = {
    "administrator",
    "manager",
    "chief_doctor",
    "coordinator",
    "marketing",
    "cashier",
}
SEES_MONEY = {"administrator", "manager", "cashier"}


class SegmentCommon(ClinicPatientCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Segment = cls.env["clinic.segment"]
        cls.young = cls.patient("Young", "Yara", city="Segmentia", sex="female")
        cls.old = cls.patient("Old", "Otto", city="Segmentia", sex="male")
        cls.rich = cls.patient("Rich", "Rita", city="Segmentia", sex="female")
        cls.far = cls.patient("Far", "Fay", city="Elsewhere", sex="female")
        cls.write_facts(cls.rich, visit_count=9, visit_value=5000)
        cls.write_facts(cls.old, visit_count=2, visit_value=50)
        cls.here = cls.segment("Here", [("city", "=", "Segmentia")])
        cls.women = cls.segment("Women", [("sex", "=", "female")])

    @classmethod
    def segment(cls, name, domain=None, user=None, **vals):
        return (
            cls.env["clinic.segment"]
            .with_user(user or cls.env.user)
            .create({"name": name, "domain": repr(domain or []), **vals})
        )

    def members(self, segment):
        """The patients of a segment, by the query that other modules use."""
        return self.Partner.with_env(segment.env).search(
            [("id", "in", segment._patients_query())]
        )


@tagged("post_install", "-at_install")
class TestSegment(SegmentCommon):
    def test_rule(self):
        """PAT-08: a rule over the card and over facts; the count follows at once."""
        self.assertEqual(self.members(self.here), self.young | self.old | self.rich)
        self.assertEqual(self.here._count(), 3)
        self.assertEqual(self.here.live_size, 3)
        self.assertEqual(self.here.size, 3)
        loyal = self.segment(
            "Loyal", [("visit_count", ">=", 2), ("city", "=", "Segmentia")]
        )
        self.assertEqual(self.members(loyal), self.old | self.rich)
        never = self.segment(
            "Never", [("visit_count", "=", 0), ("city", "=", "Segmentia")]
        )
        self.assertEqual(self.members(never), self.young)
        few = self.segment("Few", [("visit_count", "<", 3), ("city", "=", "Segmentia")])
        self.assertEqual(self.members(few), self.young | self.old)

    def test_one_join(self):
        """PAT-08: any number of facts is one join by primary key, no list of ids."""
        loyal = self.segment(
            "Loyal",
            [
                ("visit_count", ">=", 2),
                ("last_visit_date", "<", "2026-01-01"),
                ("lifetime_value", ">", 10),
                ("city", "=", "Segmentia"),
                ("sex", "=", "female"),
            ],
        )
        query = loyal._patients_query().select().code
        self.assertEqual(query.count("clinic_patient_facts"), 1, query)
        self.assertEqual(query.count("SELECT"), 1, query)

    def test_set_operations(self):
        """PAT-08: union, intersection and difference, nested."""
        both = self.segment(
            "Both",
            kind="combined",
            operation="intersection",
            base_id=self.here.id,
            operand_ids=[Command.set(self.women.ids)],
        )
        self.assertEqual(self.members(both), self.young | self.rich)
        either = self.segment(
            "Either",
            kind="combined",
            operation="union",
            base_id=self.here.id,
            operand_ids=[Command.set(self.women.ids)],
        )
        self.assertLessEqual(
            self.young | self.old | self.rich | self.far, self.members(either)
        )
        unseen = self.segment("Unseen", [("last_visit_date", "<", "2000-01-01")])
        left = self.segment(
            "Left over",
            kind="combined",
            operation="difference",
            base_id=either.id,
            operand_ids=[Command.set((both | unseen).ids)],
        )
        self.assertEqual(
            self.members(left) & (self.young | self.old | self.rich | self.far),
            self.old | self.far,
            "those for whom a rule is unknown are not in it",
        )

    def test_circles_are_refused(self):
        """PAT-08: a segment is never made of itself, directly or not."""
        outer = self.segment(
            "Outer",
            kind="combined",
            operation="union",
            base_id=self.here.id,
            operand_ids=[Command.set(self.women.ids)],
        )
        top = self.segment(
            "Top",
            kind="combined",
            operation="union",
            base_id=outer.id,
            operand_ids=[Command.set(self.women.ids)],
        )
        with self.assertRaises(ValidationError):
            outer.operand_ids = [Command.link(top.id)]
        with self.assertRaises(ValidationError):
            outer.base_id = outer
        for domain in (
            [("segment_ids", "in", [top.id])],
            [("segment_member_ids.segment_id", "=", top.id)],
            [("child_ids.segment_ids", "in", [top.id])],
            [("child_ids", "any", [("segment_ids", "in", [top.id])])],
        ):
            with self.subTest(domain), self.assertRaises(ValidationError):
                self.segment("By rule", domain)

    def test_shared_of_shared(self):
        """PAT-08: what all may use is made of what all may use."""
        with self.assertRaises(ValidationError):
            self.segment(
                "Both", kind="combined", base_id=self.here.id, sharing="shared"
            )
        self.here.sharing = "shared"
        self.segment("Both", kind="combined", base_id=self.here.id, sharing="shared")
        with self.assertRaises(ValidationError):
            self.segment("Frozen from nothing", kind="snapshot")

    def test_rules_that_cannot_be_read(self):
        """A rule is data: neither code nor an internal operator is let in."""
        for text in (
            "not a domain",
            "[('no_such_field', '=', 1)]",
            "[('id', 'any!', [])]",
            "__import__('os').getpid()",
            "[('name', '=')]",
        ):
            with self.subTest(text), self.assertRaises(ValidationError):
                self.Segment.create({"name": "Bad", "domain": text})

    def test_snapshot_and_history(self):
        """PAT-08: a snapshot stays; taken again, it knows who entered and who left."""
        frozen = self.Segment.browse(self.here.action_freeze()["res_id"])
        self.assertEqual(frozen.kind, "snapshot")
        self.old.city = "Elsewhere"
        self.far.city = "Segmentia"
        self.assertEqual(self.members(frozen), self.young | self.old | self.rich)
        self.assertEqual(self.members(self.here), self.young | self.far | self.rich)
        frozen.action_take_snapshot()
        second, first = frozen.snapshot_ids
        self.assertEqual((first.size, first.entered_count, first.left_count), (3, 3, 0))
        self.assertEqual(
            (second.size, second.entered_count, second.left_count), (3, 1, 1)
        )
        for action, patient in (
            (second.action_open_entered(), self.far),
            (second.action_open_left(), self.old),
        ):
            self.assertEqual(self.Partner.search(action["domain"]), patient)
        self.old.city = "Segmentia"
        frozen.action_take_snapshot()
        self.assertEqual(self.old.segment_member_ids.segment_id, frozen)
        self.assertEqual(len(self.old.segment_member_ids), 2)

    def test_size_history(self):
        """PAT-08: one row a day, with the rights of the owner; a second run of the
        day adds nothing."""
        self.here.track_members = True
        self.env["clinic.segment.size"].search([]).unlink()
        with self.enter_registry_test_mode():
            cron = self.env.ref("clinic_patient.ir_cron_record_segments")
            cron.method_direct_trigger()
            cron.method_direct_trigger()
        self.env.invalidate_all()
        sizes = self.env["clinic.segment.size"].search(
            [("segment_id", "=", self.here.id)]
        )
        self.assertEqual(sizes.mapped("size"), [3])
        # The day of the scheduled action's user.
        zone = self.env.ref("base.user_root").tz or "UTC"
        today = fields.Date.context_today(self.here.with_context(tz=zone))
        self.assertEqual(sizes.day, today)
        self.assertEqual(len(self.here.snapshot_ids), 1)

    def test_segments_on_the_card(self):
        """PAT-08: a person's segments, and the search by a segment's name."""
        self.assertLessEqual(self.here | self.women, self.young.segment_ids)
        self.assertNotIn(self.here, self.far.segment_ids)
        found = self.Partner.search(
            [("segment_ids", "ilike", "Here"), ("city", "like", "e")]
        )
        self.assertEqual(found, self.young | self.old | self.rich)
        outside = self.Partner.search(
            [
                ("segment_ids", "not in", self.here.ids),
                ("id", "in", (self.young | self.far).ids),
            ]
        )
        self.assertEqual(outside, self.far)

    def test_merge(self):
        """PAT-05: two cards in one snapshot become one member."""
        frozen = self.Segment.browse(self.here.action_freeze()["res_id"])
        self.old._merge_into(self.young)
        self.assertEqual(self.members(frozen), self.young | self.rich)

    def test_open_patients(self):
        """PAT-08: list, pivot and graph of the members, by a condition."""
        action = self.here.action_open_patients()
        self.assertEqual(
            self.Partner.search(action["domain"]), self.young | self.old | self.rich
        )
        self.assertIn("pivot", action["view_mode"])
        groups = self.Partner.formatted_read_group(
            action["domain"], ["sex"], ["visit_count:sum", "__count"]
        )
        self.assertEqual(
            {each["sex"]: each["visit_count:sum"] or 0 for each in groups},
            {"female": 9, "male": 2},
        )


@tagged("post_install", "-at_install")
class TestSegmentAccess(SegmentCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.roles = {role: cls.user(role) for role in ROLES}
        cls.rule = [("lifetime_value", ">", 1000)]
        cls.top = cls.segment(
            "Top", cls.rule, user=cls.roles["manager"], sharing="shared"
        )
        cls.env.invalidate_all()

    def refused(self, function):
        with mute_logger("odoo.addons.base.models.ir_rule", "odoo.models", "odoo.orm"):
            try:
                with self.env.cr.savepoint():
                    function()
                    self.env.flush_all()
            except AccessError:
                self.env.invalidate_all()
                return True
        return False

    def test_who_makes_segments(self):
        """OPS-01, PAT-08: marketing works with segments; all staff read shared ones."""
        shared = self.segment("Shared", sharing="shared")
        private = self.segment("Private")
        for role, user in self.roles.items():
            with self.subTest(role):
                self.assertEqual(
                    self.refused(lambda u=user: self.segment("Mine", user=u)),
                    role not in WRITES_SEGMENTS,
                )
                self.assertEqual(
                    self.refused(lambda u=user: shared.with_user(u).read(["name"])),
                    role == "client_representative",
                )
                self.assertEqual(
                    self.refused(lambda u=user: private.with_user(u)._count()),
                    role != "administrator",
                )
                self.assertEqual(
                    self.refused(
                        lambda u=user: shared.with_user(u).write({"name": "Changed"})
                    ),
                    role not in ("administrator", "manager"),
                )

    def test_money_is_no_oracle(self):
        """OPS-01: nobody learns what a patient paid by asking segments about it."""
        for role, user in self.roles.items():
            if role in SEES_MONEY or role == "client_representative":
                continue
            top = self.top.with_user(user)
            Partner = self.Partner.with_user(user)
            attacks = {
                "rule": lambda u=user: self.segment("Spy", self.rule, user=u),
                "path": lambda u=user: self.segment(
                    "Spy", [("facts_id.visit_value", ">", 1000)], user=u
                ),
                "for another": lambda u=user: self.segment(
                    "Spy", self.rule, user=u, owner_id=self.roles["manager"].id
                ),
                "combination": lambda u=user: self.segment(
                    "Spy",
                    user=u,
                    kind="combined",
                    operation="intersection",
                    base_id=self.top.id,
                ),
                "snapshot": lambda u=user: self.segment(
                    "Spy", user=u, kind="snapshot", source_id=self.top.id
                ).action_take_snapshot(),
                "search": lambda p=Partner: p.search(self.rule),
                "search inside": lambda p=Partner: p.search(
                    [("facts_id", "any", [("visit_value", ">", 1000)])]
                ),
                "sum": lambda p=Partner: p._read_group(
                    [], ["city"], ["lifetime_value:sum"]
                ),
                "group": lambda p=Partner: p._read_group([], ["lifetime_value"]),
                "order": lambda p=Partner: p.search([], order="lifetime_value"),
                "read": lambda p=Partner: p.browse(self.rich.id).read(
                    ["lifetime_value"]
                ),
                "facts": lambda u=user: (
                    self.env["clinic.patient.facts"].with_user(u).search([])
                ),
                "open": lambda s=top: s.action_open_patients(),
                "count": lambda s=top: s._count(),
                "size": lambda s=top: s.read(["size", "live_size"]),
                "freeze": lambda s=top: s.action_freeze(),
            }
            for name, attack in attacks.items():
                with self.subTest(role=role, attack=name):
                    self.assertTrue(self.refused(attack))
            self.assertFalse(
                Partner.search([("segment_ids", "in", self.top.ids)]),
                "a segment that is not mine to use finds nobody",
            )
            self.assertFalse(Partner.search([("segment_ids", "ilike", "Top")]))
            self.assertNotIn(self.top, Partner.browse(self.rich.id).segment_ids)

    def test_money_in_what_was_recorded(self):
        """OPS-01: members and sizes recorded by money stay as secret as they were."""
        manager = self.roles["manager"]
        top = self.top.with_user(manager)
        frozen = self.Segment.browse(top.action_freeze()["res_id"])
        frozen.with_user(manager).sharing = "shared"
        top.action_take_snapshot()
        top.domain = "[('city', '=', 'Segmentia')]"
        user = self.roles["marketing"]
        for segment in (self.top, frozen):
            self.assertTrue(segment.uses_money)
            self.assertTrue(
                self.refused(lambda s=segment: s.with_user(user).read(["name"]))
            )
        for model in ("member", "snapshot", "size"):
            rows = self.env[f"clinic.segment.{model}"].with_user(user)
            self.assertFalse(
                rows.search([("segment_id", "in", (self.top | frozen).ids)])
            )
        self.assertFalse(
            self.Partner.with_user(user).search(
                [("segment_member_ids.segment_id", "in", (self.top | frozen).ids)]
            )
        )

    def test_money_by_role(self):
        """OPS-01: manager and cashier use what asks for money."""
        for role in SEES_MONEY:
            with self.subTest(role):
                segment = self.top.with_user(self.roles[role])
                everybody = self.young | self.old | self.rich | self.far
                self.assertEqual(self.members(segment) & everybody, self.rich)
                self.assertFalse(
                    self.refused(
                        lambda r=role: self.segment(
                            "Mine", self.rule, user=self.roles[r]
                        )
                    )
                )

    def test_what_a_paper_is_about_is_no_oracle(self):
        """Neither the title of a paper nor the treatment it names is asked about."""
        coordinator = self.roles["coordinator"]
        for name in ("title", "treatment"):
            rule = [(f"clinic_document_ids.{name}", "ilike", "tooth")]
            with (
                self.subTest(name),
                self.assertRaises(AccessError),
                self.cr.savepoint(),
            ):
                self.segment("Spy", rule, user=coordinator)

    def test_owner_without_rights(self):
        """A segment whose owner lost the right is left out, and stops nothing."""
        lost = self.segment("Lost", self.rule, owner_id=self.roles["marketing"].id)
        self.env["clinic.segment.size"].search([]).unlink()
        with self.enter_registry_test_mode():
            self.env.ref(
                "clinic_patient.ir_cron_record_segments"
            ).method_direct_trigger()
        self.env.invalidate_all()
        counted = self.env["clinic.segment.size"].search([]).segment_id
        self.assertNotIn(lost, counted)
        self.assertIn(self.here, counted)
