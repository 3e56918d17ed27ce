import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from odoo import api, fields
from odoo.service.model import retrying
from odoo.tests import TransactionCase, tagged
from odoo.tools import mute_logger

from odoo.addons.clinic_base.lib.ours import OURS
from odoo.addons.clinic_base.tests.common import RealConnections

from ..models.clinic_appointment_allocation import SlotTaken

CROWD = 50
LANES = 12


@tagged("post_install", "-at_install", "slow")
class TestWaitRace(RealConnections, TransactionCase):
    """Fifty are asked at once and say yes at once, each on a connection of its own."""

    def setUp(self):
        super().setUp()
        self.made = []
        self.addCleanup(self.clean)
        with self.registry.cursor() as cr:
            self.prepare(api.Environment(cr, api.SUPERUSER_ID, {}))

    def make(self, env, model, vals):
        records = env[model].create(vals)
        self.made.append((model, records.ids))
        return records

    def prepare(self, env):
        env = env(context={"tracking_disable": True})
        location = self.make(
            env, "clinic.location", {"name": "Race", "tz": "Europe/Rome"}
        )
        practitioner = self.make(env, "clinic.practitioner", {"name": "Race"})
        service = self.make(
            env,
            "product.template",
            {"name": "Race", "type": "service", "is_healthcare_service": True},
        )
        people = self.make(
            env,
            "res.partner",
            [
                {"is_patient": True, "family_name": "Race", "given_name": f"{number}"}
                for number in range(CROWD)
            ],
        )
        start = fields.Datetime.now().replace(microsecond=0) + timedelta(days=3)
        expires = fields.Datetime.now() + timedelta(minutes=30)
        hold = env["clinic.appointment"].create(
            {
                "practitioner_id": practitioner.id,
                "location_id": location.id,
                "service_id": service.id,
                "start": start,
                "stop": start + timedelta(minutes=30),
                "state": "held",
                "hold_expires_at": expires,
                "overbooked": True,
                "overbook_reason": "Outside the schedule",
            }
        )
        self.hold_id = hold.id
        entries = env["clinic.wait.list"].create(
            [{"patient_id": one.id, "service_id": service.id} for one in people]
        )
        entries.write({"state": "offered"})
        self.entry_ids = entries.ids
        self.offer_ids = (
            env["clinic.wait.offer"]
            .create(
                [
                    {
                        "wait_id": entry.id,
                        "hold_id": hold.id,
                        "practitioner_id": practitioner.id,
                        "location_id": location.id,
                        "start": start,
                        "expires_at": expires,
                    }
                    for entry in entries
                ]
            )
            .ids
        )

    def clean(self):
        with self.registry.cursor() as cr:
            env = api.Environment(cr, api.SUPERUSER_ID, {})
            patients = dict(self.made).get("res.partner", [])
            cr.execute(
                "DELETE FROM clinic_message WHERE patient_id = ANY(%s)", [patients]
            )
            env["clinic.wait.offer"].browse(self.offer_ids).unlink()
            env["clinic.wait.list"].browse(self.entry_ids).unlink()
            env["clinic.appointment"].browse(self.hold_id).with_context(
                clinic_discard=OURS
            ).unlink()
            for model, ids in reversed(self.made):
                env[model].browse(ids).unlink()

    def test_one_wins(self):
        """AGD-11: 50 accept one time at the same moment: one has it, 49 are told, one
        visit is booked."""
        gate = threading.Barrier(LANES)
        waited = threading.local()

        def accept(offer_id):
            if not getattr(waited, "done", False):
                waited.done = True
                gate.wait(20)
            with self.registry.cursor() as cr:
                env = api.Environment(cr, api.SUPERUSER_ID, {})
                try:
                    retrying(
                        lambda: env["clinic.wait.offer"].browse(offer_id)._accept(), env
                    )
                except SlotTaken:
                    return "told"
                return "booked"

        with mute_logger("odoo.sql_db", "odoo.service.model"):
            with ThreadPoolExecutor(LANES) as lanes:
                answers = list(lanes.map(accept, self.offer_ids))
        self.assertEqual(answers.count("booked"), 1)
        self.assertEqual(answers.count("told"), CROWD - 1)
        with self.registry.cursor() as cr:
            env = api.Environment(cr, api.SUPERUSER_ID, {})
            offers = env["clinic.wait.offer"].browse(self.offer_ids)
            self.assertEqual(offers.mapped("state").count("accepted"), 1)
            self.assertEqual(offers.mapped("state").count("lost"), CROWD - 1)
            hold = env["clinic.appointment"].browse(self.hold_id)
            winner = offers.filtered(lambda offer: offer.state == "accepted")
            self.assertEqual(
                (hold.state, hold.patient_id), ("booked", winner.patient_id)
            )
            states = env["clinic.wait.list"].browse(self.entry_ids).mapped("state")
            self.assertEqual(states.count("waiting"), CROWD - 1)
