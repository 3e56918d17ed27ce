import random
from datetime import timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.clinic_base.lib.ours import OURS

from .common import NOW, AgendaCommon

#: Facts compared with the oracle below.
FACTS = (
    "visit_count",
    "first_visit_date",
    "last_visit_date",
    "lifetime_value",
    "visit_interval",
    "year_visit_count",
    "next_visit_start",
    "planned_until",
    "has_next_visit",
    "no_show_count",
    "year_no_show_count",
    "last_no_show_date",
    "cancel_count",
    "year_cancel_count",
)


class FactsCommon(AgendaCommon):
    def drain(self):
        """What the scheduled action does, batch after batch."""
        self.env.flush_all()
        while self.env["clinic.patient.facts"]._drain():
            pass
        self.env.invalidate_all()

    def history(self, patient, day, state="done", **vals):
        """A visit at nine of a day, past or future, in a state."""
        start = fields.Datetime.to_datetime(day) + timedelta(hours=9)
        return (
            self.env["clinic.appointment"]
            .sudo()
            .with_context(clinic_history=OURS)
            .create(
                {
                    "patient_id": patient.id,
                    "practitioner_id": self.anna.id,
                    "service_id": self.service.id,
                    "location_id": self.rome.id,
                    "start": start,
                    "stop": start + timedelta(minutes=30),
                    "state": state,
                    **vals,
                }
            )
        )

    def expected(self, patient):
        """The facts of a patient, by reading all visits in Python."""
        now = fields.Datetime.now()
        visits = self.env["clinic.appointment"].search(
            [("patient_id", "=", patient.id)], order="start"
        )
        finished = visits.filtered(lambda v: v.state in ("done", "closed"))
        planned = visits.filtered(
            lambda v: (
                v.state in ("booked", "rescheduled", "confirmed", "arrived", "in_room")
            )
        )
        missed = visits.filtered(lambda v: v.state == "no_show")
        cancelled = visits.filtered(lambda v: v.state == "cancelled")

        def recent(some):
            return sum(
                fields.Datetime.to_datetime(fields.Date.add(v.local_day, years=1)) > now
                for v in some
            )

        days = finished.mapped("local_day")
        ahead = [v.start for v in planned if v.start > now]
        return {
            "visit_count": len(finished),
            "first_visit_date": min(days, default=False),
            "last_visit_date": max(days, default=False),
            "lifetime_value": sum(finished.mapped("price")),
            "visit_interval": (max(days) - min(days)).days // (len(finished) - 1)
            if len(finished) > 1
            else 0,
            "year_visit_count": recent(finished),
            "next_visit_start": min(ahead, default=False),
            "planned_until": max(planned.mapped("start"), default=False),
            "has_next_visit": bool(ahead),
            "no_show_count": len(missed),
            "year_no_show_count": recent(missed),
            "last_no_show_date": max(missed.mapped("local_day"), default=False),
            "cancel_count": len(cancelled),
            "year_cancel_count": recent(cancelled),
        }

    def assertFacts(self, patients):
        self.env.invalidate_all()
        for patient in patients:
            got = {name: patient[name] for name in FACTS}
            self.assertEqual(got, self.expected(patient), patient.name)


