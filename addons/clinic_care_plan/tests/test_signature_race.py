from psycopg2.errors import LockNotAvailable

from odoo import SUPERUSER_ID, Command, api
from odoo.exceptions import UserError
from odoo.service.model import retrying
from odoo.tests import TransactionCase, tagged
from odoo.tools import mute_logger

from odoo.addons.clinic_base.tests.common import RealConnections
from odoo.addons.clinic_patient.tests.file_common import drawing


@tagged("post_install", "-at_install")
class TestSignatureRace(RealConnections, TransactionCase):
    """A coordinator changes payments while the patient signs, on two connections."""

    def setUp(self):
        super().setUp()
        self.made = []
        self.addCleanup(self.clean)
        with self.registry.cursor() as cr:
            self.prepare(self.environment(cr))

    def environment(self, cr):
        return api.Environment(cr, SUPERUSER_ID, {"tracking_disable": True})

    def prepare(self, env):
        patient = env["res.partner"].create(
            {"is_patient": True, "family_name": "Race", "given_name": "R"}
        )
        service = env["product.template"].create(
            {"name": "Race", "type": "service", "list_price": 900}
        )
        plan = env["clinic.care.plan"].create(
            {
                "title": "Race",
                "patient_id": patient.id,
                "line_ids": [Command.create({"service_id": service.id})],
                "instalment_ids": [
                    Command.create({"due_date": "2027-01-01", "amount": 300})
                ],
            }
        )
        plan.action_submit()
        plan.action_approve()
        plan.action_present()
        self.plan_id, self.patient_id = plan.id, patient.id
        self.made = [
            ("clinic.care.plan", plan.ids),
            ("product.template", service.ids),
            ("res.partner", patient.ids),
        ]

    def clean(self):
        with self.registry.cursor() as cr:
            env = self.environment(cr)
            env["clinic.pipeline.cause"].search(
                [("patient_id", "=", self.patient_id)]
            ).unlink()
            for model, ids in self.made:
                env[model].browse(ids).unlink()

    def sign_against(self, change):
        """Sign what a page showed while ``change`` is made and committed."""
        seen = []
        with self.registry.cursor() as cr:
            env = self.environment(cr)
            plan = env["clinic.care.plan"].browse(self.plan_id)

            def sign():
                if not seen:
                    # Read before the other one changes it, as the request does.
                    seen.append(plan._shown_digest())
                    with self.registry.cursor() as other:
                        theirs = self.environment(other)["clinic.care.plan"]
                        change(theirs.browse(self.plan_id).instalment_ids)
                plan._sign("R. Race", drawing(), plan.patient_id, seen[0])

            with mute_logger("odoo.service.model", "odoo.sql_db"):
                retrying(sign, env)

    def check(self, change):
        with self.assertRaisesRegex(UserError, "has changed"):
            self.sign_against(change)
        with self.registry.cursor() as cr:
            plan = self.environment(cr)["clinic.care.plan"].browse(self.plan_id)
            self.assertFalse(plan.signed_on)

    def test_another_payment(self):
        """CRM-06: a payment that was added meanwhile is not signed unseen."""
        self.check(
            lambda dues: dues.create(
                {"plan_id": self.plan_id, "due_date": "2027-02-01", "amount": 50}
            )
        )

    def test_other_amount(self):
        """CRM-06: nor is another amount."""
        self.check(lambda dues: dues.write({"amount": 301}))

    def test_payment_less(self):
        """CRM-06: nor one payment less."""
        self.check(lambda dues: dues.unlink())

    def test_while_it_is_signed(self):
        """CRM-06: whoever adds a payment to what is being signed waits for it."""
        with self.registry.cursor() as one, self.registry.cursor() as two:
            plan = self.environment(one)["clinic.care.plan"].browse(self.plan_id)
            plan._accept_shown(plan._shown_digest())
            dues = self.environment(two)["clinic.care.plan.instalment"]
            two.execute("SET LOCAL lock_timeout = '300ms'")
            for change in (
                lambda: dues.create(
                    {"plan_id": self.plan_id, "due_date": "2027-02-01", "amount": 5}
                ),
                lambda: dues.search([("plan_id", "=", self.plan_id)]).unlink(),
            ):
                with (
                    mute_logger("odoo.sql_db"),
                    self.assertRaises(LockNotAvailable),
                    two.savepoint(),
                ):
                    change()
                dues.env.clear()
            one.rollback()
