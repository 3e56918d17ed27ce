from datetime import timedelta

from psycopg2.errors import CheckViolation

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, HttpCase, tagged
from odoo.tools import mute_logger

from odoo.addons.clinic_patient.tests.common import ROLES, ClinicPatientCommon


class EncounterCommon(ClinicPatientCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.doctor = cls.user("practitioner")
        cls.chief = cls.user("chief_doctor")
        cls.colleague = cls.env["res.users"].create(
            {
                "name": "Colleague",
                "login": "test_colleague",
                "group_ids": [
                    Command.link(
                        cls.env.ref("clinic_patient.group_clinic_practitioner").id
                    )
                ],
            }
        )
        cls.anna = cls.patient(email="anna@example.com")
        cls.back, cls.knee = cls.env["clinic.condition"].create(
            [
                {"code": "M54.59", "name": "Pain low in the back"},
                {"code": "M17.19", "name": "Worn knee"},
            ]
        )

    @classmethod
    def treats(cls, user, patient):
        """Let the user begin encounters, whether an addon knows visits or not."""
        return cls.env["clinic.emergency.access"].create(
            {
                "user_id": user.id,
                "patient_id": patient.id,
                "last_day": cls.Partner._clinic_today(),
                "reason": "Came without a visit",
            }
        )

    @classmethod
    def draft(cls, user=None, patient=None, **vals):
        access = cls.treats(user or cls.doctor, patient or cls.anna)
        encounter = (
            cls.env["clinic.encounter"]
            .with_user(user or cls.doctor)
            .create(
                {
                    "patient_id": (patient or cls.anna).id,
                    "complaint": "My back hurts",
                    "examination": "Stiff",
                    "plan": "Exercises",
                    "diagnosis_ids": [
                        Command.create({"condition_id": cls.back.id}),
                        Command.create(
                            {
                                "condition_id": cls.knee.id,
                                "rank": "secondary",
                                "certainty": "provisional",
                            }
                        ),
                    ],
                    "medication_ids": [
                        Command.create(
                            {
                                "medicine": "Ibuprofen 400 mg",
                                "dose": "1 tablet",
                                "frequency": "every 8 hours",
                                "duration": "5 days",
                            }
                        )
                    ],
                    **vals,
                }
            )
        )
        access.last_day -= timedelta(days=1)
        return encounter

    @classmethod
    def signed(cls, user=None, **vals):
        encounter = cls.draft(user, **vals)
        encounter.action_sign()
        return encounter


@tagged("post_install", "-at_install")
class TestEncounter(EncounterCommon):
    """Writing, signing, reviewing."""

    def test_whole_way(self):
        """PAT-16: written, signed, returned with a remark, amended, accepted."""
        encounter = self.draft()
        self.assertRegex(encounter.name, r"^EN/\d{4}/\d{6}$")
        encounter.action_sign()
        self.assertEqual(encounter.state, "signed")
        self.assertTrue(encounter.signed_on and encounter.stop)
        self.assertEqual(self.anna.condition_ids, self.back)
        chief = encounter.with_user(self.chief)
        with self.assertRaisesRegex(UserError, "missing or wrong"):
            chief.action_return()
        chief.review_comment = "Which side?"
        chief.action_return()
        self.assertEqual(encounter.state, "returned")
        self.assertEqual(encounter.activity_ids.user_id, self.doctor)
        encounter.amendment_ids = [Command.create({"text": "On the left."})]
        self.assertEqual(encounter.state, "signed")
        self.assertFalse(encounter.activity_ids)
        self.assertEqual(encounter.amendment_ids.author_id, self.doctor)
        chief.action_accept()
        self.assertEqual(encounter.state, "reviewed")
        self.assertEqual(encounter.reviewed_by_id, self.chief)

    def test_signed_stays_as_it_is(self):
        """Nobody changes what is signed, not its parts, not its files; not sudo."""
        encounter = self.signed()
        file = self.env["ir.attachment"].create(
            {"name": "x", "res_model": encounter._name, "res_id": encounter.id}
        )
        attempts = (
            lambda: encounter.write({"plan": "Other"}),
            lambda: encounter.write({"systolic": 120}),
            lambda: encounter.write({"diagnosis_ids": [Command.clear()]}),
            lambda: encounter.diagnosis_ids.write({"certainty": "refuted"}),
            lambda: encounter.medication_ids.unlink(),
            lambda: encounter.unlink(),
            lambda: self.env["clinic.medication.request"].create(
                {"encounter_id": encounter.id, "medicine": "Other"}
            ),
            lambda: file.with_user(self.doctor).unlink(),
        )
        for number, attempt in enumerate(attempts):
            with self.subTest(number), self.assertRaises(UserError):
                attempt()
        with self.assertRaises(UserError):
            encounter.sudo().write({"plan": "Other"})
        self.assertEqual(encounter.plan, "Exercises")

    def test_amendments_stay(self):
        """An amendment bears its author and time, and is never changed."""
        encounter = self.draft()
        with self.assertRaisesRegex(UserError, "not signed yet"):
            encounter.amendment_ids = [Command.create({"text": "Too early"})]
        encounter.action_sign()
        amendment = (
            self.env["clinic.encounter.amendment"]
            .with_user(self.doctor)
            .create(
                {
                    "encounter_id": encounter.id,
                    "text": "More",
                    "author_id": self.chief.id,
                    "date": "2020-01-01",
                }
            )
        )
        self.assertEqual(amendment.author_id, self.doctor)
        self.assertEqual(amendment.date.year, fields.Datetime.now().year)
        for attempt in (
            lambda: amendment.sudo().write({"text": "Less"}),
            lambda: amendment.sudo().unlink(),
        ):
            with self.assertRaises(UserError):
                attempt()

    def test_nothing_is_signed_half(self):
        """What is missing is said by name, and nothing happens."""
        encounter = self.draft(complaint=" ", diagnosis_ids=False)
        with self.assertRaisesRegex(ValidationError, "complaint, a main diagnosis"):
            encounter.action_sign()
        self.assertEqual(encounter.state, "draft")

    def test_states_have_no_back_door(self):
        """States change by buttons only, reviews are the chief doctor's."""
        encounter = self.draft()
        for vals in ({"state": "signed"}, {"reviewed_by_id": self.chief.id}):
            with self.assertRaises(AccessError):
                encounter.write(vals)
        with self.assertRaises(AccessError):
            self.draft(state="signed")
        with self.assertRaises(AccessError):
            self.draft(practitioner_id=self.chief.id)
        encounter.action_sign()
        for attempt in (encounter.action_accept, encounter.action_return):
            with self.assertRaises(AccessError):
                attempt()
        with self.assertRaises(AccessError):
            encounter.review_comment = "Well done"
        with self.assertRaises(UserError):
            encounter.with_user(self.chief).write({"plan": "Mine"})

    def test_limits_of_vital_signs(self):
        """A slip of the keyboard is refused by the database; nothing is nothing."""
        encounter = self.draft(systolic=120, diastolic=80, height=180, weight=81)
        self.assertAlmostEqual(encounter.body_mass_index, 25)
        self.assertFalse(encounter.heart_rate)
        encounter.systolic = 0
        self.assertIs(encounter.read(["systolic"])[0]["systolic"], False)
        for vals in (
            {"heart_rate": 700},
            {"temperature": 366},
            {"oxygen_saturation": 101},
            {"systolic": 70, "diastolic": 110},
            {"weight": 8100},
        ):
            with (
                self.subTest(vals),
                mute_logger("odoo.sql_db"),
                self.assertRaises(CheckViolation),
                self.env.cr.savepoint(),
            ):
                encounter.write(vals)
                encounter.flush_recordset()

    def test_template_and_copy(self):
        """Templates and the last encounter fill what is empty, and nothing else."""
        template = self.env["clinic.encounter.template"].create(
            {
                "name": "Back",
                "complaint": "From the template",
                "history": "Since when:",
                "condition_ids": [Command.set(self.knee.ids)],
            }
        )
        self.treats(self.doctor, self.anna)
        Encounter = self.env["clinic.encounter"].with_user(self.doctor)
        form = Form(Encounter.with_context(default_patient_id=self.anna.id))
        form.complaint = "My own words"
        form.template_id = template
        new = form.save()
        self.assertEqual(new.complaint, "My own words")
        self.assertEqual(new.history, "Since when:")
        self.assertEqual(new.main_condition_id, self.knee)
        with self.assertRaisesRegex(UserError, "no earlier encounter"):
            new.action_copy_last()
        self.signed(start=fields.Datetime.now() - timedelta(days=9))
        new.action_copy_last()
        self.assertEqual(new.complaint, "My own words")
        self.assertEqual(new.plan, "Exercises")
        self.assertEqual(new.medication_ids.medicine, "Ibuprofen 400 mg")
        self.assertEqual(new.main_condition_id, self.knee)
        self.assertEqual(len(new.previous_ids), 1)

    def test_who_reads(self):
        """PAT-16: the author, doctors of the same patient, the chief; nobody else."""
        encounter = self.signed()
        draft = self.draft()
        for role in set(ROLES) - {"practitioner", "chief_doctor"}:
            user = self.user(role)
            for record in (
                encounter,
                encounter.diagnosis_ids,
                encounter.medication_ids,
            ):
                with self.subTest(role=role), self.assertRaises(AccessError):
                    record.with_user(user).read(["display_name"])
        self.assertTrue(encounter.with_user(self.chief).read(["plan"]))
        with self.assertRaises(AccessError):
            draft.with_user(self.chief).read(["plan"])
        stranger = encounter.with_user(self.colleague)
        with self.assertRaises(AccessError):
            stranger.read(["plan"])
        self.draft(self.colleague)
        with self.assertRaises(AccessError):
            stranger.read(["plan"])
        self.signed(self.colleague)
        self.assertTrue(stranger.read(["plan"]))
        self.assertTrue(stranger.diagnosis_ids.read(["rank"]))
        with self.assertRaises(AccessError):
            stranger.write({"activity_ids": [Command.clear()]})
        with self.assertRaises(AccessError):
            draft.with_user(self.colleague).read(["plan"])

    def test_printed(self):
        """PAT-16: encounter, prescription and outpatient card on paper."""
        self.anna.with_user(self.doctor).allergies = "Penicillin"
        encounter = self.signed(systolic=120, diastolic=80)
        self.draft(complaint="Nobody else reads this")
        report = self.env["ir.actions.report"].with_user(self.doctor)
        for name, records, words in (
            ("report_encounter", encounter, ("My back hurts", "M54.59", "120/80")),
            ("report_prescription", encounter, ("Ibuprofen 400 mg", "every 8 hours")),
            (
                "report_outpatient_card",
                self.anna,
                ("Outpatient card", "Penicillin", "My back hurts", encounter.name),
            ),
        ):
            text = report._render_qweb_html(f"clinic_record.{name}", records.ids)[0]
            for word in words:
                with self.subTest(name, word=word):
                    self.assertIn(word, text.decode())
            self.assertNotIn("Nobody else reads this", text.decode())
        empty = self.draft(medication_ids=False)
        with self.assertRaisesRegex(UserError, "Nothing is prescribed"):
            empty.action_print_prescription()

    def test_timeline(self):
        """Encounters stand on the timeline for those who may read them."""
        encounter = self.signed()
        seen = self.anna.with_user(self.doctor).timeline(["encounter"])["items"]
        self.assertEqual([item["open"]["id"] for item in seen], encounter.ids)
        kinds = self.anna.with_user(self.user("receptionist")).timeline()["kinds"]
        self.assertNotIn("encounter", [kind["name"] for kind in kinds])

    def test_merge(self):
        """Encounters move with a merge of cards, signed or not, and come back."""
        other = self.patient("Verdi", "Ana")
        encounter = self.signed(patient=other)
        merge = self.env["clinic.merge"]._merge(other, self.anna)
        self.env.invalidate_all()
        self.assertEqual(encounter.patient_id, self.anna)
        merge.action_undo()
        self.env.invalidate_all()
        self.assertEqual(encounter.patient_id, other)


@tagged("post_install", "-at_install")
class TestEncounterPortal(EncounterCommon, HttpCase):
    """The patient, the guardian and those who are neither, in the portal."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["ir.config_parameter"].set_param("clinic_record.portal_encounters", 1)
        cls.child = cls.patient("Verdi", "Luca")
        cls.relation = cls.relate(cls.child, cls.anna)
        cls.mine = cls.signed()
        cls.wards = cls.signed(patient=cls.child)
        cls.unsigned = cls.draft()
        cls.others = cls.signed(patient=cls.patient("Rossi", "Carla"))
        user = cls.portal_user(cls.anna)
        user.password = user.login
        cls.login = user.login

    def status(self, path):
        return self.url_open(path).status_code

    def test_own_and_wards(self):
        """PAT-16: summary and prescription of one's own and the wards' encounters."""
        self.authenticate(self.login, self.login)
        page = self.url_open("/my/encounters").text
        self.assertIn(f"/my/encounters/{self.wards.id}", page)
        self.assertNotIn(f"/my/encounters/{self.others.id}", page)
        page = self.url_open(f"/my/encounters/{self.mine.id}").text
        for words in ("Pain low in the back", "Exercises", "Ibuprofen"):
            self.assertIn(words, page)
        for words in ("My back hurts", "Stiff"):
            self.assertNotIn(words, page)
        path = f"/my/encounters/{self.wards.id}/prescription"
        self.assertEqual(self.status(path), 200)

    def test_ways_in(self):
        """S1: drafts, those of others, an ex-guardian, a clinic that shows nothing."""
        self.authenticate(self.login, self.login)
        for encounter in (self.unsigned, self.others):
            for path in ("", "/prescription"):
                with self.subTest(path):
                    self.assertEqual(
                        self.status(f"/my/encounters/{encounter.id}{path}"), 404
                    )
        self.relation.can_read = False
        self.assertEqual(self.status(f"/my/encounters/{self.wards.id}"), 404)
        self.env["ir.config_parameter"].set_param("clinic_record.portal_encounters", 0)
        self.assertEqual(self.status(f"/my/encounters/{self.mine.id}"), 404)
        portal = self.env["res.users"].search([("login", "=", self.login)])
        with self.assertRaises(AccessError):
            self.mine.with_user(portal).read(["plan"])
