from datetime import timedelta

from odoo.tests import tagged

from ..models.clinic_appointment_allocation import SlotTaken
from ..models.online_rule import ONLINE_RULES
from .common import NOW, AgendaCommon


@tagged("post_install", "-at_install")
class TestOnlineRules(AgendaCommon):
    """What the website may offer, and the screen that says why not."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.schedule = cls.open_week(cls.anna)
        cls.rome.pricelist_id = cls.env["product.pricelist"].create({"name": "Rome"})
        cls.switches = {
            "location": cls.rome,
            "pricelist": cls.rome.pricelist_id,
            "specialty": cls.specialty,
            "service": cls.service,
            "practitioner": cls.anna,
            "offer": cls.anna_offer,
        }

    def online(self):
        """Starts a website visitor sees on Tuesday with Anna."""
        return self.starts(online=True, practitioner_ids=self.anna.ids)

    def check(self, **values):
        """The screen, filled in."""
        return self.env["clinic.online.check"].create(
            {"service_id": self.service.id, "practitioner_id": self.anna.id, **values}
        )

    def test_every_switch_hides_the_times_and_explains_itself(self):
        """AGD-13: each level of the cascade, the desk unaffected."""
        self.assertEqual(set(self.switches), {rule.code for rule in ONLINE_RULES})
        self.assertTrue(self.check().line_ids.bookable)
        for rule in ONLINE_RULES:
            with self.subTest(rule.code):
                self.switches[rule.code].online_bookable = False
                self.assertEqual(self.online(), [])
                self.assertEqual(len(self.starts(practitioner_ids=self.anna.ids)), 8)
                line = self.check().line_ids
                self.assertFalse(line.bookable)
                self.assertEqual(line.reasons, self.env._(rule.failed))
                self.switches[rule.code].online_bookable = True
                self.assertEqual(len(self.online()), 8)

    def test_coverage_that_is_not_bookable_is_named(self):
        """AGD-13: coverages are part of the cascade."""
        coverage = self.env["clinic.coverage"].create(
            {"name": "Salus", "online_bookable": False}
        )
        line = self.check(coverage_id=coverage.id).line_ids
        self.assertIn("Salus is kept away", line.reasons)
        coverage.write({"online_bookable": True, "location_ids": self.sao_paulo.ids})
        line = self.check(coverage_id=coverage.id).line_ids
        self.assertIn("Salus is not accepted here", line.reasons)

    def test_service_without_offers_says_what_to_do(self):
        """Bad input: nobody offers it."""
        orphan = self.make_service("Orphan")
        check = self.env["clinic.online.check"].create({"service_id": orphan.id})
        self.assertIn("Nobody offers this", check.summary)
        self.assertFalse(check.line_ids)

    def test_no_schedule_is_explained(self):
        """All switches on, and still no time."""
        self.schedule.unlink()
        line = self.check().line_ids
        self.assertFalse(line.bookable)
        self.assertIn("check schedule", line.reasons)

    def test_notice_and_horizon(self):
        """AGD-13: the location's limits, and the service's own notice."""
        hours_ahead = self.tuesday(8) - NOW
        self.rome.notice_minutes = hours_ahead.total_seconds() // 60 + 1
        self.assertEqual(self.online()[0], self.tuesday(8, 30))
        self.service.notice_minutes = 10
        self.assertEqual(self.online()[0], self.tuesday(8))
        self.rome.horizon_days = 1
        self.assertEqual(self.online(), [])

    def test_online_share_leaves_time_for_the_desk(self):
        """AGD-02: half of four hours: four half-hour visits online, then none."""
        self.schedule.block_ids.online_share = 50
        booking = self.env["clinic.booking"]
        for number in range(4):
            self.assertTrue(self.online())
            visit = booking._hold(
                self.service.id, self.tuesday(8) + timedelta(minutes=30 * number)
            )
            booking._book_held(visit, self.make_patient("Rossi", f"Child{number}"))
        self.assertEqual(self.online(), [])
        self.assertEqual(len(self.starts(practitioner_ids=self.anna.ids)), 4)
        with self.assertRaises(SlotTaken):
            booking._hold(self.service.id, self.tuesday(11))

    def test_online_discount_and_price_list(self):
        """The price is the list's, less the service's online discount."""
        self.rome.pricelist_id.item_ids = [
            (
                0,
                0,
                {
                    "compute_price": "fixed",
                    "fixed_price": 90,
                    "applied_on": "1_product",
                    "product_tmpl_id": self.service.id,
                },
            )
        ]
        self.service.online_discount = 10
        desk, online = (
            self.env["clinic.slot"].search_slots(
                self.service.id,
                self.tuesday(0),
                self.tuesday(23),
                practitioner_ids=self.anna.ids,
                limit=1,
                online=flag,
            )[0]["price"]
            for flag in (False, True)
        )
        self.assertEqual((desk, online), (90, 81))
        visit = self.env["clinic.booking"]._hold(self.service.id, self.tuesday(8))
        self.assertEqual(visit.price, 81)
