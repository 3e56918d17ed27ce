from datetime import date, datetime, timedelta

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from ..lib import spread
from .common import RecallCommon


@tagged("post_install", "-at_install")
class TestRecallCampaign(RecallCommon):
    """Mass recall: preview with reasons, sending by the hour, what came of it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tag = cls.env["res.partner.category"].create({"name": "To recall"})
        cls.marketing = cls.role("marketing")
        cls.people = cls.env["res.partner"]
        for number in range(6):
            cls.people |= cls.make_patient(
                "Mass",
                f"Patient{number}",
                email=f"p{number}@example.com",
                birth_date="1980-01-01",
                category_id=[Command.link(cls.tag.id)],
            )
        for patient in cls.people:
            cls.env["clinic.consent"]._decide(patient, "marketing", "given", "paper")
        cls.segment = cls.env["clinic.segment"].create(
            {
                "name": "Tagged",
                "domain": repr([("category_id", "in", cls.tag.ids)]),
                "sharing": "shared",
            }
        )

    def campaign(self, **vals):
        return (
            self.env["clinic.recall.campaign"]
            .with_user(self.marketing)
            .create(
                {
                    "name": "Spring",
                    "segment_id": self.segment.id,
                    "date_start": "2026-03-02",
                    "hour_from": 10,
                    "hour_to": 12,
                    "per_hour": 2,
                    **vals,
                }
            )
        )

    def reasons(self, campaign):
        return {
            member.patient_id: member.reason
            for member in self.env["clinic.recall.campaign.member"].search(
                [("campaign_id", "=", campaign.id)]
            )
        }

    def messages(self, campaign):
        return campaign.sudo().bulk_id.message_ids.sorted("due")

    def test_preview_with_reasons(self):
        """RCL-02: everybody who is excluded stands there with the reason; nothing is
        sent and nothing is left behind."""
        gets, no_consent, no_address, stopped, booked, minor = self.people
        self.env["clinic.consent"]._decide(no_consent, "marketing", "refused", "paper")
        no_address.email = False
        self.env["clinic.message.optout"].create(
            {"address": stopped.email, "purpose": "marketing"}
        )
        self.book(self.tuesday(9), patient_id=booked.id)
        minor.birth_date = "2015-01-01"
        before = self.env["clinic.message"].search_count([])
        campaign = self.campaign()
        campaign.action_preview()
        self.assertEqual(
            self.reasons(campaign),
            {
                gets: "gets",
                no_consent: "consent",
                no_address: "no_address",
                stopped: "optout",
                booked: "has_visit",
                minor: "minor",
            },
        )
        self.assertEqual((campaign.gets_count, campaign.excluded_count), (1, 5))
        self.assertEqual(self.env["clinic.message"].search_count([]), before)
        self.assertFalse(self.env["clinic.message.campaign"].search([]))
        self.env["clinic.consent"]._decide(no_consent, "marketing", "given", "paper")
        campaign.action_preview()
        self.assertEqual(campaign.gets_count, 2, "worked out anew")

    def test_condition_narrows_the_segment(self):
        """RCL-02: extra criteria; a condition that cannot be read is refused."""
        campaign = self.campaign(domain="[('given_name', '=', 'Patient3')]")
        campaign.action_preview()
        self.assertEqual(list(self.reasons(campaign)), [self.people[3]])
        with self.assertRaises(ValidationError):
            campaign.domain = "import os"
        with self.assertRaises(AccessError):
            campaign.domain = "[('balance_due', '>', 10)]"

    def test_spread_over_hours_and_days(self):
        """RCL-02: two an hour from ten to twelve, in the patient's own time."""
        self.people[5].tz = "Europe/London"
        campaign = self.campaign()
        campaign.action_start()
        self.assertEqual(campaign.state, "running")
        dues = {each.patient_id: each.due for each in self.messages(campaign)}
        self.assertEqual(
            [dues[patient] for patient in self.people],
            [
                datetime(2026, 3, 2, 9, 0),
                datetime(2026, 3, 2, 9, 30),
                datetime(2026, 3, 2, 10, 0),
                datetime(2026, 3, 2, 10, 30),
                datetime(2026, 3, 3, 9, 0),
                datetime(2026, 3, 3, 10, 30),
            ],
        )

    def test_the_senders_begin_at_once(self):
        """RCL-02: what is due when it is started does not wait for their minute."""
        campaign = self.campaign()
        self.env.cr.flush()
        triggers = self.env["ir.cron.trigger"]
        before = triggers.search([])
        campaign.action_start()
        self.env.cr.flush()
        senders = self.messages(campaign).provider_id.cron_ids
        self.assertTrue(senders)
        self.assertEqual((triggers.search([]) - before).cron_id & senders, senders)

    def test_spread_across_the_change_of_the_clock(self):
        """RCL-02: ten o'clock is ten o'clock on both sides of the change."""
        campaign = self.campaign(date_start="2026-03-27", per_hour=3, hour_to=11)
        campaign.action_start()
        self.assertEqual(
            sorted(
                {each.due for each in self.messages(campaign) if not each.due.minute}
            ),
            [datetime(2026, 3, 27, 9), datetime(2026, 3, 30, 8)],
        )

    def test_hours_of_days(self):
        """RCL-02: the arithmetic of the schedule."""
        hours = spread.hours(
            date(2026, 3, 6), {0, 4}, 9, 11, 3, datetime(2026, 3, 6, 10)
        )
        self.assertEqual(
            hours,
            [
                datetime(2026, 3, 6, 10),
                datetime(2026, 3, 9, 9),
                datetime(2026, 3, 9, 10),
            ],
        )
        with self.assertRaises(ValueError):
            spread.hours(date(2026, 3, 6), set(), 9, 11, 3)
        with self.assertRaises(ValidationError):
            self.campaign(
                **dict.fromkeys(
                    ("monday", "tuesday", "wednesday", "thursday", "friday"), False
                )
            )

    def test_pause_resume_stop(self):
        """RCL-02: paused nothing goes; resumed it is spread anew; stopped, for good."""
        campaign = self.campaign()
        campaign.action_start()
        campaign.action_start()
        messages = self.messages(campaign)
        self.assertEqual(len(messages), 6, "a second click changes nothing")
        campaign.action_pause()
        self.assertTrue(all(messages.mapped("is_paused")))
        with self.on("2026-03-10"):
            campaign.action_resume()
            self.assertFalse(any(messages.mapped("is_paused")))
            self.assertEqual(min(messages.mapped("due")), datetime(2026, 3, 10, 9))
            self.assertTrue(all(each.expires_at > each.due for each in messages))
        campaign.action_stop()
        self.assertEqual(set(messages.mapped("state")), {"cancelled"})
        self.assertEqual(campaign.state, "stopped")
        with self.assertRaises(UserError):
            campaign.segment_id = self.segment.copy()
        with self.assertRaises(UserError):
            campaign.unlink()

    def test_attribution(self):
        """RCL-02: bookings within the days, visits and revenue, the funnel; money only
        for those who may see it."""
        other = self.make_service("Echo", duration=30)
        campaign = self.campaign(service_id=self.service.id)
        campaign.action_start()
        messages = self.messages(campaign)
        # The database stamps bookings with its own clock.
        now = self.env.cr.now().replace(microsecond=0)
        for message in messages[:5]:
            message._apply_state("delivered", source="provider")
        messages.write({"sent_at": now - timedelta(days=2)})
        came, booked, cancelled, late = messages[:4].patient_id
        self.finish(self.book(self.tuesday(8), patient_id=came.id))
        self.book(self.tuesday(9), patient_id=booked.id)
        self.book(self.tuesday(10), patient_id=cancelled.id)._cancel("ill")
        messages[3].sent_at = now - timedelta(days=60)
        self.book(self.tuesday(11), patient_id=late.id)
        self.env["clinic.offer"].create(
            {
                "practitioner_id": self.bruno.id,
                "service_id": other.id,
                "location_id": self.rome.id,
            }
        )
        self.book(
            self.tuesday(9),
            practitioner=self.bruno,
            patient_id=messages[4].patient_id.id,
            service_id=other.id,
        )
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual(
            (
                campaign.total,
                campaign.sent_count,
                campaign.reached_count,
                campaign.booked_count,
                campaign.came_count,
                campaign.response_rate,
            ),
            (6, 5, 5, 2, 1, 40),
        )
        manager = self.role("manager")
        self.assertEqual(campaign.with_user(manager).revenue, 100)
        for model, name in (
            ("clinic.recall.campaign", "revenue"),
            ("clinic.recall.campaign.result", "revenue"),
        ):
            with self.subTest(model), self.assertRaises(AccessError):
                self.env[model].with_user(self.marketing).search([])[:1].read([name])
        with self.assertRaises(AccessError):
            self.env["clinic.recall.campaign.result"].with_user(
                self.marketing
            )._read_group([], ["campaign_id"], ["revenue:sum"])
        funnel = self.env["clinic.recall.campaign.funnel"].search(
            [("campaign_id", "=", campaign.id)], order="stage"
        )
        self.assertEqual(funnel.mapped("patient_count"), [6, 5, 5, 0, 2, 1])

    def test_booked_meanwhile_gets_nothing(self):
        """RCL-02: who books while the message waits is left alone."""
        campaign = self.campaign()
        campaign.action_start()
        message = self.messages(campaign)[0]
        self.assertFalse(message._is_obsolete())
        self.book(self.tuesday(9), patient_id=message.patient_id.id)
        self.assertTrue(message._is_obsolete())

    def test_written_to_lately(self):
        """RCL-02: a second mass recall leaves out those who got the first."""
        first = self.campaign()
        first.action_start()
        self.messages(first)[0]._apply_state("sent", source="provider")
        patient = self.messages(first)[0].patient_id
        second = self.campaign()
        second.action_preview()
        self.assertEqual(self.reasons(second)[patient], "contacted")

    def test_nobody_gets_it(self):
        """RCL-02: a sending to nobody is refused, with words."""
        self.people.email = False
        with self.assertRaises(UserError):
            self.campaign().action_start()
