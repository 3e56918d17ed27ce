from odoo.tests import HttpCase, tagged
from odoo.tests.common import JsonRpcException
from odoo.tools import mute_logger

from odoo.addons.clinic_patient.tests.file_common import ChatterFiles

from .care_plan_common import CarePlanCommon

REPORT = "clinic_care_plan.action_report_care_plan"


@tagged("post_install", "-at_install")
class TestKeptPlan(ChatterFiles, CarePlanCommon, HttpCase):
    """The paper of a contract stays the one that was signed."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.users_by_name = {
            "patient": cls.portal_user(cls.anna),
            "coordinator": cls.coordinator,
            "practitioner": cls.doctor,
        }
        for user in cls.users_by_name.values():
            user.password = user.login

    def setUp(self):
        super().setUp()
        self.print_papers()
        self.plan = self.presented()

    def enter(self, name):
        login = self.users_by_name[name].login
        self.authenticate(login, login)

    @mute_logger("odoo.http")
    def test_nobody_plants_it(self):
        """S2: before and after the signature nobody puts a file in its place."""
        name = self.plan._paper("-signed")
        for who in self.users_by_name:
            self.enter(who)
            with self.subTest(who):
                self.assertIn("error", self.upload(self.plan, name))
                self.assertFalse(self.files(self.plan, name))
        self.sign_plan(self.plan)
        kept, before = self.plan._keep_pdf(), self.plan._pdf()
        for who in self.users_by_name:
            self.enter(who)
            with self.subTest(who):
                self.assertIn("error", self.upload(self.plan, name))
                self.assertNotIn("error", self.upload(self.plan, "question.pdf"))
        self.assertEqual(self.files(self.plan, name), kept)
        self.assertEqual(self.plan._pdf(), before)

    @mute_logger("odoo.http")
    def test_nobody_deletes_it(self):
        """S2: neither by the file nor by the message that it stands under."""
        self.sign_plan(self.plan)
        kept = self.plan._keep_pdf()
        message = self.plan.message_post(
            body="Signed", author_id=self.anna.id, message_type="comment"
        )
        message.attachment_ids = kept
        for who in self.users_by_name:
            self.enter(who)
            with self.subTest(who), self.assertRaises(JsonRpcException):
                self.delete(kept)
        self.enter("patient")
        with self.assertRaises(JsonRpcException):
            self.make_jsonrpc_request(
                "/mail/message/update_content",
                {
                    "message_id": message.id,
                    "update_data": {"body": "", "attachment_ids": []},
                },
            )
        self.assertEqual(self.files(self.plan, kept.name), kept)

    def test_printed_at_the_desk(self):
        """The first print of what was signed at the desk is kept, and printed again."""
        self.plan.action_sign_at_desk()
        report = self.env["ir.actions.report"].with_user(self.coordinator)
        first = report._render_qweb_pdf(REPORT, self.plan.ids)[0]
        kept = self.files(self.plan, self.plan._file_name())
        self.assertEqual(kept.raw, first)
        self.anna.family_name = "Bianchi"
        again = report._render_qweb_pdf(REPORT, self.plan.ids)[0]
        self.assertEqual(again, first)
