from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.clinic_patient.tests.common import ROLES, group_of
from odoo.addons.mail.tests.common import mail_new_test_user

from .common_journey import JourneyCommon

#: How many relations a path may lead through.
DEEPEST = 2
#: Conditions that name somebody by what ails them.
QUESTIONS = (
    "[('condition_ids.code', '=', 'E11')]",
    "[('recall_ids.rule_id.name', 'ilike', 'diabetes')]",
    "[('recall_ids', 'any', [('rule_id.name', 'ilike', 'diabetes')])]",
    "['!', ('followup_ids.plan_id.name', 'ilike', 'diabetes')]",
    "[('followup_ids', 'not any', [('plan_id', 'any', [('name', '=', 'x')])])]",
    "[('care_plan_ids.diagnosis', 'ilike', 'diabetes')]",
    "[('encounter_ids.diagnosis_ids.condition_id.code', '=', 'E11')]",
    "['|', ('city', '=', 'Rome'), ('recall_ids.rule_id', '!=', False)]",
)


@tagged("post_install", "-at_install", "slow")
class TestHealthOracle(JourneyCommon):
    """Nobody learns by asking what they may not read."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.users = {
            role: mail_new_test_user(
                cls.env,
                f"oracle_{role}",
                groups=group_of(role),
            )
            for role in ROLES
        }
        cls.marketing = cls.users["marketing"]
        cls.boss = cls.users["manager"]
        cls.secrets = cls.env["clinic.health.fields"]._all()

    def paths(self):
        """{(model, field): path} of what tells of health, from the patient's card."""
        found, level = {}, [(self.env["res.partner"], ())]
        for _depth in range(DEEPEST + 1):
            further = []
            for model, path in level:
                for name, field in model._fields.items():
                    if not field._description_searchable or name.startswith("message_"):
                        continue
                    here = (*path, name)
                    if (model._name, name) in self.secrets:
                        found.setdefault((model._name, name), ".".join(here))
                    if field.relational and field.comodel_name.startswith("clinic."):
                        further.append((self.env[field.comodel_name], here))
            level = further
        return found

    def test_no_path_tells_what_reading_refuses(self):
        """S2: searching, grouping and exporting are as closed as reading.

        Without the right to export at all the answer is another refusal.
        """
        paths, tried = self.paths(), 0
        self.assertGreater(len(paths), 10)
        for role, user in self.users.items():
            cards = self.env["res.partner"].with_user(user)
            for (model_name, name), path in paths.items():
                model = cards.env[model_name]
                field = model._fields[name]
                if model.has_access("read") and model._has_field_access(field, "read"):
                    continue
                question = ("ilike", "a")
                if field.type.endswith("2many"):
                    question = ("any", [("id", ">", 0)])
                elif field.relational or field.type in ("integer", "float"):
                    question = ("in", [1, 2])
                elif field.type == "boolean":
                    question = ("=", True)
                ways = {
                    "search": lambda cards=cards, path=path: cards.search(
                        [(path, "!=", False)]
                    ),
                    "count": lambda cards=cards, path=path, question=question: (
                        cards.search_count([(path, *question)])
                    ),
                    "order": lambda model=model, name=name: model.search(
                        [], order=name
                    ),
                    "group": lambda model=model, name=name: model._read_group(
                        [], [name], ["__count"]
                    ),
                    "export": lambda model=model, name=name: model.search(
                        [], limit=1
                    ).export_data([name]),
                    "read": lambda model=model, name=name: model.search_read(
                        [], [name], limit=1
                    ),
                }
                for way, ask in ways.items():
                    if way == "order" and not (field.store and field.column_type):
                        continue
                    if way == "group" and not (field.store and field.column_type):
                        continue
                    if way == "export" and not model.sudo().search([], limit=1):
                        continue
                    tried += 1
                    with (
                        self.subTest(role=role, path=path, way=way),
                        self.assertRaises(UserError),
                        mute_logger("odoo.models", "odoo.addons.base.models.ir_model"),
                    ):
                        ask()
        self.assertGreater(tried, 200)

    def test_conditions_of_users(self):
        """PAT-08, RCL-06: no segment, journey or recall answers such a question."""
        for role in ("marketing", "coordinator"):
            env = self.env(user=self.users[role])
            for question in QUESTIONS:
                with (
                    self.subTest(role=role, question=question),
                    mute_logger("odoo.addons.base.models.ir_model", "odoo.models"),
                ):
                    with self.assertRaises(AccessError), self.cr.savepoint():
                        env["clinic.segment"].create({"name": "x", "domain": question})
                    segment = env["clinic.segment"].create({"name": "y"})
                    with self.assertRaises(AccessError), self.cr.savepoint():
                        segment.domain = question
                        segment.flush_recordset()
        env = self.env(user=self.marketing)
        for question in QUESTIONS:
            with (
                self.subTest(question=question),
                mute_logger("odoo.addons.base.models.ir_model", "odoo.models"),
            ):
                journey = self.journey().with_user(self.marketing)
                for name in ("goal_domain", "exit_domain"):
                    with self.assertRaises(AccessError), self.cr.savepoint():
                        journey.write({name: question})
                with self.assertRaises(AccessError), self.cr.savepoint():
                    journey.write(
                        {
                            "node_ids": [
                                Command.create(
                                    {
                                        "name": "Which",
                                        "kind": "condition",
                                        "condition": "domain",
                                        "domain": question,
                                    }
                                )
                            ]
                        }
                    )
                campaigns = env["clinic.recall.campaign"]
                vals = {"name": "x", "segment_id": self.shared().id}
                vals["user_id"] = self.boss.id
                with self.assertRaises(AccessError), self.cr.savepoint():
                    campaigns.create({**vals, "domain": question}).action_preview()
                campaign = campaigns.create(vals)
                with self.assertRaises(AccessError), self.cr.savepoint():
                    campaign.domain = question
                    campaign.action_preview()

    def shared(self, **vals):
        return self.env["clinic.segment"].create(
            {"name": "For all", "sharing": "shared", **vals}
        )

    def test_nobody_borrows_the_rights_of_an_owner(self):
        """RCL-06: who acts is whose rights hold; an owner is not named by others."""
        env = self.env(user=self.marketing)
        with self.assertRaises(AccessError):
            env["clinic.segment"].create({"name": "x", "owner_id": self.boss.id})
        own = env["clinic.segment"].create({"name": "x"})
        with self.assertRaises(AccessError):
            own.owner_id = self.boss
        with self.assertRaises(AccessError):
            env["clinic.journey"].create(
                {"name": "x", "segment_id": own.id, "owner_id": self.boss.id}
            )
        journey = env["clinic.journey"].create({"name": "x", "segment_id": own.id})
        with self.assertRaises(AccessError):
            journey.owner_id = self.boss
        self.assertEqual((own.owner_id, journey.owner_id), (self.marketing,) * 2)

    @mute_logger("odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_model")
    def test_segment_one_may_not_read(self):
        """RCL-06: a journey on a segment its starter may not use does not start."""
        secret = self.shared(domain="[('condition_ids.code', '=', 'E11')]")
        self.assertTrue(secret.uses_health)
        journey = self.journey(segment_id=secret.id)
        self.chain(journey, ("tag", {"tag_id": self.tag.id}))
        with self.assertRaises(UserError):
            journey.with_user(self.marketing).action_start()
        self.assertEqual(journey.state, "draft")
        self.assertFalse(self.Entry.search([("journey_id", "=", journey.id)]))

    def test_running_with_somebody_elses_rights(self):
        """RCL-06: conditions of a journey that runs are its owner's to change."""
        journey = self.journey(segment_id=self.shared().id)
        [step] = self.chain(journey, ("condition", {"condition": "domain"}))
        self.chain(journey, ("tag", {"tag_id": self.tag.id}))
        journey.with_user(self.boss).action_start()
        self.assertEqual(journey.owner_id, self.boss)
        theirs = journey.with_user(self.marketing)
        harmless = "[('city', '=', 'Rome')]"
        for write in (
            lambda: theirs.write({"exit_domain": harmless}),
            lambda: theirs.write({"goal_domain": harmless}),
            lambda: step.with_user(self.marketing).write({"domain": harmless}),
            lambda: theirs.write(
                {
                    "node_ids": [
                        Command.create(
                            {
                                "name": "Which",
                                "kind": "condition",
                                "condition": "domain",
                                "domain": harmless,
                            }
                        )
                    ]
                }
            ),
        ):
            with self.assertRaises(UserError), self.cr.savepoint():
                write()
        theirs.action_pause()
        theirs.write({"exit_domain": harmless})
        theirs.action_start()
        self.assertEqual(journey.owner_id, self.marketing)

    def test_diagnosis_of_a_plan(self):
        """CRM-06: neither the desk nor the cashier reads what a plan is for."""
        for role in ("receptionist", "cashier", "operator", "marketing"):
            plans = self.env["clinic.care.plan"].with_user(self.users[role])
            self.assertNotIn(
                "diagnosis", plans.fields_get() if plans.has_access("read") else {}
            )
        for role in ("practitioner", "coordinator", "manager"):
            plans = self.env["clinic.care.plan"].with_user(self.users[role])
            self.assertIn("diagnosis", plans.fields_get())
