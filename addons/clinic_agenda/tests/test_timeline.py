import time

from odoo.tests import new_test_user, tagged

from .common import AgendaCommon


@tagged("post_install", "-at_install")
class TestVisitTimeline(AgendaCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.open_week(cls.anna)
        cls.open_week(cls.bruno)
        cls.doctor = new_test_user(
            cls.env,
            "doctor",
            groups="clinic_patient.group_clinic_practitioner",
            tz="Europe/Rome",
        )
        cls.anna.user_id = cls.doctor
        cls.mine = cls.book(cls.tuesday(9))
        cls.others = cls.book(cls.tuesday(10), practitioner=cls.bruno)

    def visits(self, page):
        return {item["open"]["id"] for item in page["items"] if item["kind"] == "visit"}

    def test_visits_and_their_history(self):
        """PAT-06: visits at the location's time with their state, and each change."""
        self.mine._move(self.tuesday(11))
        self.mine._cancel("Has a cold", by="patient")
        page = self.patient.timeline(["visit", "visit_event"])
        self.assertEqual(self.visits(page), set((self.mine | self.others).ids))
        item = next(
            each
            for each in page["items"]
            if each["kind"] == "visit" and each["open"]["id"] == self.mine.id
        )
        self.assertEqual(item["badge"], "Cancelled")
        self.assertEqual(item["when"], self.mine.local_start)
        self.assertIn("Has a cold", item["text"])
        events = [each for each in page["items"] if each["kind"] == "visit_event"]
        self.assertEqual(len(events), 4)

    def test_practitioner_sees_own_visits(self):
        """OPS-01, PAT-06: a practitioner's timeline holds the own visits only, in the
        items and in the numbers; the receptionist's holds all."""
        card = self.patient.with_user(self.doctor)
        page = card.timeline()
        counts = {kind["name"]: kind["count"] for kind in page["kinds"]}
        self.assertEqual(self.visits(page), set(self.mine.ids))
        self.assertEqual((counts["visit"], counts["visit_event"]), (1, 1))
        receptionist = new_test_user(
            self.env, "desk", groups="clinic_patient.group_clinic_receptionist"
        )
        page = self.patient.with_user(receptionist).timeline()
        self.assertEqual(self.visits(page), set((self.mine | self.others).ids))

    def test_five_thousand_items(self):
        """PAT-06: the first page of a long history comes at once."""
        self.env.cr.execute(
            """
            INSERT INTO mail_message (model, res_id, message_type, body, date,
                                      create_date)
            SELECT 'res.partner', %s, 'comment', 'Note ' || n,
                   timestamp '2020-01-01' + n * interval '7 hours', now()
              FROM generate_series(1, 5000) n
            """,
            [self.patient.id],
        )
        self.env.cr.execute("ANALYZE mail_message")
        card = self.patient.with_user(self.doctor)
        card.timeline()
        taken = []
        for _round in range(3):
            self.env.invalidate_all()
            began = time.perf_counter()
            page = card.timeline()
            taken.append(time.perf_counter() - began)
        self.assertEqual(len(page["items"]), 40)
        self.assertLess(min(taken), 0.5)
