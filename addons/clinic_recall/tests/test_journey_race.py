import threading

from odoo import api
from odoo.tests import TransactionCase, tagged
from odoo.tools import mute_logger

from odoo.addons.clinic_base.tests.common import RealConnections

PATIENTS = 40
WORKERS = 4


@tagged("post_install", "-at_install", "slow")
class TestJourneyRace(RealConnections, TransactionCase):
    """Workers on connections of their own move the same patients at once."""

    def setUp(self):
        super().setUp()
        with self.registry.cursor() as cr:
            env = self.environment(cr)
            people = env["res.partner"].create(
                [
                    {
                        "is_patient": True,
                        "family_name": f"Crowd{number}",
                        "given_name": "A",
                        "email": f"crowd{number}@example.com",
                    }
                    for number in range(PATIENTS)
                ]
            )
            segment = env["clinic.segment"].create(
                {"name": "Crowd", "domain": "[('family_name', '=like', 'Crowd%')]"}
            )
            journey = env["clinic.journey"].create(
                {"name": "Crowd", "segment_id": segment.id, "purpose": "care"}
            )
            text = env.ref("clinic_recall.journey_template_missed")
            last = False
            for _index in range(3):
                last = journey.insert_node("message", last)
                env["clinic.journey.node"].browse(last).template_id = text
            journey.action_start()
            self.ids = {
                "res.partner": people.ids,
                "clinic.segment": segment.ids,
                "clinic.journey": journey.ids,
            }
        self.addCleanup(self.clean)

    def environment(self, cr):
        return api.Environment(cr, api.SUPERUSER_ID, {})

    def clean(self):
        with self.registry.cursor() as cr:
            env = self.environment(cr)
            env["clinic.message"].search(
                [("patient_id", "in", self.ids["res.partner"])]
            ).unlink()
            for model in ("clinic.journey", "clinic.segment", "res.partner"):
                env[model].browse(self.ids[model]).unlink()

    def counts(self):
        """Entries, passages, messages, and how many entries are at the end."""
        with self.registry.cursor() as cr:
            env = self.environment(cr)
            entries = env["clinic.journey.entry"].search(
                [("journey_id", "in", self.ids["clinic.journey"])]
            )
            messages = env["clinic.message"].search_count(
                [
                    ("res_model", "=", "clinic.journey.entry"),
                    ("res_id", "in", entries.ids),
                ]
            )
            done = entries.filtered(lambda entry: entry.state == "done")
            return len(entries), len(entries.passage_ids), messages, len(done)

    def test_workers_at_once(self):
        """RCL-06: four workers, one of them killed in each of its first batches: every
        step once, every message once, nobody lost."""
        barrier = threading.Barrier(WORKERS)
        failures = []

        def work(number):
            try:
                barrier.wait(60)
                for turn in range(400):
                    with self.registry.cursor() as cr:
                        env = self.environment(cr)
                        env["clinic.journey"]._enter_all()
                    # Leaving a cursor's block commits.
                    with self.registry.cursor() as cr:
                        env = self.environment(cr)
                        env["clinic.journey.entry"]._drain(limit=3)
                        env.flush_all()
                        if number == 0 and turn < 5:
                            cr.rollback()
                    if self.counts()[3] == PATIENTS:
                        break
            except Exception as error:
                failures.append(error)

        threads = [threading.Thread(target=work, args=(n,)) for n in range(WORKERS)]
        with mute_logger("odoo.sql_db"):
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join(240)
        self.assertFalse(any(thread.is_alive() for thread in threads))
        self.assertFalse(failures)
        self.assertEqual(
            self.counts(), (PATIENTS, PATIENTS * 3, PATIENTS * 3, PATIENTS)
        )

    def test_entered_after_the_snapshot(self):
        """Who entered by another worker since this one began to look neither enters
        twice nor stops it."""
        with self.registry.cursor() as late:
            late.execute("SELECT 1")
            with self.registry.cursor() as cr:
                entered = self.environment(cr)["clinic.journey"]._enter_all()
            self.assertEqual(entered, PATIENTS)
            self.assertEqual(self.environment(late)["clinic.journey"]._enter_all(), 0)
            late.execute("SELECT 1")
        self.assertEqual(self.counts()[0], PATIENTS)
