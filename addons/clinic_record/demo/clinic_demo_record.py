from odoo import Command, api, models

#: (code, complaint, findings, plan, (medicine, dose, frequency, duration) or None)
CASES = (
    (
        "I10",
        "Headaches in the morning; pressure high at home.",
        "Heart regular, no murmur. No swelling of the legs. ECG normal.",
        "Diary of the blood pressure for two weeks, less salt, control in one month.",
        ("Ramipril 5 mg", "1 tablet", "in the morning", "30 days"),
    ),
    (
        "I48",
        "The heart stumbles, mostly in the evening.",
        "Pulse irregular. ECG: atrial fibrillation, 92 a minute.",
        "Echocardiography, Holter for 24 hours, blood test with thyroid.",
        ("Apixaban 5 mg", "1 tablet", "every 12 hours", "90 days"),
    ),
    (
        "E78",
        "Blood test of the company: fats too high.",
        "No finding at heart and vessels.",
        "Diet, walk half an hour a day, new blood test in three months.",
        None,
    ),
    (
        "M54.5",
        "Pain low in the back since Monday, after lifting a box.",
        "Stiff, tender beside the spine. Strength and reflexes the same on both sides.",
        "Keep moving, warmth, exercises; control in two weeks if it stays.",
        ("Ibuprofen 400 mg", "1 tablet", "every 8 hours, after meals", "5 days"),
    ),
    (
        "J20",
        "Cough for a week, some fever at first.",
        "Some wheezing on both sides, no crackles. Throat red.",
        "Rest, drink, inhale; come back with fever or short breath.",
        None,
    ),
)


class ClinicDemo(models.AbstractModel):
    _inherit = "clinic.demo"

    @api.model
    def _load_record(self):
        """The medical record and check-ups, of the visits that were made."""
        self = self.with_context(
            tracking_disable=True, mail_create_nolog=True, mail_notrack=True
        )
        if self.env["clinic.encounter"].search_count([], limit=1):
            return
        if not self.env["clinic.appointment"].search_count([], limit=1):
            return
        self._make_encounters()
        self._make_check_ups()

    def _make_encounters(self):
        """Encounters of the demo doctors at every step, and reports in the portal."""
        # sudo: ir.config_parameter - a setting of the demo site
        self.env["ir.config_parameter"].sudo().set_param(
            "clinic_record.portal_encounters", "1"
        )
        chief = self.env.ref("clinic_agenda.demo_user_chief_doctor")
        doctor = self.env.ref("clinic_agenda.demo_user_practitioner")
        self._write_encounters(chief, 6)
        written = self._write_encounters(doctor, 16)
        for number, encounter in enumerate(written):
            if number < 3:
                continue
            encounter.action_sign()
            review = encounter.with_user(chief)
            if number == 5:
                review.review_comment = "Which blood pressure? Please add it."
                review.action_return()
            elif number > 7:
                review.action_accept()
        written[9].amendment_ids = [
            Command.create({"text": "Called: takes the tablets well, no cough."})
        ]
        portal = self.env.ref("clinic_agenda.demo_user_patient").partner_id
        portal.allergies = "Penicillin: rash over the whole body (2019)"
        visits = self.env["clinic.appointment"].search(
            [("patient_id", "=", portal.id), ("state", "in", ("done", "closed"))],
            limit=2,
        )
        for number, visit in enumerate(visits):
            self._write_encounter(visit, visit.practitioner_id.user_id or chief, number)

    def _write_encounters(self, user, count):
        visits = self.env["clinic.appointment"].search(
            [
                ("practitioner_id.user_id", "=", user.id),
                ("state", "in", ("done", "closed")),
            ],
            order="start desc",
            limit=count,
        )
        encounters = self.env["clinic.encounter"].with_user(user)
        for number, visit in enumerate(visits):
            encounters |= self._write_encounter(visit, user, number, sign=False)
        return encounters

    def _write_encounter(self, visit, user, number, sign=True):
        code, complaint, findings, plan, medicine = CASES[number % len(CASES)]
        condition = self.env["clinic.condition"].search([("code", "=", code)])
        encounter = (
            self.env["clinic.encounter"]
            .with_user(user)
            ._ours()
            .create(
                {
                    "patient_id": visit.patient_id.id,
                    "appointment_id": visit.id,
                    "company_id": visit.company_id.id,
                    "start": visit.start,
                    "stop": visit.stop,
                    "complaint": complaint,
                    "examination": findings,
                    "plan": plan,
                    "systolic": 118 + 7 * (number % 5),
                    "diastolic": 74 + 3 * (number % 5),
                    "heart_rate": 64 + 5 * (number % 4),
                    "oxygen_saturation": 98,
                    "weight": 61 + 4 * (number % 6),
                    "height": 164 + 3 * (number % 6),
                    "diagnosis_ids": [Command.create({"condition_id": condition.id})],
                    "medication_ids": medicine
                    and [
                        Command.create(
                            dict(
                                zip(
                                    ("medicine", "dose", "frequency", "duration"),
                                    medicine,
                                    strict=True,
                                )
                            )
                        )
                    ],
                }
            )
        )
        if sign:
            encounter.action_sign()
        return encounter
