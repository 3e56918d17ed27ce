import base64
import io
import json
import zipfile
from datetime import timedelta

from dateutil.relativedelta import relativedelta

from odoo import Command, fields
from odoo.fields import Domain
from odoo.tests import tagged

from odoo.addons.clinic_agenda.tests.common_website import WebsiteCommon
from odoo.addons.clinic_patient.tests.file_common import pdf

#: Ages of the patients; the sensitive kinds hide from guardians from these on.
AGES = (10, 17, 30)
SENSITIVE_FROM = (0, 14, 18)
#: Where the portal shows one record of a kind.
PAGES = {
    "clinic.appointment": "/my/appointments/{}",
    "clinic.diagnostic.report": "/my/reports/{}",
    "clinic.document": "/my/documents/{}",
    "clinic.encounter": "/my/encounters/{}",
    "clinic.care.plan": "/my/care-plans/{}",
}


@tagged("post_install", "-at_install", "slow")
class TestShown(WebsiteCommon):
    """The portal, the copy of the data, the feed and the messages hold the same."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["ir.config_parameter"].set_param("clinic_record.portal_encounters", 1)
        cls.people = {
            name: cls.make_patient("Persona", name.title(), email=f"{name}@example.com")
            for name in ("parent", "past", "declared", "stranger")
        }
        cls.kinds = cls.env["clinic.report.kind"].create(
            [
                {"name": "Plain", "release_policy": "at_once"},
                {
                    "name": "Never",
                    "release_policy": "at_once",
                    "never_online": True,
                },
                *(
                    {
                        "name": f"Sensitive from {age}",
                        "release_policy": "at_once",
                        "is_sensitive": True,
                        "sensitive_from_age": age,
                    }
                    for age in SENSITIVE_FROM
                ),
            ]
        )
        cls.template, cls.medical = cls.env["clinic.document.template"].create(
            [
                {"name": "Consent", "body": "<p>Yes</p>"},
                {"name": "Findings", "body": "<p>Ill</p>", "confidential": True},
            ]
        )
        cls.patients, cls.records = {}, {}
        today = fields.Date.today()
        for age in AGES:
            born = today - relativedelta(years=age, days=3)
            patient = cls.make_patient(
                "Paziente",
                f"Di{age}",
                birth_date=born,
                email=f"aged{age}@example.com",
            )
            cls.patients[age] = cls.people[f"self {age}"] = patient
            cls.relations_of(patient, today)
        for name, person in cls.people.items():
            cls.make_portal_user(name, person)

    @classmethod
    def relations_of(cls, patient, today):
        """A parent today, one whose right has ended, one who says to be a relative."""
        relations = cls.env["clinic.relationship"]
        bond = {
            "patient_id": patient.id,
            "kind": "parent",
            "date_start": today - timedelta(days=90),
            "date_end": today + timedelta(days=90),
        }
        relations.create(
            [
                bond | {"guardian_id": cls.people["parent"].id},
                bond
                | {
                    "guardian_id": cls.people["past"].id,
                    "date_end": today - timedelta(days=2),
                },
            ]
        )
        relations._declare(patient, cls.people["declared"], "relative")

    def setUp(self):
        super().setUp()
        starts = iter(range(4, 30))
        for patient in self.patients.values():
            self.records[patient] = self.made_for(patient, next(starts))

    def made_for(self, patient, days):
        """One record of each kind, of reports one of each sort."""
        reports = self.env["clinic.diagnostic.report"]
        for kind in self.kinds:
            report = reports.create({"patient_id": patient.id, "kind_id": kind.id})
            report._add_version("result.pdf", pdf(kind.name))
            report.action_complete()
            reports |= report
        encounter = self.env["clinic.encounter"].create(
            {
                "patient_id": patient.id,
                "complaint": "Tired",
                "plan": "Rest",
                "examination": "Notes of the doctor",
                "diagnosis_ids": [
                    Command.create(
                        {
                            "condition_id": self.env["clinic.condition"]
                            .create({"code": f"Z9{patient.id}", "name": "Tired"})
                            .id
                        }
                    )
                ],
            }
        )
        encounter.action_sign()
        draft = self.env["clinic.encounter"].create(
            {"patient_id": patient.id, "plan": "Not yet"}
        )
        plans = self.env["clinic.care.plan"].create(
            [{"title": title, "patient_id": patient.id} for title in ("Seen", "Draft")]
        )
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE clinic_care_plan SET state = 'presented', approved_by_id = 1,"
            " approved_on = now() WHERE id = %s",
            [plans[0].id],
        )
        plans.invalidate_recordset()
        documents = self.env["clinic.document"]._issue(
            self.template | self.medical, patient
        )
        visit = self.book(self.free(days=days)["start"], patient_id=patient.id)
        self.env["clinic.consent"]._decide(patient, "marketing", "given", "paper")
        return [reports, encounter, draft, plans, documents, visit]

    def expected(self, name, patient):
        """``{(model, id)}`` that this person may see, by the words of the law."""
        age = next(age for age, each in self.patients.items() if each == patient)
        own = self.people[name] == patient
        if not (own or name == "parent"):
            return set()
        reports, encounter, _draft, plans, documents, visit = self.records[patient]
        seen = {(record._name, record.id) for record in encounter | encounter}
        seen |= {(record._name, record.id) for record in documents}
        seen |= {(each._name, each.id) for each in (plans[0], visit)}
        for report in reports:
            kind = report.kind_id
            hidden = kind.never_online or (
                not own and kind.is_sensitive and age >= kind.sensitive_from_age
            )
            if not hidden:
                seen.add((report._name, report.id))
        return seen

    def all_of(self, patient):
        return {
            (each._name, each.id)
            for records in self.records[patient]
            for each in records
        }

    def test_portal_shows_what_is_said_once(self):
        """S1, S3: pages, function and law say the same for every person and kind."""
        for name, person in self.people.items():
            self.authenticate(name, name)
            for patient in self.patients.values():
                expected = self.expected(name, patient)
                found = set()
                for model, id_ in self.all_of(patient):
                    answer = self.url_open(PAGES[model].format(id_))
                    self.assertIn(answer.status_code, (200, 404))
                    if answer.status_code == 200:
                        found.add((model, id_))
                with self.subTest(person=name, patient=patient.name):
                    self.assertEqual(found, expected)
                    shown = self.env["clinic.shown"]._of_patient(person, patient)
                    self.assertEqual(
                        {
                            (model, id_)
                            for model, (records, _names) in shown.items()
                            if model in PAGES
                            for id_ in records.ids
                        },
                        expected,
                    )

    def test_direct_reading_is_no_wider(self):
        """S1: what a log-in of the portal may read over RPC is not more than that."""
        for name, person in self.people.items():
            user = person.user_ids
            for model in self.env["clinic.shown"]._kinds():
                records = self.env[model].with_user(user)
                if model == "res.partner" or not records.has_access("read"):
                    continue
                with self.subTest(person=name, model=model):
                    shown = self.env["clinic.shown"]._find(person, model)
                    self.assertLessEqual(
                        set(records.search([]).ids) - {0}, set(shown.ids)
                    )

    def make_copies(self):
        self.env.ref("clinic_patient.ir_cron_access_exports").method_direct_trigger()

    def copy_of(self, export):
        """The resources and the file names of a copy."""
        with zipfile.ZipFile(
            io.BytesIO(base64.b64decode(export.sudo().data))
        ) as archive:
            bundle = json.loads(archive.read("data.json"))
            page = archive.read("data.html").decode()
            files = [name for name in archive.namelist() if "files/" in name]
        return [entry["resource"] for entry in bundle["entry"]], page, files

    def test_copy_holds_what_the_portal_shows(self):
        """PAT-10, S3: for each reader exactly that; nobody else can have one."""
        exports = self.env["clinic.access.export"]
        for patient in self.patients.values():
            exports._ask(patient)
        self.make_copies()
        complete = exports.search([("patient_id", "in", self.ids_of_patients())])
        complete.action_release()
        self.make_copies()
        made = exports.search([("reader_id", "!=", False)])
        pairs = {(export.patient_id, export.reader_id) for export in made}
        self.assertEqual(
            pairs,
            {
                pair
                for patient in self.patients.values()
                for pair in ((patient, patient), (patient, self.people["parent"]))
            },
        )
        for export in made:
            name = next(
                name
                for name, person in self.people.items()
                if person == export.reader_id
            )
            resources, page, files = self.copy_of(export)
            expected = self.expected(name, export.patient_id)
            with self.subTest(reader=name, patient=export.patient_id.name):
                self.assertEqual(
                    {
                        (each["model"], int(each["id"]))
                        for each in resources
                        if each.get("model") in PAGES
                    },
                    expected,
                )
                self.assertNotIn("Notes of the doctor", page)
                self.assertEqual(
                    len(files),
                    sum(model == "clinic.diagnostic.report" for model, _id in expected),
                )
                self.assertIn(export, exports._offered_to(export.reader_id))
        for name in ("past", "declared", "stranger"):
            self.assertFalse(exports._offered_to(self.people[name]))
        self.assertFalse(exports._offered_to(self.people["parent"]) & complete)

    def ids_of_patients(self):
        return [patient.id for patient in self.patients.values()]

    def test_copy_ends_with_the_right(self):
        """S3: what is hidden from its reader later is not in a copy made before."""
        child, parent = self.patients[10], self.people["parent"]
        exports = self.env["clinic.access.export"]
        exports._ask(child, parent)
        self.make_copies()
        export = exports._offered_to(parent)
        self.assertEqual(len(export), 1)
        self.authenticate("parent", "parent")
        address = f"/clinic/access-export/{export.id}/download"
        self.assertEqual(self.url_open(address).status_code, 200)
        self.kinds.filtered(
            lambda kind: kind.sensitive_from_age == 14
        ).sensitive_from_age = 9
        self.env.flush_all()
        self.assertFalse(exports._offered_to(parent))
        self.assertEqual(self.url_open(address).status_code, 404)

    def test_feed_and_messages(self):
        """AGD-14, REP-02: the calendar holds the visits, mails tell whom they may."""
        for name, person in self.people.items():
            person._new_visit_feed()
            token = person.sudo().visit_feed_token
            feed = self.url_open(f"/clinic/feed/{token}.ics").text
            for patient in self.patients.values():
                expected = self.expected(name, patient)
                reports, *_others, visit = self.records[patient]
                with self.subTest(person=name, patient=patient.name):
                    self.assertEqual(
                        visit._calendar_uid() in feed,
                        (visit._name, visit.id) in expected,
                    )
                    for report in reports:
                        told = person in report._audience()
                        if told:
                            self.assertIn((report._name, report.id), expected)
                        elif person == patient:
                            self.assertNotIn((report._name, report.id), expected)

    def test_lines_about_reports(self):
        """S3: the access log does not tell a guardian of a report that is hidden."""
        ward, parent = self.patients[17], self.people["parent"]
        ward.with_user(ward.user_ids)._log_opening("report", "1")
        ward.with_user(ward.user_ids)._log_opening("portal", "consents")
        shown, about = self.env["clinic.shown"], Domain("patient_id", "=", ward.id)
        own = shown._find(ward, "clinic.access.log", about)
        self.assertEqual(set(own.mapped("action")), {"portal", "report"})
        seen = shown._find(parent, "clinic.access.log", about)
        self.assertEqual(set(seen.mapped("action")), {"portal"})
