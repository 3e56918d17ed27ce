import base64
import io
import json
import zipfile
from datetime import timedelta

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import HttpCase, tagged

from odoo.addons.clinic_patient.tests.common import ClinicPatientCommon


@tagged("post_install", "-at_install")
class TestComplaintShown(ClinicPatientCommon, HttpCase):
    """Portal, copy of the data and RPC hold the same of a complaint."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.child = cls.patient("Verdi", "Luca")
        cls.people = {
            name: cls.patient("Verdi", name.title(), email=f"{name}@example.com")
            for name in ("parent", "past", "declared", "stranger")
        }
        today = cls.Partner._clinic_today()
        for name, stop in (("parent", 9), ("past", -2)):
            cls.relate(
                cls.child,
                cls.people[name],
                date_start=today - timedelta(days=90),
                date_end=today + timedelta(days=stop),
            )
        cls.Relationship._declare(cls.child, cls.people["declared"], "relative")
        cls.people["own"] = cls.child
        for name, person in cls.people.items():
            cls.env["res.users"].create(
                {
                    "login": name,
                    "password": name,
                    "partner_id": person.id,
                    "group_ids": [Command.set([cls.env.ref("base.group_portal").id])],
                }
            )
        cls.complaint = cls.child._open_complaint(
            {"title": "Waited long", "description": "Zyxwvut"}
        )
        cls.complaint.prevention = "Another chair"

    def test_who_sees_it(self):
        """S1, S3: page, list, function and RPC say the same to every person."""
        address = f"/my/complaints/{self.complaint.id}"
        for name, person in self.people.items():
            may = name in ("own", "parent")
            self.authenticate(name, name)
            with self.subTest(person=name):
                self.assertEqual(self.url_open(address).status_code == 200, may)
                listed = self.url_open("/my/complaints").text
                self.assertEqual("Waited long" in listed, may)
                shown = self.env["clinic.shown"]._find(person, "clinic.complaint")
                self.assertEqual(self.complaint in shown, may)
                mine = self.complaint.with_user(person.user_ids)
                self.assertEqual(bool(mine._filtered_access("read")), may)
                self.assertFalse(mine.has_access("write"))

    def test_copy_of_the_data(self):
        """PAT-10, S3: the copy for a parent holds the complaint as the portal does."""
        exports = self.env["clinic.access.export"]
        exports._ask(self.child, self.people["parent"])
        self.env.ref("clinic_patient.ir_cron_access_exports").method_direct_trigger()
        self.env.invalidate_all()
        copy = exports._offered_to(self.people["parent"]).sudo()
        with zipfile.ZipFile(io.BytesIO(base64.b64decode(copy.data))) as archive:
            bundle = json.loads(archive.read("data.json"))
            page = archive.read("data.html").decode()
        kinds = {
            each["resource"].get("model"): each["resource"]["resourceType"]
            for each in bundle["entry"]
        }
        self.assertEqual(kinds["clinic.complaint"], "Communication")
        self.assertIn("Zyxwvut", page)
        self.assertNotIn("Another chair", page)

    def test_heard_with_sudo_of_listed_plain_values_only(self):
        """S2: whoever brings a complaint reaches no other record by its values."""
        note = self.child.message_post(body="Note")
        for vals in (
            {"message_ids": [Command.link(note.id)]},
            {"create_uid": 1},
            {"state": "resolved"},
            {"company_id": [Command.create({"name": "x"})]},
        ):
            with self.subTest(vals=str(vals)), self.assertRaises(AccessError):
                self.child._open_complaint({"title": "Late", **vals})
