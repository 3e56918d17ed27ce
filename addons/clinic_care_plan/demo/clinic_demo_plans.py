from datetime import timedelta

from odoo import Command, api, fields, models

#: (title, specialty, how far it came)
PLANS = (
    ("Back pain: assessment and six sessions", "Orthopaedics", "presented"),
    ("Knee after the fall", "Orthopaedics", "signed"),
    ("Acne, a course of three months", "Dermatology", "signed"),
    ("Removal of two moles", "Dermatology", "accepted"),
    ("High blood pressure: first year", "Cardiology", "approved"),
    ("Palpitations", "Cardiology", "submitted"),
    ("Care during pregnancy", "Gynaecology", "draft"),
    ("Cataract of the left eye", "Ophthalmology", "refused"),
)
STAGES = ("Examination", "Treatment")


class ClinicDemo(models.AbstractModel):
    _inherit = "clinic.demo"

    @api.model
    def _load_care_plans(self):
        """Treatment plans of people who came here."""
        self = self.with_context(tracking_disable=True, mail_notrack=True)
        if self.env["clinic.care.plan"].search_count([], limit=1):
            return
        if not self.env["clinic.appointment"].search_count([], limit=1):
            return
        self._make_care_plans(
            self.env["res.partner"].search([("is_patient", "=", True)], order="id")
        )

    def _make_care_plans(self, patients):
        """Treatment plans at every step; the first waits for the portal patient."""
        portal = self.env.ref("clinic_agenda.demo_user_patient").partner_id
        adults = (
            patients.filtered(lambda card: card.clinic_age and card.clinic_age >= 18)
            - portal
        )
        people = [portal, *adults[3 : 3 + 17 * len(PLANS) : 17]]
        for (title, specialty, state), patient in zip(PLANS, people, strict=False):
            plan = self._make_plan(title, specialty, patient)
            self._lead_plan(plan, state)

    def _make_plan(self, title, specialty, patient):
        services = self.env["product.template"].search(
            [("specialty_id.name", "=", specialty)], limit=3
        )
        user = self.env.ref("clinic_agenda.demo_user_coordinator")
        plan = self.env["clinic.care.plan"].create(
            {
                "title": title,
                "patient_id": patient.id,
                "responsible_id": user.id,
                "doctor_id": self.env.ref("clinic_agenda.demo_user_practitioner").id,
                "valid_until": fields.Date.today() + timedelta(days=60),
                "description": "<p>We begin with an examination. Then we treat, and "
                "look together at how far we have come.</p>",
                "stage_ids": [
                    Command.create({"name": name, "sequence": number})
                    for number, name in enumerate(STAGES)
                ],
            }
        )
        plan.line_ids = [
            Command.create(
                {
                    "service_id": service.id,
                    "stage_id": plan.stage_ids[min(number, 1)].id,
                    "quantity": 1 if number != 1 else 6,
                    "discount": 10 if number == 1 else 0,
                    "optional": number == 2,
                }
            )
            for number, service in enumerate(services)
        ]
        return plan

    def _lead_plan(self, plan, state):
        """Take a plan through its steps, until the one it is at."""
        chief = self.env.ref("clinic_agenda.demo_user_chief_doctor")
        steps = [
            ("submitted", plan.action_submit),
            ("approved", plan.with_user(chief).action_approve),
            ("presented", plan.action_present),
            ("accepted", plan.action_accept),
            ("signed", plan.action_sign_at_desk),
        ]
        for reached, step in steps:
            if plan.state == state or (state == "refused" and reached == "accepted"):
                break
            step()
        if state == "refused":
            plan._refuse("The second eye first, next year")
        if state == "signed":
            self.env["clinic.care.plan.instalments"].create(
                {"plan_id": plan.id, "deposit": 50, "count": 3}
            ).action_split()
