from odoo import Command

from odoo.addons.clinic_patient.tests.common import ClinicPatientCommon
from odoo.addons.clinic_patient.tests.file_common import drawing


class CarePlanCommon(ClinicPatientCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.coordinator = cls.user("coordinator")
        cls.doctor = cls.user("practitioner")
        cls.chief = cls.user("chief_doctor")
        cls.anna = cls.patient(email="anna@example.com")
        cls.implant, cls.crown, cls.whitening = cls.env["product.template"].create(
            [
                {"name": name, "type": "service", "list_price": price}
                for name, price in (
                    ("Implant", 900),
                    ("Crown", 450.5),
                    ("Whitening", 200),
                )
            ]
        )

    def draft(self, user=None, **vals):
        """A plan in two stages, with one optional service: 900 + 2 x 405.45 + 200."""
        plan = (
            self.env["clinic.care.plan"]
            .with_user(user or self.coordinator)
            .create(
                {
                    "title": "Implant, lower left",
                    "patient_id": self.anna.id,
                    "stage_ids": [
                        Command.create({"name": "Surgery", "sequence": 1}),
                        Command.create({"name": "Crowns", "sequence": 2}),
                    ],
                    **vals,
                }
            )
        )
        surgery, crowns = plan.stage_ids
        plan.line_ids = [
            Command.create({"service_id": self.implant.id, "stage_id": surgery.id}),
            Command.create(
                {
                    "service_id": self.crown.id,
                    "stage_id": crowns.id,
                    "site": "36",
                    "quantity": 2,
                    "discount": 10,
                }
            ),
            Command.create({"service_id": self.whitening.id, "optional": True}),
        ]
        return plan

    def presented(self, **vals):
        """A plan that was approved and that the patient sees."""
        plan = self.draft(**vals)
        plan.action_submit()
        plan.with_user(self.chief).action_approve()
        plan.action_present()
        return plan

    def sign_plan(self, plan, name="Anna", shown=None):
        """Sign what the page shows now, or showed before."""
        shown = plan._shown_digest() if shown is None else shown
        plan._sign(name, drawing(), self.anna, shown)

    def line(self, plan, service):
        return plan.line_ids.filtered(lambda line: line.service_id == service)
