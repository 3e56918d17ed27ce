from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.clinic_patient.tests.common import ROLES

from .common import RecallCommon

OPERATIONS = ("read", "write", "create", "unlink")
DESK = {
    "administrator",
    "manager",
    "receptionist",
    "coordinator",
    "operator",
    "supervisor",
}
BOSSES = {"administrator", "manager"}
SEERS = {"chief_doctor", "practitioner", "marketing"}
MARKET = {"administrator", "manager", "marketing"}

#: Who may do what, model by model: read, write, create, unlink.
EXPECTED = {
    "clinic.recall": (DESK | SEERS, DESK, DESK, set()),
    "clinic.recall.attempt": (
        DESK | SEERS - {"marketing"},
        set(),
        DESK,
        set(),
    ),
    "clinic.recall.rule": (DESK | SEERS, BOSSES, BOSSES, BOSSES),
    "clinic.recall.step": (DESK | SEERS, BOSSES, BOSSES, BOSSES),
    "clinic.recall.reason": (DESK | SEERS, BOSSES, BOSSES, BOSSES),
    "clinic.recall.cause": ({"administrator"}, set(), set(), set()),
    "clinic.recall.outcome": (DESK, DESK, DESK, DESK),
    "clinic.next.step": (DESK | {"chief_doctor"}, DESK, set(), set()),
    "clinic.next.step.closure": (DESK | {"chief_doctor"}, DESK, DESK, set()),
    "clinic.next.step.day": (
        BOSSES | {"coordinator", "supervisor", "chief_doctor", "marketing"},
        set(),
        set(),
        set(),
    ),
    "clinic.next.step.give": (DESK, DESK, DESK, DESK),
    "clinic.recall.campaign": (
        MARKET | {"coordinator", "supervisor", "chief_doctor"},
        MARKET,
        MARKET,
        MARKET,
    ),
    "clinic.recall.campaign.member": (MARKET | {"coordinator"}, set(), set(), set()),
    "clinic.recall.campaign.result": (MARKET | {"coordinator"}, set(), set(), set()),
    "clinic.recall.campaign.funnel": (
        MARKET | {"coordinator", "supervisor", "chief_doctor"},
        set(),
        set(),
        set(),
    ),
    "clinic.recall.report": (
        MARKET | {"coordinator", "supervisor", "chief_doctor", "practitioner"},
        set(),
        set(),
        set(),
    ),
}
#: Models of the other room of this addon have a table of their own.
PREFIXES = ("clinic.recall", "clinic.next.step")


