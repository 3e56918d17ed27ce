from datetime import timedelta

from lxml import etree

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from .pipeline_common import PipelineCommon


@tagged("post_install", "-at_install")
class TestPipelineAccess(PipelineCommon):
    def test_any_link_to_a_deal_opens_in_the_clinics_words(self):
        """A link without a view: each role gets a form whose fields it may read."""
        form = self.env.ref("clinic_pipeline.clinic_deal_view_form")
        for role in ("coordinator", "receptionist", "cashier", "marketing"):
            deals = self.Deal.with_user(self.user(role))
            found = deals.get_views([(False, "form"), (False, "list")])
            self.assertEqual(found["views"]["form"]["id"], form.id, role)
            known = found["models"]["crm.lead"]["fields"]
            arch = etree.fromstring(found["views"]["form"]["arch"])
            names = {
                node.get("name")
                for node in arch.iter("field")
                if next(node.iterancestors("field"), None) is None
            }
            self.assertLessEqual(names, known.keys(), role)

    def test_roles(self):
        """OPS-01: which roles read, change and open deals."""
        patient, other = self.patient(), self.patient()
        deal = self.deal("appointments.new", patient)
        stage = self.stage("appointments.new")
        expected = {
            "administrator": "rwcu",
            "manager": "rwc",
            "chief_doctor": "rw",
            "practitioner": "",
            "receptionist": "rwc",
            "coordinator": "rwc",
            "operator": "rwc",
            "supervisor": "rwc",
            "marketing": "r",
            "cashier": "r",
            "client_representative": "",
            "": "",
        }
        vals = {
            "patient_id": other.id,
            "team_id": stage.team_ids.id,
            "stage_id": stage.id,
        }
        for role, rights in expected.items():
            with self.subTest(role=role):
                user = self.user(*filter(None, [role]))
                mine = deal.with_user(user)
                tries = {
                    "r": lambda d=mine: d.read(["name", "stage_id"]),
                    "w": lambda d=mine: d.write({"source_detail": "x"}),
                    "c": lambda d=mine: d.create(dict(vals)),
                    "u": lambda d=mine: d.unlink(),
                }
                for letter, attempt in tries.items():
                    savepoint = self.env.cr.savepoint()
                    self.env.invalidate_all()
                    try:
                        attempt()
                        self.env.flush_all()
                        allowed = True
                    except AccessError:
                        allowed = False
                    finally:
                        savepoint.close(rollback=True)
                        self.env.invalidate_all()
                    self.assertEqual(allowed, letter in rights, f"{role} {letter}")

    def test_moving_by_hand(self):
        """OPS-01: a receptionist moves a deal with all that follows."""
        user = self.user("receptionist")
        patient = self.patient()
        deal = self.deal("base.taken", patient)
        self.move(deal.with_user(user), "base.searching")
        self.assertEqual(self.keys(patient), ["appointments.searching"])
        self.assertEqual(deal.entry_ids[:1].moved_by_id, user)

    def test_sellers_see_no_patient_deal(self):
        """OPS-01: groups of Odoo's sales open no deal of a patient, nor do the
        clinic's roles open a sale."""
        seller = self.user()
        seller.group_ids += self.env.ref("sales_team.group_sale_manager")
        deal = self.deal("base.base")
        sale = self.Deal.create({"name": "A sale"})
        self.assertNotIn(deal, self.Deal.with_user(seller).search([]))
        self.assertIn(sale, self.Deal.with_user(seller).search([]))
        receptionist = self.user("receptionist")
        seen = self.Deal.with_user(receptionist).search([])
        self.assertIn(deal, seen)
        self.assertNotIn(sale, seen)
        for user in (
            self.portal_user(self.patient()),
            self.env.ref("base.public_user"),
        ):
            with self.assertRaises(AccessError):
                self.Deal.with_user(user).search([])

    @mute_logger("odoo.models", "odoo.addons.base.models.ir_model")
    def test_creating_tells_nothing(self):
        """OPS-01: whoever has no role learns from a refusal neither who is a patient
        nor that there is a deal, however the person is named."""
        seller = new_test_user(
            self.env, "deal_seller", groups="sales_team.group_sale_manager"
        )
        # As Odoo's accountants have it: contacts, and nothing of sales.
        accountant = new_test_user(
            self.env,
            "deal_accountant",
            groups="base.group_user,base.group_partner_manager",
        )
        deal = self.deal("appointments.new")
        people = {
            "with a deal": deal.patient_id.id,
            "without": self.patient().id,
            "no patient": self.env["res.partner"].create({"name": "Nobody"}).id,
            "not there": 2**31 - 1,
        }
        base = {"name": "Spy", "team_id": deal.team_id.id}
        for user in (seller, accountant):
            Deal = self.Deal.with_user(user)
            ways = {
                "values": lambda one, d=Deal: d.create({**base, "patient_id": one}),
                "own pipeline": lambda one, d=Deal: d.create({"patient_id": one}),
                "context": lambda one, d=Deal: d.with_context(
                    default_patient_id=one
                ).create(base),
                "second": lambda one, d=Deal: d.create([base, {"patient_id": one}]),
            }
            for way, create in ways.items():
                told = set()
                for person in people.values():
                    with (
                        self.assertRaises(AccessError) as refusal,
                        self.cr.savepoint(),
                    ):
                        create(person)
                    told.add(str(refusal.exception))
                with self.subTest(user.login, way=way):
                    self.assertEqual(len(told), 1, told)

    def test_switches(self):
        """OPS-01: own only, own pipelines, last days, read-only."""
        user = self.user("coordinator")
        own = self.deal("base.base", user_id=user.id)
        old = self.deal("appointments.new", user_id=user.id)
        old.date_last_stage_update = fields.Datetime.now() - timedelta(days=40)
        foreign = self.deal("base.base")
        mine = self.Deal.with_user(user)
        everything = own | old | foreign

        def seen():
            return mine.search([("id", "in", everything.ids)])

        self.assertEqual(seen(), everything)
        user.deal_own_only = True
        self.assertEqual(seen(), own | old)
        user.deal_days = 30
        self.assertEqual(seen(), own)
        user.write({"deal_own_only": False, "deal_days": 0})
        user.deal_team_ids = own.team_id
        self.assertEqual(seen(), own | foreign)
        self.assertEqual(
            self.env["clinic.pipeline.entry"].with_user(user).search([]).lead_id
            & everything,
            own | foreign,
        )
        user.deal_read_only = True
        self.assertEqual(seen(), own | foreign)
        with self.assertRaises(AccessError):
            own.with_user(user).write({"source_detail": "x"})

    def test_switches_of_the_user_are_not_the_users(self):
        """OPS-01: nobody loosens the own switches."""
        user = self.user("coordinator", deal_own_only=True)
        with self.assertRaises(AccessError):
            user.with_user(user).write({"deal_own_only": False})

    def test_amount(self):
        """OPS-01: money is seen by manager and cashier only."""
        deal = self.deal("coordinators.drafted", expected_revenue=500)
        for role in ("manager", "cashier", "administrator"):
            read = deal.with_user(self.user(role)).read(["expected_revenue"])
            self.assertEqual(read[0]["expected_revenue"], 500)
        for role in ("receptionist", "coordinator", "operator", "marketing"):
            user = self.user(role)
            with self.assertRaises(AccessError):
                deal.with_user(user).read(["expected_revenue"])
            view = self.Deal.with_user(user).get_view(
                self.env.ref("clinic_pipeline.clinic_deal_view_form").id
            )
            self.assertNotIn("expected_revenue", view["arch"])

    def test_settings(self):
        """OPS-01: the administrator switches moves, the manager sets stages."""
        manager, coordinator = self.user("manager"), self.user("coordinator")
        admin = self.user("administrator")
        stage = self.stage("base.taken")
        stage.with_user(manager).stuck_after_hours = 10
        with self.assertRaises(AccessError):
            stage.with_user(coordinator).stuck_after_hours = 10
        rule = self.Rule.search([], limit=1)
        rule.with_user(admin).enabled = False
        for user in (manager, coordinator):
            with self.assertRaises(AccessError):
                rule.with_user(user).enabled = True

    def test_menus(self):
        """CRM-01: sales menus of Odoo are not for the roles of the clinic."""
        user = self.user("coordinator")
        menus = self.env["ir.ui.menu"].with_user(user)._visible_menu_ids()
        self.assertIn(
            self.env.ref("clinic_pipeline.menu_clinic_pipeline_base").id, menus
        )
        self.assertNotIn(self.env.ref("crm.crm_menu_root").id, menus)
