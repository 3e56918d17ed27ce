from odoo.exceptions import UserError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from odoo.addons.clinic_patient.tests.common import ROLES, group_of

from .common import MessageCommon

GROUP = "clinic_patient.group_clinic_"
TALK = ("receptionist", "coordinator", "operator", "practitioner")


@tagged("post_install", "-at_install")
class TestLogGuard(MessageCommon):
    """The log is written by the suite alone; the staff have methods."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.users = {
            role: new_test_user(cls.env, f"guard_{role}", groups=group_of(role))
            for role in ROLES
        }
        cls.users["system"] = new_test_user(
            cls.env,
            "guard_system",
            groups=f"base.group_system,clinic_base.group_clinic_administrator,{GROUP}manager",
        )
        cls.sent = cls.Message._queue("test_care", cls.anna, step="sent")
        cls.sent.write({"state": "sent", "body": "Dear Anna"})
        cls.waiting = cls.Message._queue("test_care", cls.anna, step="waiting")
        cls.inbound = cls.Message._receive(
            cls.mail_provider, "email", "anna@example.com", "I am late", "in-1"
        )
        cls.campaign = cls.env["clinic.message.campaign"].create({"name": "Mine"})
        cls.optout = cls.env["clinic.message.optout"]
        cls.env.flush_all()

    def refused(self, attempt, *args):
        with (
            self.assertRaises(UserError),
            mute_logger("odoo.addons.base.models.ir_model", "odoo.addons.base.ir_rule"),
            self.env.cr.savepoint(),
        ):
            attempt(*args)
            self.env.flush_all()

    def test_nobody_writes_the_log_by_hand(self):
        """No role writes, invents, moves or deletes a message, nested or not."""
        texts = {each.id: each.body for each in self.sent | self.waiting | self.inbound}
        count = self.Message.search_count([])
        for role, user in self.users.items():
            log = self.Message.with_user(user)
            for name, attempt in {
                "rewrite": lambda log=log: log.browse(self.inbound.id).write(
                    {"body": "I cancel"}
                ),
                "state": lambda log=log: log.browse(self.sent.id).write(
                    {"state": "delivered"}
                ),
                "address": lambda log=log: log.browse(self.waiting.id).write(
                    {"address": "thief@example.com"}
                ),
                "responsible": lambda log=log: log.browse(self.inbound.id).write(
                    {"responsible_id": log.env.uid}
                ),
                "nothing": lambda log=log: log.browse(self.sent.id).write({}),
                "invent": lambda log=log: log.create(
                    {
                        "direction": "in",
                        "channel": "email",
                        "state": "received",
                        "body": "x",
                    }
                ),
                "out": lambda log=log: log.create(
                    {
                        "channel": "email",
                        "address": "thief@example.com",
                        "kind_id": self.kind.id,
                        "provider_id": self.mail_provider.id,
                        "res_model": "res.partner",
                        "res_id": self.anna.id,
                    }
                ),
                "copy": lambda log=log: log.browse(self.sent.id).copy(),
                "delete": lambda log=log: log.browse(self.sent.id).unlink(),
                "history": lambda log=log: log.env["clinic.message.event"].create(
                    {
                        "message_id": self.sent.id,
                        "state": "delivered",
                        "date": "2026-01-01",
                    }
                ),
                "forget": lambda log=log: (
                    log.browse(self.sent.id).event_ids.unlink()
                    or log.browse(self.sent.id).unlink()
                ),
            }.items():
                with self.subTest(role=role, way=name):
                    self.refused(attempt)
            for name, command in {
                "nested create": (0, 0, {"channel": "email", "address": "a@b.c"}),
                "nested write": (1, self.inbound.id, {"body": "I cancel"}),
                "nested delete": (2, self.sent.id),
                "nested link": (4, self.sent.id),
                "nested set": (6, 0, self.sent.ids),
            }.items():
                with self.subTest(role=role, way=name):
                    mine = self.campaign.with_user(user)
                    vals = {"message_ids": [command]}
                    self.refused(mine.write, vals)
                    self.refused(mine.create, {"name": "x", **vals})
        self.env.invalidate_all()
        for number, text in texts.items():
            self.assertEqual(self.Message.browse(number).body, text)
        self.assertEqual(self.Message.search_count([]), count)
        self.assertFalse(self.sent.campaign_id)

    def test_the_staff_have_methods(self):
        """Who talks with patients answers, takes, sends again and takes back."""
        for role in TALK:
            with self.subTest(role):
                log = self.Message.with_user(self.users[role])
                answer = log.browse(self.inbound.id).write_answer("Good.", role)
                self.assertEqual(log.browse(answer).address, "anna@example.com")
                log.browse(self.inbound.id).take()
                log.browse(self.sent.id).action_send_again()
                waits = self.Message._queue("test_care", self.anna, step=role)
                waits.with_user(self.users[role]).action_cancel()
                self.assertEqual(waits.state, "cancelled")
        for role in ("marketing", "cashier", "client_representative"):
            log = self.Message.with_user(self.users[role])
            for method, args in {
                "write_answer": ("Hello", "x"),
                "take": (),
                "finish": (),
                "say_who": (self.anna.id,),
                "action_send_again": (),
                "action_cancel": (),
            }.items():
                with self.subTest(role=role, method=method):
                    act = getattr(log.browse(self.waiting.id), method)
                    self.refused(lambda act=act, args=args: act(*args))
        self.assertEqual(self.waiting.state, "queued")

    def test_who_wrote_is_said_once(self):
        """A message whose writer is known, or that we wrote, goes to nobody else."""
        other = self.patient("Bianchi", "Bea")
        for message in (self.inbound, self.sent):
            asked = message.with_user(self.users["receptionist"])
            self.refused(lambda asked=asked: asked.say_who(other.id))
        self.assertEqual(self.inbound.recipient_id, self.anna)

    def test_by_hand_only_what_people_write(self):
        """The window writes to the patients' own addresses, and no codes or visits."""
        user = self.users["receptionist"]
        compose = self.env["clinic.message.compose"].with_user(user)
        service = self.env["clinic.message.kind"]._by_code("report_ready")
        vals = {"patient_ids": [(6, 0, self.anna.ids)], "body": "Hello"}
        window = compose.create({**vals, "kind_id": service.id})
        self.refused(window.action_send)
        text = self.make_text(self.kind, "Other kind")
        window = compose.create({**vals, "template_id": text.id})
        self.refused(window.action_send)
        window = compose.create(vals)
        found = self.Message.search(window.action_send()["domain"])
        self.assertEqual(found.address, "anna@example.com")

    def test_no_address_of_a_card_that_may_not_be_read(self):
        """A window for another company's patient is not even opened: no preview."""
        company = self.env["res.company"].create({"name": "Other clinic"})
        foreign = self.patient(
            "Neri", "Nora", email="nora@example.com", company_id=company.id
        )
        compose = self.env["clinic.message.compose"]
        compose = compose.with_user(self.users["receptionist"])
        vals = {"patient_ids": [(6, 0, foreign.ids)], "body": "Hello"}
        self.refused(lambda: compose.create(vals))

    def test_a_bulk_sending_keeps_its_state(self):
        """State and sender of a bulk sending follow from its buttons."""
        marketing = self.users["marketing"]
        mine = self.campaign.with_user(marketing)
        for vals in ({"state": "running"}, {"user_id": self.users["manager"].id}):
            self.refused(lambda vals=vals: mine.write(vals))
            self.refused(lambda vals=vals: mine.create({"name": "x", **vals}))
        service = self.env["clinic.message.kind"]._by_code("report_ready")
        self.refused(lambda: mine.write({"kind_id": service.id}))
        mine.write({"name": "Spring"})
        self.campaign.state = "running"
        self.refused(lambda: mine.write({"kind_id": self.news.id}))
        mine.action_pause()
        self.assertEqual(self.campaign.state, "paused")

    def test_no_proof_of_stop_is_invented(self):
        """The staff note who told them; what waits for the address is held back."""
        mine = self.optout.with_user(self.users["receptionist"])
        for more in ({"source": "reply"}, {"date": "2020-01-01"}, {"partner_id": 1}):
            self.refused(
                lambda more=more: mine.create({"address": "anna@example.com", **more})
            )
        listed = mine.create({"address": "anna@example.com", "purpose": "care"})
        self.assertEqual(listed.source, "staff")
        self.assertEqual(self.waiting.state, "suppressed")
