import base64
import re
from datetime import date, timedelta

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import HttpCase, tagged

from odoo.addons.clinic_patient.tests.common import ClinicPatientCommon
from odoo.addons.clinic_patient.tests.file_common import drawing

from ..lib import instalments
from ..lib.care_plan_life import STATES, TRANSITIONS


class CarePlanCommon(ClinicPatientCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.coordinator = cls.user("coordinator")
        cls.doctor = cls.user("practitioner")
        cls.chief = cls.user("chief_doctor")
        cls.anna = cls.patient(email="anna@example.com")
        cls.implant, cls.crown, cls.whitening = cls.env["product.template"].create(
            [
                {"name": name, "type": "service", "list_price": price}
                for name, price in (
                    ("Implant", 900),
                    ("Crown", 450.5),
                    ("Whitening", 200),
                )
            ]
        )

    def draft(self, user=None, **vals):
        """A plan in two stages, with one optional service: 900 + 2 x 405.45 + 200."""
        plan = (
            self.env["clinic.care.plan"]
            .with_user(user or self.coordinator)
            .create(
                {
                    "title": "Implant, lower left",
                    "patient_id": self.anna.id,
                    "stage_ids": [
                        Command.create({"name": "Surgery", "sequence": 1}),
                        Command.create({"name": "Crowns", "sequence": 2}),
                    ],
                    **vals,
                }
            )
        )
        surgery, crowns = plan.stage_ids
        plan.line_ids = [
            Command.create({"service_id": self.implant.id, "stage_id": surgery.id}),
            Command.create(
                {
                    "service_id": self.crown.id,
                    "stage_id": crowns.id,
                    "site": "36",
                    "quantity": 2,
                    "discount": 10,
                }
            ),
            Command.create({"service_id": self.whitening.id, "optional": True}),
        ]
        return plan

    def presented(self, **vals):
        """A plan that was approved and that the patient sees."""
        plan = self.draft(**vals)
        plan.action_submit()
        plan.with_user(self.chief).action_approve()
        plan.action_present()
        return plan

    def sign_plan(self, plan, name="Anna", shown=None):
        """Sign what the page shows now, or showed before."""
        shown = plan._shown_digest() if shown is None else shown
        plan._sign(name, drawing(), self.anna, shown)

    def line(self, plan, service):
        return plan.line_ids.filtered(lambda line: line.service_id == service)


@tagged("post_install", "-at_install")
class TestCarePlan(CarePlanCommon):
    """From draft to contract: who may do what, and what stays as it was."""

    def test_amounts(self):
        """CRM-06: lines with quantity, price, discount; the sum is rounded by line."""
        plan = self.draft()
        self.assertEqual(plan.line_ids.mapped("subtotal"), [900, 810.9, 200])
        self.assertEqual(plan.amount_total, 1910.9)
        self.assertRegex(plan.name, r"^TP/\d{4}/\d{5}$")

    def test_whole_way(self):
        """CRM-06: draft, approved, presented, accepted, signed; the flag follows."""
        plan = self.presented()
        self.assertEqual(plan.approved_by_id, self.chief)
        plan._accept(plan.line_ids - self.line(plan, self.whitening))
        self.assertEqual((plan.state, plan.amount_accepted), ("accepted", 1710.9))
        self.assertFalse(self.anna.on_treatment)
        self.sign_plan(plan, "Anna Verdi")
        self.assertEqual((plan.state, plan.signed_by), ("signed", "Anna Verdi"))
        self.assertTrue(self.anna.on_treatment)
        self.line(plan, self.implant).done_by_hand = 1
        self.assertAlmostEqual(plan.progress, 1 / 3)
        plan.action_finish()
        self.assertFalse(self.anna.on_treatment)

    def test_every_transition(self):
        """CRM-06: no state is reached except from those the table names."""
        names = [state for state, _words in STATES]
        for old in names:
            for new in set(names) - {old}:
                plan = self.draft()
                self.env.flush_all()
                self.env.cr.execute(
                    "UPDATE clinic_care_plan SET state = %s, approved_by_id = %s,"
                    " signed_by = 'x', signed_on = now() WHERE id = %s",
                    [old, self.chief.id, plan.id],
                )
                plan.invalidate_recordset()
                with self.subTest(old=old, new=new):
                    if new in TRANSITIONS[old]:
                        plan.with_user(self.chief)._ours().write({"state": new})
                        self.assertEqual(plan.state, new)
                    else:
                        with self.assertRaises(UserError):
                            plan.with_user(self.chief)._ours().write({"state": new})

    def test_only_the_chief_doctor_approves(self):
        """CRM-06: by the button, by writing the state, by creating it approved."""
        plan = self.draft()
        plan.action_submit()
        self.assertEqual(
            plan.activity_ids.mapped("user_id") & self.chief, self.chief, "is asked"
        )
        for user in (self.coordinator, self.doctor, self.user("manager")):
            with self.subTest(user.login), self.assertRaises(AccessError):
                plan.with_user(user).action_approve()
            with self.subTest(user.login), self.assertRaises(AccessError):
                plan.with_user(user).write(
                    {"state": "approved", "approved_by_id": self.chief.id}
                )
        with self.assertRaises(AccessError):
            self.draft(state="approved", approved_by_id=self.chief.id)
        plan.with_user(self.chief).action_approve()
        self.assertFalse(plan.activity_ids)

    def test_what_was_approved_is_not_rewritten(self):
        """CRM-06: neither lines nor prices, stages or words, by nobody."""
        plan = self.presented()
        line = self.line(plan, self.implant)
        for change in (
            lambda: line.write({"price_unit": 1}),
            lambda: line.unlink(),
            lambda: plan.write({"title": "Other"}),
            lambda: plan.write({"line_ids": [Command.clear()]}),
            lambda: plan.stage_ids[0].write({"name": "Other"}),
            lambda: plan.stage_ids[0].unlink(),
            lambda: self.env["clinic.care.plan.line"].create(
                {"plan_id": plan.id, "service_id": self.crown.id}
            ),
        ):
            with self.assertRaises(UserError):
                change()
        self.sign_plan(plan, "Anna")
        with self.assertRaises(UserError):
            line.accepted = False

    def test_required_services_cannot_be_left_out(self):
        """CRM-06: only optional lines are the patient's choice."""
        plan = self.presented()
        with self.assertRaisesRegex(UserError, "Implant"):
            plan._accept(self.line(plan, self.crown))
        self.assertEqual(plan.state, "presented")

    def test_new_version(self):
        """CRM-06: a refused plan is offered again; the old version stays readable."""
        plan = self.presented()
        with self.assertRaisesRegex(UserError, "why"):
            plan._refuse("  ")
        plan._refuse("Too dear")
        new = self.env["clinic.care.plan"].browse(plan.action_new_version()["res_id"])
        self.assertEqual((new.name, new.version, new.state), (plan.name, 2, "draft"))
        self.assertEqual((plan.state, plan.refusal_reason), ("replaced", "Too dear"))
        self.assertEqual(
            new.line_ids.mapped("stage_id.name"), plan.line_ids.mapped("stage_id.name")
        )
        self.assertFalse(new.line_ids.stage_id & plan.stage_ids, "stages of its own")
        self.line(new, self.crown).discount = 30
        self.assertEqual(self.line(plan, self.crown).discount, 10)
        self.assertEqual(plan.action_new_version()["res_id"], new.id, "only one")

    def test_reminded_to_offer_again(self):
        """CRM-06: some time after a refusal the coordinator has a task, once."""
        plan = self.presented()
        plan._refuse("Later perhaps")
        self.env["clinic.care.plan"]._cron_offer_again()
        self.assertFalse(plan.activity_ids, "not at once")
        refused_on = plan.refused_on
        plan.responsible_id = self.coordinator
        self.env.flush_all()
        # Any other write, the evening before: it moves nothing.
        self.env.cr.execute(
            "UPDATE clinic_care_plan SET write_date = %s WHERE id = %s",
            [refused_on + timedelta(days=31), plan.id],
        )
        self.env.invalidate_all()
        with freeze_time(refused_on + timedelta(days=29)):
            self.env["clinic.care.plan"]._cron_offer_again()
            self.assertFalse(plan.activity_ids, "not before thirty days")
        # Days begin at midnight of the clinic, which 31 times 24 hours may miss.
        with freeze_time(refused_on + timedelta(days=32)):
            for _night in range(2):
                self.env["clinic.care.plan"]._cron_offer_again()
        self.assertEqual(plan.refused_on, refused_on)
        self.assertEqual(plan.activity_ids.user_id, self.coordinator)
        self.assertEqual(len(plan.activity_ids), 1)

    def test_offer_that_ended(self):
        """An offer after its last day is neither accepted nor signed, but refused."""
        plan = self.presented(valid_until=date(2020, 1, 1))
        with self.assertRaises(UserError):
            plan._accept(plan.line_ids)
        with self.assertRaises(UserError):
            self.sign_plan(plan, "Anna")
        plan._refuse("Too late")
        self.assertEqual(plan.state, "refused")

    def test_instalments(self):
        """CRM-06: deposit and months; what was paid stays when it is split again."""
        plan = self.presented()
        wizards = self.env["clinic.care.plan.instalments"].with_user(self.coordinator)
        wizard = wizards.create(
            {
                "plan_id": plan.id,
                "deposit": 500,
                "count": 3,
                "first_date": "2026-01-31",
            }
        )
        wizard.action_split()
        self.assertEqual(
            plan.instalment_ids.mapped(lambda due: (due.due_date, due.amount)),
            [
                (date(2026, 1, 31), 500),
                (date(2026, 2, 28), 403.64),
                (date(2026, 3, 31), 403.63),
                (date(2026, 4, 30), 403.63),
            ],
        )
        plan.action_sign_at_desk()
        cashier = self.user("cashier")
        plan.instalment_ids[0].with_user(cashier).action_paid("2026-01-31")
        wizard.write({"deposit": 0, "count": 2, "first_date": "2026-03-01"})
        wizard.action_split()
        self.assertEqual(plan.instalment_ids.mapped("amount"), [500, 605.45, 605.45])
        self.assertEqual(
            sum(plan.instalment_ids.mapped("amount")), plan.amount_accepted
        )
        wizard.deposit = 5000
        with self.assertRaises(ValidationError):
            wizard.action_split()

    def test_what_was_paid_has_one_writer(self):
        """Coordinator and cashier write no proof of a payment: the button does."""
        plan = self.presented()
        due, later = plan.instalment_ids.with_user(self.coordinator).create(
            [
                {"plan_id": plan.id, "due_date": day, "amount": 500}
                for day in ("2026-01-31", "2026-02-28")
            ]
        )
        cashier = self.user("cashier")
        before = {"paid_on": "2026-01-30"}
        for user in (self.coordinator, cashier, self.user("manager")):
            one = due.with_user(user)
            for number, attempt in enumerate(
                (
                    lambda one=one: one.write(before),
                    lambda one=one: one.web_save(before, {}),
                    lambda one=one, user=user: plan.with_user(user).write(
                        {"instalment_ids": [Command.update(one.id, before)]}
                    ),
                    lambda one=one: one.create(
                        {
                            "plan_id": plan.id,
                            "due_date": "2026-03-31",
                            "amount": 1,
                            **before,
                        }
                    ),
                )
            ):
                with (
                    self.subTest(user.login, number=number),
                    self.assertRaises(AccessError),
                    self.cr.savepoint(),
                ):
                    attempt()
        with self.assertRaises(AccessError):
            due.with_user(cashier).write({"amount": 1})
        with self.assertRaises(UserError):
            due.with_user(cashier).action_paid()
        plan.action_sign_at_desk()
        with self.assertRaisesRegex(AccessError, "cash desk"):
            due.action_paid()
        with self.assertRaisesRegex(UserError, "today or before"):
            due.with_user(cashier).action_paid("2999-01-01")
        due.with_user(cashier).action_paid("2026-01-30")
        self.assertEqual((due.paid_on, due.paid_by_id), (date(2026, 1, 30), cashier))
        for vals in ({"amount": 1}, {"due_date": "2027-01-01"}, {"is_deposit": True}):
            with self.subTest(vals=vals), self.assertRaises(AccessError):
                due.write(vals)
        with self.assertRaises(AccessError):
            later.write({"plan_id": self.draft().id})
        with self.assertRaisesRegex(UserError, "stays"):
            due.unlink()
        self.assertFalse(due.with_user(self.env.user).copy().paid_on)
        with self.assertRaises(UserError):
            due.with_user(cashier).action_paid()
        due.with_user(cashier).action_not_paid()
        self.assertFalse(due.paid_on or due.paid_by_id)
        self.assertIn("by mistake", plan.message_ids[0].body)
        later.write({"amount": 400})

    def test_split_adds_up(self):
        """Any amount, deposit and number: the sum is the total to the cent."""
        for cents in range(100, 3000, 7):
            for count in (1, 2, 3, 7, 12):
                total, deposit = cents / 100, (cents // 3) / 100
                dues = instalments.split(total, deposit, count, date(2026, 10, 31))
                self.assertEqual(round(sum(due for _day, due in dues), 2), total)
                days = [day for day, _due in dues]
                self.assertEqual(days, sorted(set(days)))

    def test_two_contracts(self):
        """The treatment flag falls only when the last signed plan ends."""
        first, second = self.presented(), self.presented()
        self.sign_plan(first)
        self.sign_plan(second)
        first.action_finish()
        self.assertTrue(self.anna.on_treatment)
        second.action_finish()
        self.assertFalse(self.anna.on_treatment)

    def test_roles(self):
        """OPS-01: who reads, writes and never sees treatment plans."""
        plan = self.draft()
        for role in ("receptionist", "cashier"):
            user = self.user(role)
            self.assertEqual(plan.with_user(user).title, plan.title)
            with self.assertRaises(AccessError):
                plan.with_user(user).write({"doctor_id": user.id})
        for role in ("marketing", "operator", "client_representative"):
            with self.subTest(role), self.assertRaises(AccessError):
                plan.with_user(self.user(role)).read(["title"])

    def test_pdf(self):
        """CRM-06: the printed plan says what was agreed."""
        plan = self.presented()
        report = self.env["ir.actions.report"]
        words = report._render_qweb_html("clinic_care_plan.report_care_plan", plan.ids)[
            0
        ]
        for text in (b"Implant, lower left", b"Surgery", b"36", b"1,710.90"):
            self.assertIn(text, words)


@tagged("post_install", "-at_install", "slow")
class TestCarePlanPortal(CarePlanCommon, HttpCase):
    """The patient, the guardian and those who are neither, in the portal."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.child = cls.patient("Verdi", "Luca", birth_date="2018-01-01")
        cls.reader = cls.patient("Verdi", "Nonna")
        cls.stranger = cls.patient("Bianchi", "Carla")
        cls.relate(cls.child, cls.anna)
        cls.relate(cls.child, cls.reader, "relative", can_read=True, can_sign=False)
        for name in ("anna", "reader", "stranger"):
            user = cls.portal_user(getattr(cls, name))
            user.write({"login": f"plan_{name}", "password": f"plan_{name}"})

    def enter(self, name):
        self.authenticate(f"plan_{name}", f"plan_{name}")

    def send(self, plan, path, **form):
        """Send a form of the plan's page, as the browser does."""
        page = self.url_open(f"/my/care-plans/{plan.id}")
        token = page.text.split('csrf_token" value="')
        if len(token) > 1:
            form["csrf_token"] = token[1].split('"')[0]
        else:
            home = self.url_open("/my/account").text
            form["csrf_token"] = home.split('csrf_token" value="')[1].split('"')[0]
        return self.url_open(f"/my/care-plans/{plan.id}/{path}", data=form)

    def sign(self, plan, **params):
        """Sign by the address that the page carries, which says what it showed."""
        page = self.url_open(f"/my/care-plans/{plan.id}").text
        shown = re.search(rf"/my/care-plans/{plan.id}/sign/(\w+)", page)
        return self.sign_shown(plan, shown[1] if shown else "none", **params)

    def sign_shown(self, plan, shown, **params):
        params = {"name": "Anna Verdi", "signature": drawing(), **params}
        return self.make_jsonrpc_request(
            f"/my/care-plans/{plan.id}/sign/{shown}", params
        )

    def test_guardian_chooses_and_signs(self):
        """CRM-06: the guardian reads, leaves an optional service out, signs."""
        self.print_papers()
        plan = self.presented(patient_id=self.child.id)
        self.enter("anna")
        self.assertIn("Implant, lower left", self.url_open("/my/care-plans").text)
        page = self.url_open(f"/my/care-plans/{plan.id}").text
        self.assertIn("Waits for your decision", page)
        extra = self.line(plan, self.whitening)
        self.send(plan, "choose", **{f"line_{extra.id}": "1"})
        plan.invalidate_recordset()
        self.assertEqual((plan.state, plan.amount_accepted), ("presented", 1910.9))
        self.send(plan, "choose")
        plan.invalidate_recordset()
        self.assertEqual((plan.state, plan.amount_accepted), ("presented", 1710.9))
        answer = self.sign(plan)
        self.assertEqual(answer["redirect_url"], f"/my/care-plans/{plan.id}")
        plan.invalidate_recordset()
        self.assertEqual((plan.state, plan.signed_by_id), ("signed", self.anna))
        self.assertTrue(plan.signature)
        signed = plan.message_ids.filtered("attachment_ids")
        self.assertEqual(signed.author_id, self.anna)
        self.assertIn("Signed", self.url_open(f"/my/care-plans/{plan.id}").text)
        self.assertIn("error", self.sign(plan), "twice is once")

    def test_who_may_only_read(self):
        """S1: a relative without the right to sign reads and decides nothing."""
        plan = self.presented(patient_id=self.child.id)
        self.enter("reader")
        page = self.url_open(f"/my/care-plans/{plan.id}").text
        self.assertIn("Implant, lower left", page)
        self.assertNotIn("Sign the plan", page)
        for path in ("choose", "refuse"):
            self.assertEqual(self.send(plan, path, reason="x").status_code, 404)
        with self.assertRaisesRegex(Exception, "NotFound"):
            self.sign(plan)
        plan.invalidate_recordset()
        self.assertEqual(plan.state, "presented")

    def test_strangers_and_drafts(self):
        """S1: not for others, and not before it is presented; always the same page."""
        plan, early = self.presented(), self.draft()
        self.enter("stranger")
        self.assertNotIn("Implant", self.url_open("/my/care-plans").text)
        for path in ("", "/pdf"):
            url = f"/my/care-plans/{plan.id}{path}"
            self.assertEqual(self.url_open(url).status_code, 404)
        self.assertEqual(self.send(plan, "choose").status_code, 404)
        self.enter("anna")
        self.assertEqual(self.url_open(f"/my/care-plans/{early.id}").status_code, 404)
        self.logout()
        answer = self.url_open(f"/my/care-plans/{plan.id}", allow_redirects=False)
        self.assertEqual(answer.status_code, 303, "to the log-in")

    def test_rights_of_former_guardians(self):
        """S1: the day the guardianship has ended there is nothing to see."""
        plan = self.presented(patient_id=self.child.id)
        self.enter("anna")
        self.child.relationship_ids.filtered(
            lambda bond: bond.guardian_id == self.anna
        ).write({"date_start": "2019-01-01", "date_end": "2020-01-01"})
        self.assertEqual(self.url_open(f"/my/care-plans/{plan.id}").status_code, 404)

    def test_rpc_of_the_portal(self):
        """S2: over RPC a patient reads own presented plans and writes nothing."""
        plan, early = self.presented(), self.draft()
        users = self.env["res.users"].search([("partner_id", "=", self.anna.id)])
        mine = self.env["clinic.care.plan"].with_user(users)
        self.assertEqual(mine.search([]), plan)
        for change in (
            lambda: mine.browse(plan.id).write({"state": "signed"}),
            lambda: mine.browse(plan.id).action_sign_at_desk(),
            lambda: mine.browse(early.id).read(["title"]),
            lambda: mine.create({"title": "x", "patient_id": self.anna.id}),
            lambda: self.env["clinic.care.plan.line"].with_user(users).search([]),
        ):
            with self.assertRaises(AccessError):
                change()

    def test_bad_input(self):
        """A drawing that is none, a huge one, no name: a clear message, no contract."""
        plan = self.presented()
        self.enter("anna")
        for params in (
            {"signature": ""},
            {"signature": None},
            {"signature": "x" * 600_000},
            {"signature": base64.b64encode(b"no picture").decode()},
            {"signature": "%%%"},
            {"name": "  "},
        ):
            with self.subTest(str(params)[:40]):
                self.assertIn("error", self.sign(plan, **params))
                plan.invalidate_recordset()
                self.assertEqual(plan.state, "presented")

    def test_refusing(self):
        """CRM-06: refused with a reason, shown as text."""
        plan = self.presented()
        self.enter("anna")
        self.send(plan, "refuse", reason="<b>Too dear</b>")
        plan.invalidate_recordset()
        self.assertEqual(plan.refusal_reason, "<b>Too dear</b>")
        self.assertIn("Refused", self.url_open(f"/my/care-plans/{plan.id}").text)

    def test_get_changes_nothing(self):
        """S12: following a link decides nothing."""
        plan = self.presented()
        self.enter("anna")
        for path in ("choose", "refuse", "sign"):
            self.url_open(f"/my/care-plans/{plan.id}/{path}?reason=x")
        plan.invalidate_recordset()
        self.assertEqual(plan.state, "presented")
