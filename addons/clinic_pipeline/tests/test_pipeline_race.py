import threading

import psycopg2

from odoo import api
from odoo.exceptions import ConcurrencyError, UserError
from odoo.service.model import retrying
from odoo.tests import TransactionCase, tagged
from odoo.tools import mute_logger

from odoo.addons.clinic_base.tests.common import RealConnections


@tagged("post_install", "-at_install")
class TestPipelineRace(RealConnections, TransactionCase):
    """Two connections open a deal for the same patient at the same moment."""

    def setUp(self):
        super().setUp()
        with self.registry.cursor() as cr:
            env = api.Environment(cr, api.SUPERUSER_ID, {})
            self.patient_id = (
                env["res.partner"]
                .create({"is_patient": True, "family_name": "Race", "given_name": "R"})
                .id
            )
        self.user_ids = []
        self.addCleanup(self.clean)

    def clean(self):
        with self.registry.cursor() as cr:
            env = api.Environment(cr, api.SUPERUSER_ID, {})
            env["crm.lead"].with_context(active_test=False).search(
                [("patient_id", "=", self.patient_id)]
            ).unlink()
            users = env["res.users"].browse(self.user_ids)
            people = users.partner_id
            users.unlink()
            (people | env["res.partner"].browse(self.patient_id)).unlink()

    def together(self, work, arguments):
        """Do ``work`` for each argument in a thread of its own, and wait for all."""
        threads = [threading.Thread(target=work, args=(each,)) for each in arguments]
        # Muted from outside: what one thread mutes, another would unmute.
        with mute_logger("odoo.service.model", "odoo.sql_db"):
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()

    def environment(self, cr):
        return api.Environment(cr, api.SUPERUSER_ID, {})

    def open_deals(self):
        with self.registry.cursor() as cr:
            return self.environment(cr)["crm.lead"].search_count(
                [("patient_id", "=", self.patient_id), ("is_open", "=", True)]
            )

    def test_the_database_refuses_the_second(self):
        """CRM-02: one open deal per patient and pipeline, whoever writes."""
        sql = (
            "INSERT INTO crm_lead (name, type, active, patient_id, pipeline, is_open)"
            " VALUES ('x', 'opportunity', TRUE, %s, 'base', TRUE)"
        )
        with self.registry.cursor() as one, self.registry.cursor() as two:
            one.execute(sql, [self.patient_id])
            two.execute("SET LOCAL lock_timeout = '300ms'")
            with (
                mute_logger("odoo.sql_db"),
                self.assertRaises(psycopg2.errors.LockNotAvailable),
            ):
                two.execute(sql, [self.patient_id])
            two.rollback()
            one.commit()
            with (
                mute_logger("odoo.sql_db"),
                self.assertRaises(psycopg2.errors.UniqueViolation),
            ):
                two.execute(sql, [self.patient_id])
            two.rollback()
        self.assertEqual(self.open_deals(), 1)

    def test_the_loser_moves_the_deal_of_the_winner(self):
        """CRM-02: who comes second finds the deal on the second try, and moves it."""
        with self.registry.cursor() as cr:
            stale = self.environment(cr)
            patient = stale["res.partner"].browse(self.patient_id)
            self.assertFalse(stale["crm.lead"]._open_deals(patient))
            with self.registry.cursor() as other:
                env = self.environment(other)
                env["crm.lead"]._apply_rule(
                    "contact_request", env["res.partner"].browse(self.patient_id), "One"
                )
            with self.assertRaises(ConcurrencyError):
                stale["crm.lead"]._apply_rule("base_found_time", patient, "Two")
            cr.rollback()
            moved = stale["crm.lead"]._apply_rule("base_found_time", patient, "Two")
            self.assertEqual(moved.stage_id.pipeline_key, "appointments.searching")
            cr.rollback()
        self.assertEqual(self.open_deals(), 1)

    def test_crowd(self):
        """CRM-02: eight workers at once leave one open deal, and none fails."""
        barrier = threading.Barrier(8)
        failures = []

        def work(number):
            try:
                with self.registry.cursor() as cr:
                    env = self.environment(cr)

                    def act():
                        patient = env["res.partner"].browse(self.patient_id)
                        if not work.started.get(number):
                            env["crm.lead"]._open_deals(patient)
                            work.started[number] = True
                            barrier.wait(20)
                        env["crm.lead"]._apply_rule(
                            "contact_request", patient, f"Worker {number}"
                        )

                    retrying(act, env)
            except Exception as error:
                failures.append(error)

        work.started = {}
        self.together(work, range(8))
        self.assertFalse(failures)
        self.assertEqual(self.open_deals(), 1)

    def test_two_take_one_deal(self):
        """CRM-04: of two who take a deal at once one has it, the other is told."""
        with self.registry.cursor() as cr:
            env = self.environment(cr)
            role = env.ref("clinic_patient.group_clinic_receptionist")
            users = env["res.users"].create(
                [
                    {"name": name, "login": f"race_{name}", "group_ids": role.ids}
                    for name in ("Ada", "Ugo")
                ]
            )
            deal_id = env["crm.lead"].create({"patient_id": self.patient_id}).id
            user_ids = users.ids
        self.user_ids = user_ids
        barrier = threading.Barrier(2)
        told = []

        def take(user_id):
            tries = []
            with self.registry.cursor() as cr:
                env = api.Environment(cr, user_id, {})

                def act():
                    deal = env["crm.lead"].browse(deal_id)
                    if not tries:
                        self.assertTrue(deal.can_be_taken)
                        barrier.wait(20)
                    tries.append(user_id)
                    deal.action_take()

                try:
                    retrying(act, env)
                except UserError as error:
                    told.append((user_id, str(error)))

        self.together(take, user_ids)
        self.assertEqual(len(told), 1)
        [(loser, words)] = told
        with self.registry.cursor() as cr:
            deal = self.environment(cr)["crm.lead"].browse(deal_id)
            self.assertEqual(deal.stage_id.pipeline_key, "appointments.taken")
            self.assertEqual({deal.user_id.id, loser}, set(user_ids))
            self.assertEqual(deal.activity_ids.user_id, deal.user_id)
            self.assertIn(f"{deal.user_id.name} has taken", words)

    def test_two_drains(self):
        """CRM-02: two scheduled actions share the causes and apply each once."""
        with self.registry.cursor() as cr:
            env = self.environment(cr)
            patient = env["res.partner"].browse(self.patient_id)
            patient._contacted("call", "first")
            patient._contacted("call", "second")
        with self.registry.cursor() as one, self.registry.cursor() as two:
            first = self.environment(one)["clinic.pipeline.cause"]
            second = self.environment(two)["clinic.pipeline.cause"]
            claimed = first._claim(1)
            self.assertEqual(claimed.mapped("summary"), ["first"])
            self.assertFalse(
                second._claim(10).filtered(
                    lambda cause: cause.patient_id.id == self.patient_id
                )
            )
        with self.registry.cursor() as cr:
            self.environment(cr)["clinic.pipeline.cause"]._drain()
        self.assertEqual(self.open_deals(), 1)
