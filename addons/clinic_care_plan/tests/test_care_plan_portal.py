import base64
import re

from odoo.exceptions import AccessError
from odoo.tests import HttpCase, tagged

from odoo.addons.clinic_patient.tests.file_common import drawing

from .care_plan_common import CarePlanCommon


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