@tagged("post_install", "-at_install")
class TestRecallAccess(RecallCommon):
    """Who sees and does what, and that nobody else does."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.roles = {role: cls.role(role) for role in ROLES}

    def test_matrix(self):
        """OPS-01: each role and each model of recalls, from the registry."""
        models = {
            name
            for name, model in self.env.registry.items()
            if model._module == "clinic_recall"
            and name.startswith(PREFIXES)
            and not model._abstract
        }
        self.assertEqual(models, set(EXPECTED))
        for model, expected in EXPECTED.items():
            for operation, allowed in zip(OPERATIONS, expected, strict=True):
                with self.subTest(model=model, operation=operation):
                    found = {
                        role
                        for role, user in self.roles.items()
                        if self.env[model].with_user(user).has_access(operation)
                    }
                    self.assertEqual(found, allowed)

    def test_strangers(self):
        """S1: portal, public and employees without a role get nothing at all."""
        portal = self.env["res.users"].create(
            {
                "login": "recall_portal",
                "partner_id": self.patient.id,
                "group_ids": [Command.set([self.env.ref("base.group_portal").id])],
            }
        )
        clerk = self.env["res.users"].create(
            {
                "login": "recall_clerk",
                "name": "Clerk",
                "group_ids": [Command.set([self.env.ref("base.group_user").id])],
            }
        )
        self.past_visit("2025-09-02")
        for user in (portal, clerk, self.env.ref("base.public_user")):
            for model in EXPECTED:
                for operation in OPERATIONS:
                    with self.subTest(model=model, user=user.login):
                        self.assertFalse(
                            self.env[model].with_user(user).has_access(operation)
                        )
            with self.assertRaises(AccessError):
                self.recalls().with_user(user).action_no_answer()

    def visible(self, role):
        with mute_logger("odoo.addons.base.models.ir_rule"):
            return self.Recall.with_user(self.roles[role]).search(
                [("patient_id", "=", self.patient.id)]
            )

    def test_locations_and_own_patients(self):
        """S1: staff of another location and other practitioners see no recall."""
        self.past_visit("2025-09-02")
        recall = self.recalls()
        receptionist = self.roles["receptionist"]
        self.assertEqual(self.visible("receptionist"), recall)
        receptionist.clinic_location_ids = self.sao_paulo
        self.assertFalse(self.visible("receptionist"))
        with self.assertRaises(AccessError):
            recall.with_user(receptionist).action_no_answer()
        self.assertFalse(self.visible("practitioner"))
        self.anna.user_id = self.roles["practitioner"]
        self.assertEqual(self.visible("practitioner"), recall)
        with self.assertRaises(AccessError):
            recall.with_user(self.roles["practitioner"]).write(
                {"due_date": "2026-01-01"}
            )

    def test_marketing_learns_no_diagnosis(self):
        """S1: recalls of rules about diagnoses, and what patients said, stay hidden."""
        self.past_visit("2025-09-02")
        recall = self.recalls()
        self.assertEqual(self.visible("marketing"), recall)
        marketing = self.roles["marketing"]
        with self.assertRaises(AccessError):
            recall.with_user(marketing).read(["note"])
        with self.assertRaises(AccessError):
            self.rule.with_user(marketing).read(["condition_ids"])
        self.rule.condition_ids = self.env["clinic.condition"].search([], limit=1)
        self.env.flush_all()
        self.assertFalse(self.visible("marketing"))
        report = self.env["clinic.recall.report"].with_user(marketing)
        self.assertFalse(report.search([("rule_id", "=", self.rule.id)]))

    def test_other_company(self):
        """S1: recalls, next steps and mass recalls of another company are not seen."""
        other = self.env["res.company"].create({"name": "Other clinic"})
        self.past_visit("2025-09-02")
        recall = self.recalls()
        self.env.cr.execute(
            "UPDATE clinic_recall SET company_id = %s WHERE id = %s",
            [other.id, recall.id],
        )
        self.env.invalidate_all()
        self.assertFalse(self.visible("manager"))
        self.assertFalse(
            self.env["clinic.recall.report"]
            .with_user(self.roles["manager"])
            .search([("patient_id", "=", self.patient.id)])
        )

    def test_roles_that_call(self):
        """RCL-01: who calls may write results, and needs no rights on rules."""
        self.past_visit("2025-09-02")
        recall = self.recalls()
        for role in sorted(DESK):
            with self.subTest(role):
                recall.with_user(self.roles[role]).action_no_answer()
        self.assertEqual(recall.attempt_count, len(DESK))
        for role in sorted(SEERS):
            with self.subTest(role), self.assertRaises(AccessError):
                recall.with_user(self.roles[role]).action_no_answer()


@tagged("post_install", "-at_install")
class TestRecallMerge(RecallCommon):
    """Two cards of one person become one, and two again."""

    def test_merge_and_unmerge(self):
        """PAT-05: one recall a rule and cause, one next step; undo works."""
        rule = self.make_rule(
            "Fifty", trigger="birthday", birthday_age=50, delay=0, match="any"
        )
        double = self.make_patient("Rossi", "Mariah", birth_date="1976-03-20")
        self.patient.birth_date = "1976-03-20"
        self.past_visit("2025-09-02")
        self.past_visit("2025-10-02", patient=double)
        self.night()
        before = self.snapshot(double | self.patient)
        self.assertEqual(len(self.recalls(rule)), 1)
        merge = self.env["clinic.merge"]._merge(double, self.patient)
        self.work_out()
        self.assertEqual(len(self.recalls(rule)), 1, "one cause, one recall")
        first, second = self.recalls()
        self.assertEqual((first.close_reason, second.close_reason), ("came", False))
        steps = self.env["clinic.next.step"].search(
            [("patient_id", "=", self.patient.id)]
        )
        self.assertEqual(len(steps), 1)
        merge.action_undo()
        self.env.invalidate_all()
        self.work_out()
        self.assertEqual(self.snapshot(double | self.patient), before)

    def snapshot(self, patients):
        """Who has which recalls and next steps."""
        self.env.invalidate_all()
        recalls = self.Recall.search([("patient_id", "in", patients.ids)])
        steps = self.env["clinic.next.step"].search(
            [("patient_id", "in", patients.ids)]
        )
        return (
            sorted(
                (r.patient_id.id, r.cause, r.state, str(r.due_date)) for r in recalls
            ),
            sorted((s.patient_id.id, s.kind, str(s.date)) for s in steps),
        )

    def test_timeline(self):
        """PAT-06: recalls and attempts stand on the timeline of the card."""
        self.past_visit("2025-09-02")
        self.recalls().action_no_answer()
        user = self.role("receptionist")
        page = self.patient.with_user(user).timeline(["recall", "recall_attempt"])
        self.assertEqual(
            {item["kind"] for item in page["items"]}, {"recall", "recall_attempt"}
        )
        self.assertEqual(self.patient.with_user(user).open_recall_count, 1)
