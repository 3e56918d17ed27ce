from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from ..models.clinic_message_hold import HOME
from .common import MessageCommon

CLAIM = "odoo.addons.clinic_message.models.clinic_message_claim"


@tagged("post_install", "-at_install")
class TestRestore(MessageCommon):
    """R18: a restored database sends nothing until a manager has looked."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.manager = new_test_user(
            cls.env, "restore-manager", "clinic_patient.group_clinic_manager"
        )
        cls.desk = new_test_user(
            cls.env, "restore-desk", "clinic_patient.group_clinic_receptionist"
        )
        cls.due = cls.Message._queue("test_care", cls.anna, step="due")
        cls.later = cls.Message._queue(
            "test_care",
            cls.anna,
            step="later",
            due=fields.Datetime.now() + timedelta(days=1),
        )

    def restore(self):
        """What a sender finds after a restore: the number of another database."""
        self.env["ir.config_parameter"].set_param(HOME, "1.1")

    def wizard(self, **vals):
        return self.env["clinic.message.restart"].with_user(self.manager).create(vals)

    def test_the_first_sender_makes_itself_at_home(self):
        parameters = self.env["ir.config_parameter"]
        self.assertFalse(parameters.get_param(HOME), "nobody has sent yet")
        self.run_cron()
        self.assertEqual(self.due.state, "sent")
        self.assertFalse(self.Message._is_held())
        self.env.cr.execute(
            "SELECT oid::text FROM pg_database WHERE datname = current_database()"
        )
        [oid] = self.env.cr.fetchone()
        self.assertEqual(parameters.get_param(HOME).split(".")[1], oid)

    def test_nothing_leaves_and_managers_are_told(self):
        self.restore()
        with mute_logger(CLAIM):
            self.run_cron()
        self.assertEqual(self.due.state, "queued")
        self.assertEqual(self.mail_provider.health, "held")
        self.assertTrue(self.Message.with_user(self.manager).inbox_count()["held"])
        self.assertFalse(self.Message.with_user(self.desk).inbox_count()["held"])

    def test_what_may_have_been_sent_is_taken_back(self):
        self.restore()
        wizard = self.wizard()
        self.assertEqual((wizard.waiting, wizard.overdue), (2, 1))
        wizard.action_go_on()
        self.run_cron()
        self.assertEqual((self.due.state, self.later.state), ("cancelled", "queued"))
        self.later.due = fields.Datetime.now()
        self.run_cron()
        self.assertEqual(self.later.state, "sent")

    def test_all_is_sent_when_so_decided(self):
        self.restore()
        self.wizard(what="all").action_go_on()
        self.run_cron()
        self.assertEqual(self.due.state, "sent")

    def test_only_managers_decide(self):
        self.restore()
        with self.assertRaises(AccessError):
            self.env["clinic.message.restart"].with_user(self.desk).create({})
        self.assertTrue(self.Message._is_held())
