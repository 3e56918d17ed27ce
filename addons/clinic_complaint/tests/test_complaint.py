from datetime import date, timedelta

from odoo import fields
from odoo.exceptions import UserError
from odoo.http import Request
from odoo.tests import HttpCase, tagged

from odoo.addons.clinic_patient.tests.common import ROLES, ClinicPatientCommon

TAKES = {
    "administrator",
    "manager",
    "receptionist",
    "coordinator",
    "operator",
    "supervisor",
    "chief_doctor",
}


@tagged("post_install", "-at_install")
class TestComplaint(ClinicPatientCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Complaint = cls.env["clinic.complaint"]
        cls.anna = cls.patient()
        cls.manager = cls.user("manager")
        cls.coordinator = cls.user("coordinator")
        cls.category = cls.env["clinic.complaint.category"].create(
            {
                "name": "Test",
                "severity": "high",
                "days": 10,
                "responsible_id": cls.coordinator.id,
                "escalate_to_id": cls.manager.id,
            }
        )

    def complain(self, **vals):
        return self.Complaint.create(
            {
                "title": "Waited an hour",
                "patient_id": self.anna.id,
                "category_id": self.category.id,
                **vals,
            }
        )

    def test_from_intake_to_cause(self):
        """PAT-15: a complaint has an owner and a deadline, an answer and a cause."""
        complaint = self.complain(received_on="2026-03-02 09:00:00")
        self.assertTrue(complaint.name.startswith("C/"))
        self.assertEqual(complaint.responsible_id, self.coordinator)
        self.assertEqual(complaint.severity, "high")
        self.assertEqual(complaint.deadline, date(2026, 3, 7), "half the time: grave")
        task = complaint.activity_ids
        self.assertEqual(
            (task.user_id, task.date_deadline), (self.coordinator, complaint.deadline)
        )
        complaint.action_begin()
        with self.assertRaisesRegex(UserError, "Write the answer first"):
            complaint.action_resolve()
        with self.assertRaisesRegex(UserError, "cannot become"):
            complaint.action_close()
        complaint.resolution = "We called and apologised."
        complaint.cause_id = self.env.ref(
            "clinic_complaint.clinic_complaint_cause_planning"
        )
        complaint.action_resolve()
        self.assertFalse(complaint.activity_ids)
        self.assertGreater(complaint.days_to_resolve, 0)
        self.assertEqual(self.anna.complaint_count, 1)
        complaint.action_close()
        complaint.action_reopen()
        self.assertFalse(complaint.resolved_on)

    def test_late_is_escalated_once(self):
        """Who stands above gets a task when the time is over, and only once."""
        late = self.complain(
            received_on=fields.Datetime.now() - timedelta(days=30),
        )
        fresh = self.complain()
        self.assertEqual(
            self.Complaint.search([("is_late", "=", True)]) & (late | fresh), late
        )
        for _again in range(2):
            self.Complaint._cron_escalate()
        tasks = late.activity_ids.filtered(lambda task: task.user_id == self.manager)
        self.assertEqual(len(tasks), 1)
        self.assertFalse(fresh.escalated_at)

    def test_new_owner_gets_the_task(self):
        """The task moves with the responsibility."""
        complaint = self.complain()
        complaint.responsible_id = self.manager
        self.assertEqual(complaint.activity_ids.user_id, self.manager)

    def test_from_any_channel(self):
        """Surveys and messages open complaints, known person or not."""
        complaint = self.anna._open_complaint({"title": "2 of 10", "channel": "survey"})
        self.assertEqual(complaint.patient_id, self.anna)
        self.assertTrue(complaint.category_id)
        unknown = self.Partner._open_complaint({"title": "Review", "channel": "review"})
        self.assertFalse(unknown.patient_id)

    def test_timeline(self):
        """Complaints and consents stand on the timeline of the card."""
        self.complain()
        self.env["clinic.consent"]._decide(self.anna, "marketing", "given", "paper")
        items = self.anna.with_user(self.manager).timeline(["complaint", "consent"])
        titles = [item["title"] for item in items["items"]]
        self.assertEqual(len(titles), 2)
        self.assertTrue(any("Waited an hour" in title for title in titles))

    def test_roles(self):
        """OPS-01: the desk takes complaints and sees its own; marketing sees none."""
        complaint = self.complain(concerned_id=self.manager.id)
        for role in ROLES:
            user = {
                "manager": self.manager,
                "coordinator": self.coordinator,
            }.get(role) or self.user(role)
            mine = complaint.with_user(user)
            with self.subTest(role):
                self.assertEqual(
                    self.Complaint.with_user(user).has_access("create"), role in TAKES
                )
                self.assertEqual(
                    mine.has_access("read"),
                    role in ("manager", "administrator", "chief_doctor", "coordinator"),
                )
                self.assertEqual(
                    mine.has_access("unlink"), role in ("manager", "administrator")
                )

    def test_merge_and_unmerge(self):
        """PAT-04: complaints follow the card."""
        second = self.patient()
        complaint = self.complain(patient_id=second.id)
        merge = self.env["clinic.merge"]._merge(second, self.anna)
        self.env.invalidate_all()
        self.assertEqual(complaint.patient_id, self.anna)
        merge.action_undo()
        self.env.invalidate_all()
        self.assertEqual(complaint.patient_id, second)


@tagged("post_install", "-at_install")
class TestComplaintPortal(ClinicPatientCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.mother = cls.patient("Verdi", "Anna")
        cls.child = cls.patient("Verdi", "Luca")
        cls.stranger = cls.patient("Zyxwvut", "Carla")
        cls.relation = cls.relate(cls.child, cls.mother)
        cls.portal = cls.portal_user(cls.mother)
        cls.portal.password = cls.portal.login
        cls.category = cls.env["clinic.complaint.category"].search([], limit=1)
        cls.foreign = cls.stranger._open_complaint({"title": "Zyxwvut complains"})

    def setUp(self):
        super().setUp()
        self.authenticate(self.portal.login, self.portal.login)

    def send(self, patient, **form):
        return self.url_open(
            "/my/complaints/new",
            data={
                "csrf_token": Request.csrf_token(self),
                "patient_id": patient.id,
                "category_id": self.category.id,
                "title": "Waited an hour",
                "description": "<b>At</b> nine\nnobody came",
                **form,
            },
        )

    def test_guardian_complains_and_reads_the_answer(self):
        """PAT-15: patients and guardians complain in the portal and read the answer."""
        answer = self.send(self.child)
        self.assertEqual(answer.status_code, 200)
        self.assertIn("Waited an hour", answer.text)
        self.assertIn("&lt;b&gt;At&lt;/b&gt;", answer.text)
        complaint = self.env["clinic.complaint"].search(
            [("patient_id", "=", self.child.id)]
        )
        self.assertEqual(
            (complaint.channel, complaint.complainant_id), ("portal", self.mother)
        )
        complaint.write({"resolution": "We are sorry.", "prevention": "Secret plan"})
        page = self.url_open(f"/my/complaints/{complaint.id}").text
        self.assertNotIn("We are sorry", page, "not before it is given")
        complaint.action_begin()
        complaint.action_resolve()
        page = self.url_open(f"/my/complaints/{complaint.id}").text
        self.assertIn("We are sorry", page)
        self.assertNotIn("Secret plan", page)

    def test_others_are_closed(self):
        """S1: complaints of others, and for others, do not exist."""
        self.assertEqual(self.send(self.stranger).status_code, 404)
        page = self.url_open(f"/my/complaints/{self.foreign.id}")
        self.assertEqual(page.status_code, 404)
        self.assertNotIn("Zyxwvut", self.url_open("/my/complaints").text)
        self.assertFalse(self.foreign.with_user(self.portal)._filtered_access("read"))
        answer = self.url_open("/my/complaints/new", allow_redirects=False)
        self.assertEqual(answer.status_code, 303, "it leads to the list")

    def test_empty_form_keeps_what_was_typed(self):
        """What is missing is said, and nothing typed is lost."""
        answer = self.send(self.mother, description=" ", title="Long story")
        self.assertEqual(answer.status_code, 400)
        self.assertIn("Long story", answer.text)
        self.assertIn("Say in a few words", answer.text)

    def test_fields_of_the_staff_are_closed(self):
        """Severity, cause and who it is about are for the staff."""
        complaint = self.mother._open_complaint({"title": "Mine"})
        mine = complaint.with_user(self.portal)
        self.assertEqual(mine.title, "Mine")
        for name in ("severity", "cause_id", "concerned_id", "prevention"):
            with self.subTest(name):
                self.assertFalse(mine._has_field_access(mine._fields[name], "read"))