@tagged("post_install", "-at_install")
class TestFacts(FactsCommon):
    def test_life_of_a_visit(self):
        """PAT-01, PAT-08: first and last visit, number, value, next visit, no-shows."""
        self.open_week(self.anna)
        self.drain()
        visit = self.book(self.tuesday(9))
        self.drain()
        self.assertEqual(self.patient.visit_count, 0)
        self.assertEqual(self.patient.next_visit_start, self.tuesday(9))
        self.assertTrue(self.patient.has_next_visit)
        visit._move(self.tuesday(10))
        self.drain()
        self.assertEqual(self.patient.next_visit_start, self.tuesday(10))
        with freeze_time(self.tuesday(10, 45)):
            visit.action_arrive()
            visit.action_done()
            self.drain()
            self.assertFalse(self.patient.has_next_visit)
            self.assertFacts(self.patient)
            self.assertEqual(
                (
                    self.patient.visit_count,
                    str(self.patient.last_visit_date),
                    self.patient.lifetime_value,
                    self.patient.days_since_visit,
                ),
                (1, "2026-03-03", 100.0, 0),
            )
            self.assertEqual(self.patient.used_service_ids, self.service)
        with freeze_time(self.tuesday(10) + timedelta(days=30)):
            self.env.invalidate_all()
            self.assertEqual(self.patient.days_since_visit, 30)
            found = self.env["res.partner"].search([("days_since_visit", ">=", 30)])
            self.assertIn(self.patient, found)
            found = self.env["res.partner"].search([("days_since_visit", ">", 30)])
            self.assertNotIn(self.patient, found)

    def test_booking_never_writes_the_card(self):
        """PAT-08: a booking appends one narrow row, and leaves the card alone."""
        self.open_week(self.anna)
        self.drain()
        self.env.cr.execute(
            "SELECT xmin::text, ctid::text FROM res_partner WHERE id = %s",
            [self.patient.id],
        )
        before = self.env.cr.fetchone()
        self.book(self.tuesday(9))
        self.env.flush_all()
        self.env.cr.execute(
            "SELECT xmin::text, ctid::text FROM res_partner WHERE id = %s",
            [self.patient.id],
        )
        self.assertEqual(self.env.cr.fetchone(), before)
        self.env.cr.execute("SELECT partner_id FROM clinic_patient_change")
        self.assertEqual(self.env.cr.fetchall(), [(self.patient.id,)])

    def test_calm_writing(self):
        """What did not change is not written again; a note on a visit is no cause."""
        visit = self.history(self.patient, "2026-02-02")
        self.drain()
        Facts = self.env["clinic.patient.facts"]
        self.assertFalse(Facts._work_out(self.patient.ids))
        visit.note = "Bring the old pictures"
        self.env.flush_all()
        self.assertFalse(self.env["clinic.patient.change"].search([]))

    def test_has_next_visit_needs_no_job(self):
        """PAT-08: the moment passes, and the search knows without any job."""
        self.history(self.patient, "2026-03-04", "booked")
        self.drain()
        Partner = self.env["res.partner"]
        mine = ("id", "=", self.patient.id)
        self.assertTrue(Partner.search([("has_next_visit", "=", True), mine]))
        with freeze_time("2026-03-04 12:00:00"):
            self.env.invalidate_all()
            self.assertTrue(Partner.search([("has_next_visit", "=", False), mine]))
            self.assertFalse(self.patient.has_next_visit)

    def test_services_and_places(self):
        """PAT-08: by service, specialty, practitioner and location of finished
        visits."""
        other = self.make_patient("Neri", "Luca")
        self.history(self.patient, "2026-02-02")
        self.history(other, "2026-02-03", "no_show")
        self.drain()
        Partner = self.env["res.partner"]
        for name, value in (
            ("used_service_ids", self.service),
            ("used_specialty_ids", self.specialty),
            ("visited_practitioner_ids", self.anna),
            ("visited_location_ids", self.rome),
        ):
            with self.subTest(name):
                self.assertEqual(
                    Partner.search([(name, "in", value.ids)]), self.patient
                )
                self.assertEqual(
                    Partner.search([(name, "ilike", value.name)]), self.patient
                )
                self.assertIn(other, Partner.search([(name, "not in", value.ids)]))
                self.assertIn(other, Partner.search([(name, "=", False)]))
                self.assertEqual(self.patient[name], value)

    def test_merge(self):
        """PAT-05, PAT-08: the facts follow the visits to the card that stays."""
        twin = self.make_patient("Rossi", "Marya")
        self.history(self.patient, "2025-12-01")
        self.history(twin, "2026-01-05")
        self.history(twin, "2026-01-12", "no_show")
        self.drain()
        twin._merge_into(self.patient)
        self.drain()
        self.assertFacts(self.patient)
        self.assertEqual(self.patient.visit_count, 2)
        self.assertFalse(self.env["clinic.patient.facts"].browse(twin.id).exists())

    def test_check_reports_and_repairs(self):
        """PAT-08: the nightly check finds what was changed behind its back."""
        self.history(self.patient, "2026-02-02")
        self.drain()
        self.env.cr.execute(
            "UPDATE clinic_patient_facts SET visit_count = 7 WHERE id = %s",
            [self.patient.id],
        )
        Facts = self.env["clinic.patient.facts"]
        last, wrong = Facts._check(self.patient.id - 1, 1)
        self.assertEqual((last, wrong), (self.patient.id, self.patient.ids))
        self.assertFacts(self.patient)
        self.assertEqual(Facts._check(self.patient.id - 1, 1)[1], [])
        with (
            self.enter_registry_test_mode(),
            self.assertNoLogs("odoo.addons.clinic_patient", "WARNING"),
        ):
            self.env.ref("clinic_patient.ir_cron_check_facts").method_direct_trigger()

    def test_job(self):
        """The scheduled action drains everything."""
        for number in range(3):
            day = f"2026-02-0{number + 2}"
            self.history(self.make_patient("Job", str(number)), day)
            self.env.flush_all()
        with self.enter_registry_test_mode():
            self.env.ref("clinic_patient.ir_cron_drain_facts").method_direct_trigger()
        self.env.invalidate_all()
        self.assertFalse(self.env["clinic.patient.change"].search([]))

    def test_incremental_is_recomputed(self):
        """PAT-08: after any sequence of bookings, moves, ends, cancellations, merges
        and waiting, the facts kept up to date are those worked out from nothing."""
        chance = random.Random(8)
        for seed in range(3):
            self.sequence(chance, seed)

    def sequence(self, chance, seed):
        patients = self.env["res.partner"]
        for number in range(4):
            patients |= self.make_patient(f"Walk{seed}", f"Nr{number}")
        now = NOW + timedelta(days=400 * seed)
        self.drain()
        for step in range(45):
            now += timedelta(
                hours=chance.choice([1, 5, 24, 24 * 20, 24 * 90]), minutes=step
            )
            with freeze_time(now):
                self.step(chance, patients, now, step + 100 * seed)
                patients = patients.exists()
                self.env.flush_all()
                if chance.random() < 0.5:
                    self.drain()
                    self.assertFacts(patients)
        with freeze_time(now + timedelta(days=100)):
            self.drain()
            self.assertFacts(patients)
            self.assertEqual(
                self.env["clinic.patient.facts"]._work_out(patients.ids), []
            )

    def step(self, chance, patients, now, number):
        """One thing that happens to one of the patients."""
        patient = chance.choice(patients)
        visits = self.env["clinic.appointment"].search(
            [("patient_id", "in", patients.ids)]
        )
        history = visits.sudo().with_context(clinic_history=OURS)
        visit = history.browse(chance.choice(visits.ids)) if visits else history
        # A minute of its own for each, so that nothing is refused as taken.
        start = now.replace(minute=0, second=0) + timedelta(
            days=chance.randint(-500, 200), hours=number * 7 % 24, seconds=number
        )
        times = {"start": start, "stop": start + timedelta(seconds=1)}
        match chance.randint(0, 9):
            case 0 | 1 | 2 | 3:
                state = chance.choice(
                    ["booked", "confirmed", "done", "closed", "no_show", "cancelled"]
                )
                self.history(patient, now, state, **times)
            case 4 if visit:
                visit.write(times)
            case 5 | 6 if visit:
                visit.write(
                    {
                        "state": chance.choice(
                            ["done", "closed", "no_show", "cancelled", "booked"]
                        )
                    }
                )
            case 7 if visit:
                visit.write({"price": chance.randint(1, 500)})
            case 8 if visit:
                visit.write({"patient_id": patient.id})
            case 9 if len(patients) > 2:
                other = chance.choice(patients - patient)
                with mute_logger("odoo.addons.base.wizard.base_partner_merge"):
                    other._merge_into(patient)
