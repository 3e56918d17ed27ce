from odoo import Command
from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools import mute_logger

from odoo.addons.clinic_patient.models.clinic_reading import BASICS
from odoo.addons.clinic_patient.tests.common import group_of
from odoo.addons.clinic_patient.tests.file_common import pdf
from odoo.addons.clinic_recall.tests.common_followup import FollowupCommon

#: Who looks: the first of them who may read the record and a field that tells.
READERS = ("chief_doctor", "manager", "coordinator", "receptionist")


class ReadingCommon(FollowupCommon):
    """One record of each model of the table, of one patient, and those who read."""

    @classmethod
    def set_clock(cls):
        """Stay in the present: lines of the log carry the database's clock."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.readers = [
            new_test_user(
                cls.env,
                f"reading_{role}",
                groups=f"{group_of(role)},base.group_allow_export",
                password=f"reading_{role}",
            )
            for role in READERS
        ]
        cls.illness = cls.env["clinic.condition"].create(
            {"code": "Z99.8", "name": "Ill"}
        )
        cls.subject = cls.make_patient("Subject", "Sara", allergies="Nuts")
        cls.looked_at = cls.made_for(cls.subject)

    @classmethod
    def made_for(cls, patient):
        """``{model: record}`` about a patient, each with something in it."""
        env, partner = cls.env, {"patient_id": patient.id}
        user = new_test_user(env, f"card_{patient.id}", groups="base.group_portal")
        user.partner_id = patient
        plan = env["clinic.care.plan"].create(
            partner | {"title": "Crown", "diagnosis": "Caries"}
        )
        plan.line_ids = [Command.create({"service_id": cls.service.id, "site": "36"})]
        kind = env["clinic.report.kind"].create({"name": "Blood"})
        report = env["clinic.diagnostic.report"].create(partner | {"kind_id": kind.id})
        report._add_version("r.pdf", pdf("Blood"))
        template = env["clinic.document.template"].create(
            {"name": "Findings", "body": "<p>Ill</p>"}
        )
        encounter = env["clinic.encounter"].create(
            partner
            | {
                "complaint": "Pain",
                "plan": "Rest",
                "diagnosis_ids": [Command.create({"condition_id": cls.illness.id})],
                "medication_ids": [Command.create({"medicine": "Ibuprofen"})],
            }
        )
        encounter.action_sign()
        encounter.amendment_ids = [Command.create({"text": "On the left."})]
        firm = env["res.partner"].create({"name": "Firm", "is_company": True})
        person = env["clinic.checkup.person"].create(
            partner
            | {
                "campaign_id": env["clinic.checkup.campaign"]
                .create({"name": "Check", "firm_id": firm.id})
                .id
            }
        )
        finding = env["clinic.checkup.finding"].create(
            {"person_id": person.id, "condition_id": cls.illness.id}
        )
        followup = cls.follow(patient)
        step = followup.step_ids[:1]
        step.questionnaire_id = cls.questionnaire
        pain, wound, _words = cls.questionnaire.question_ids
        answer = env["clinic.followup.answer"]._record(
            step, {pain.id: "8", wound.id: str(wound.choice_ids[1].id)}, "call"
        )
        recall = env["clinic.recall"].create(
            partner
            | {
                "rule_id": env["clinic.recall.rule"]
                .create({"name": "By hand", "trigger": "hand"})
                .id,
                "note": "Diabetes",
            }
        )
        attempt = env["clinic.recall.attempt"].create(
            {
                "recall_id": recall.id,
                "kind": "call",
                "result": "no_answer",
                "note": "Diabetes",
            }
        )
        emergency = env["clinic.emergency.access"].create(
            partner
            | {
                "user_id": cls.readers[0].id,
                "last_day": "2020-01-01",
                "reason": "Fell down the stairs",
            }
        )
        env.flush_all()
        found = [
            emergency,
            patient,
            user,
            plan,
            plan.line_ids,
            finding,
            patient._open_complaint({"title": "Late", "description": "Long"}),
            report,
            report.current_version_id,
            env["clinic.document"]._issue(template, patient),
            encounter,
            encounter.amendment_ids,
            encounter.diagnosis_ids,
            encounter.medication_ids,
            env["clinic.enquiry"].create(partner | {"text": "It hurts"}),
            followup,
            env["clinic.followup.analysis"].search([("patient_id", "=", patient.id)]),
            answer,
            answer.line_ids,
            step,
            recall,
            attempt,
            env["clinic.recall.report"].search([("patient_id", "=", patient.id)]),
        ]
        return {record._name: record[:1] for record in found}

    def forget(self):
        """Empty the log, which nobody may, to see what comes next."""
        self.env.flush_all()
        self.env.cr.execute("DELETE FROM clinic_access_log")
        self.env.invalidate_all()

    def lines(self, *domain):
        return self.env["clinic.access.log"].search([*domain])

    def as_reader(self, model):
        """The record as somebody sees it who may, and a field of it that tells.

        :raises AssertionError: none of the readers may look at it
        """
        reading = self.env["clinic.reading"]
        record = self.looked_at[model]
        _path, names = reading._of(model)
        for user in self.readers:
            mine = record.with_user(user)
            if not mine.has_access("read"):
                continue
            stored = mine._fields
            for name in sorted(
                names or mine._fields.keys() - BASICS,
                key=lambda name: (not stored[name].store, name),
            ):
                if mine._has_field_access(stored[name], "read"):
                    return mine, name
        raise AssertionError(f"nobody reads {model}")


@tagged("post_install", "-at_install", "slow")
class TestReading(ReadingCommon):
    """Each look at health data leaves a line, by whatever way."""

    def test_each_model_is_decided_on(self):
        """S2: what holds health data or belongs to a patient stands in the table."""
        reading = self.env["clinic.reading"]
        logged, left_out = reading._readings(), reading._unlogged()
        self.assertFalse(logged.keys() & left_out.keys())
        models = {model for model, _name in self.env["clinic.health.fields"]._all()}
        for name, model in self.env.registry.items():
            field = model._fields.get("patient_id")
            if (
                name.startswith("clinic.")
                and field is not None
                and field.comodel_name == "res.partner"
                and not (model._abstract or model._transient)
                and model._auto
            ):
                models.add(name)
        self.assertEqual(models - logged.keys() - left_out.keys(), set())
        self.assertEqual(logged.keys(), self.looked_at.keys(), "the test tries all")
        for why in left_out.values():
            self.assertGreater(len(why.split()), 4)

    def ways(self, record, name):
        """``{way: (call, action)}`` of every way to get at a field of a record."""
        here = [("id", "=", record.id)]
        ways = {
            "read": (lambda: record.read([name]), "read"),
            "web_read": (lambda: record.web_read({name: {}}), "read"),
            "search_read": (lambda: record.search_read(here, [name]), "read"),
            "web_search_read": (
                lambda: record.web_search_read(here, {name: {}}),
                "read",
            ),
            "export": (lambda: record.export_data([name]), "export"),
        }
        if record._name.startswith("clinic."):
            ways["read all"] = (lambda: record.read(), "read")
        field = record._fields[name]
        if field.store and field.type in ("char", "many2one", "selection", "boolean"):
            ways["count"] = (
                lambda: record.formatted_read_group(here, [name], ["__count"]),
                "count",
            )
            ways["pivot"] = (
                lambda: record.formatted_read_grouping_sets(here, [[name], []]),
                "count",
            )
            ways["groups"] = (
                lambda: record.web_read_group(here, [name]),
                "count",
            )
        return ways

    def test_every_way_leaves_one_line(self):
        """S2: form, list, export, counts and files; within the hour no second one."""
        tried = 0
        for model in sorted(self.looked_at):
            record, name = self.as_reader(model)
            for way, (look, action) in self.ways(record, name).items():
                self.forget()
                with self.subTest(model=model, way=way, field=name):
                    look()
                    lines = self.lines(
                        ("user_id", "=", record.env.uid),
                        ("detail", "=", model),
                        ("action", "=", action),
                        (
                            "patient_id",
                            "=",
                            False if action == "count" else self.subject.id,
                        ),
                    )
                    self.assertEqual(len(lines), 1)
                    tried += 1
                    if action != "export":
                        count = len(self.lines())
                        self.env.invalidate_all()
                        look()
                        self.assertEqual(len(self.lines()), count)
        self.assertGreater(tried, 150)

    def test_names_and_own_steps_leave_none(self):
        """Names in lists, and what the suite reads for itself, are no looks."""
        for model in sorted(self.looked_at):
            record, name = self.as_reader(model)
            self.forget()
            with self.subTest(model=model):
                record.sudo().read([name])
                record.read(["id"])
                record.search_count([("id", "=", record.id)])
                self.assertFalse(self.lines(("action", "!=", "open")))

    def test_names_that_tell(self):
        """A search for names is a look where the name says what ails somebody."""
        report = self.looked_at["clinic.diagnostic.report"].with_user(self.readers[0])
        self.forget()
        report.name_search(report.name)
        self.assertEqual(self.lines().mapped("patient_id"), self.subject)
        self.forget()
        self.subject.with_user(self.readers[0]).name_search("Subject")
        self.assertFalse(self.lines())

    def test_many_at_once(self):
        """A list is one statement whatever its length, one line a patient."""
        people = self.env["res.partner"]
        for number in range(12):
            people |= self.make_patient("Many", str(number), allergies="Nuts")
        doctor = self.readers[0]

        def queries(cards):
            self.forget()
            cards.sudo().fetch(["allergies", "is_patient"])
            before = self.env.cr.sql_log_count
            cards.with_user(doctor).read(["allergies"])
            return self.env.cr.sql_log_count - before

        queries(people[:2])
        few = queries(people[:2])
        self.assertEqual(queries(people), few)
        self.assertEqual(len(self.lines(("action", "=", "read"))), 12)
        self.forget()
        names = people.with_user(doctor)
        names.fetch(["name"])
        with self.assertQueryCount(0):
            names._read_format(["name"])
        self.assertFalse(self.lines())

    def test_within_another_record(self):
        """What a form shows of other records inside it is a look at these."""
        doctor = self.readers[0]
        self.forget()
        self.subject.with_user(doctor).web_read(
            {"encounter_ids": {"fields": {"plan": {}}}}
        )
        self.assertIn("clinic.encounter", self.lines().mapped("detail"))
        self.forget()
        self.subject.with_user(doctor).export_data(
            ["name", "encounter_ids/diagnosis_ids/condition_id"]
        )
        details = self.lines(("action", "=", "export")).mapped("detail")
        self.assertIn("clinic.encounter.diagnosis", details)

    def test_hour(self):
        """After the hour the next look is written down again; an export each time."""
        doctor = self.subject.with_user(self.readers[0])
        self.forget()
        for minutes, expected in ((30, 1), (61, 2)):
            doctor.read(["allergies"])
            self.env.cr.execute(
                "UPDATE clinic_access_log SET date = date - %s * interval '1 minute'",
                [minutes],
            )
            self.env.invalidate_all()
            doctor.read(["allergies"])
            self.assertEqual(len(self.lines(("action", "=", "read"))), expected)
        self.forget()
        for _time in range(2):
            doctor.export_data(["allergies"])
        self.assertEqual(
            len(self.lines(("action", "=", "export"), ("detail", "=", "res.partner"))),
            2,
        )

    def test_papers(self):
        """Whoever prints a paper of a record has read it."""
        papers = self.env["ir.actions.report"].search(
            [("model", "in", list(self.looked_at)), ("model", "like", "clinic.%")]
        )
        self.assertGreaterEqual(len(papers), 4)
        for paper in papers:
            record, _name = self.as_reader(paper.model)
            self.forget()
            with self.subTest(paper=paper.report_name):
                paper.with_user(record.env.user)._render_qweb_html(
                    paper.report_name, record.ids
                )
                self.assertIn(paper.model, self.lines().mapped("detail"))

    def test_timeline(self):
        """The line of everything on the card is a look, without the form, too."""
        self.forget()
        self.subject.with_user(self.readers[0]).timeline()
        self.assertEqual(self.lines().mapped("detail"), ["timeline"])


@tagged("post_install", "-at_install", "slow")
class TestReadingWeb(ReadingCommon, HttpCase):
    """The same over HTTP, where Odoo would read from a replica."""

    def called(self, model, method, *args, **kwargs):
        return self.make_jsonrpc_request(
            f"/web/dataset/call_kw/{model}/{method}",
            {"model": model, "method": method, "args": args, "kwargs": kwargs},
        )

    def test_answers_files_and_papers(self):
        """S2: read, lists, counts, a file and a paper answer, and leave their line."""
        doctor = self.readers[0]
        self.authenticate(doctor.login, doctor.login)
        encounter = self.looked_at["clinic.encounter"]
        file = self.env["ir.attachment"].create(
            {
                "name": "x.txt",
                "raw": b"x",
                "res_model": "clinic.document",
                "res_id": self.looked_at["clinic.document"].id,
            }
        )
        here, plan = [["id", "=", encounter.id]], {"plan": {}}
        calls = {
            "read": lambda: self.called(
                "clinic.encounter", "read", encounter.ids, ["plan"]
            ),
            "list": lambda: self.called(
                "clinic.encounter", "web_search_read", here, plan
            ),
            "inside": lambda: self.called(
                "clinic.encounter",
                "web_read",
                encounter.ids,
                {"patient_id": {"fields": {"allergies": {}}}},
            ),
            "count": lambda: self.called(
                "clinic.encounter.diagnosis",
                "formatted_read_group",
                [],
                ["condition_id"],
                ["__count"],
            ),
            "file": lambda: self.url_open(f"/web/content/{file.id}").raise_for_status(),
            "paper": lambda: self.url_open(
                f"/report/html/clinic_record.report_prescription/{encounter.id}"
            ).raise_for_status(),
        }
        for way, call in calls.items():
            self.forget()
            with self.subTest(way):
                call()
                self.assertIn(doctor, self.lines().mapped("user_id"))

    def test_files(self):
        """S2: a file that hangs on a record is opened by nobody without a line."""
        for model, record in self.looked_at.items():
            if not record._auto or model == "res.users":
                continue
            mine, _name = self.as_reader(model)
            file = self.env["ir.attachment"].create(
                {
                    "name": "x.txt",
                    "raw": b"x",
                    "res_model": model,
                    "res_id": record.id,
                }
            )
            self.env.flush_all()
            self.authenticate(mine.env.user.login, mine.env.user.login)
            self.forget()
            with self.subTest(model):
                answer = self.url_open(f"/web/content/{file.id}")
                self.assertEqual(answer.status_code, 200)
                self.assertIn(model, self.lines().mapped("detail"))

    @mute_logger("odoo.http")
    def test_refused_leaves_none(self):
        """Who may not read leaves no line that says so."""
        desk = self.readers[3]
        self.authenticate(desk.login, desk.login)
        self.forget()
        with self.assertRaisesRegex(Exception, "."):
            self.called(
                "clinic.encounter",
                "read",
                self.looked_at["clinic.encounter"].ids,
                ["plan"],
            )
        self.assertFalse(self.lines())

    def test_portal_pages(self):
        """S3: each page of the portal that shows health data leaves a line."""
        self.env["ir.config_parameter"].set_param("clinic_record.portal_encounters", 1)
        user = self.looked_at["res.users"]
        user.password = user.login
        plan = self.looked_at["clinic.care.plan"]
        self.env.cr.execute(
            "UPDATE clinic_care_plan SET state = 'presented', approved_by_id = 1,"
            " approved_on = now() WHERE id = %s",
            [plan.id],
        )
        report = self.looked_at["clinic.diagnostic.report"]
        report.kind_id.release_policy = "at_once"
        report.action_complete()
        self.env.invalidate_all()
        document = self.looked_at["clinic.document"]
        encounter = self.looked_at["clinic.encounter"]
        complaint = self.looked_at["clinic.complaint"]
        self.authenticate(user.login, user.login)
        for page in (
            "/my/documents",
            f"/my/documents/{document.id}",
            "/my/encounters",
            f"/my/encounters/{encounter.id}",
            "/my/care-plans",
            f"/my/care-plans/{plan.id}",
            "/my/reports",
            f"/my/reports/{report.id}",
            f"/my/complaints/{complaint.id}",
        ):
            self.forget()
            with self.subTest(page):
                self.assertEqual(self.url_open(page).status_code, 200)
                self.assertEqual(self.lines().mapped("patient_id"), self.subject)
