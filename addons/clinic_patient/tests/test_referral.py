from datetime import date, timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .common import ClinicPatientCommon


class ReferralCommon(ClinicPatientCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.marketing = cls.user("marketing")
        cls.cashier = cls.user("cashier")
        cls.doctor = cls.Partner.create(
            {
                "name": "Dr. Sender",
                "email": "sender@example.com",
                "is_referral_partner": True,
                "referral_kind": "doctor",
            }
        )

    def send(self, count=1, days_ago=0, partner=None):
        return (
            self.env["clinic.referral"]
            .with_user(self.marketing)
            .create(
                [
                    {
                        "referrer_id": (partner or self.doctor).id,
                        "patient_id": self.patient("Sent", f"N{number}").id,
                        "date": fields.Date.today() - timedelta(days=days_ago),
                    }
                    for number in range(count)
                ]
            )
        )

    def came(self, referrals):
        """As the agenda would find it out, without an agenda."""
        referrals.sudo().write({"came_on": fields.Date.today()})

    def rule(self, **vals):
        return self.env["clinic.referral.rule"].create(
            {"name": "Rule", "date_start": date(2020, 1, 1), "amount": 20, **vals}
        )


@tagged("post_install", "-at_install")
class TestReferral(ReferralCommon):
    """Partners who send patients, and what they get."""

    def test_classes(self):
        """PAT-12: classes by number, silent after some months, never."""
        Partner = self.Partner
        never, silent, small, great = Partner.create(
            [{"name": f"P{n}", "is_referral_partner": True} for n in range(4)]
        )
        self.send(5, 220, silent)
        self.send(2, 10, small)
        self.send(10, 30, great)
        expected = {"never": never, "silent": silent, "c": small, "a": great}
        for name, partner in expected.items():
            with self.subTest(name):
                self.assertEqual(partner.referral_class, name)
                found = Partner.search([("referral_class", "=", name)])
                self.assertIn(partner, found)
                self.assertFalse(found & (never | silent | small | great) - partner)
        self.env["ir.config_parameter"].set_param(
            "clinic_patient.referral_silent_months", "12"
        )
        self.env.invalidate_all()
        self.assertEqual(silent.referral_class, "b")

    def test_rewards_once(self):
        """PAT-12: a reward for the first referral of who came, due once, paid once."""
        self.rule()
        first, second = self.send(2)
        again = first.copy({"date": fields.Date.today() + timedelta(days=1)})
        again.flush_recordset()
        self.came(first | again)
        model = self.env["clinic.referral"]
        for _repeat in range(2):
            model._cron_follow_up()
        self.env.invalidate_all()
        rewards = (first | second | again).with_user(self.cashier)
        self.assertEqual(rewards.mapped("reward_state"), ["due", "none", "none"])
        self.assertEqual(self.doctor.with_user(self.cashier).reward_due, 20)
        rewards.action_pay()
        payout = first.with_user(self.cashier).payout_id
        self.assertEqual((payout.amount, payout.paid_by_id), (20, self.cashier))
        self.assertRegex(payout.name, r"^RW/\d{4}/\d{5}$")
        with self.assertRaisesRegex(UserError, "None of these"):
            rewards.action_pay()

    def test_rules_by_kind(self):
        """The first rule that fits the kind of partner and the day holds."""
        self.rule(referral_kind="doctor", amount=25)
        self.rule(sequence=20, amount=5, date_start=fields.Date.today())
        pharmacy = self.Partner.create(
            {"name": "P", "is_referral_partner": True, "referral_kind": "pharmacy"}
        )
        sent = self.send() | self.send(partner=pharmacy)
        old = self.send(days_ago=3, partner=pharmacy)
        self.came(sent | old)
        self.env["clinic.referral"]._cron_follow_up()
        self.env.invalidate_all()
        amounts = [one.sudo().reward_amount for one in sent | old]
        self.assertEqual(amounts, [25, 5, 0])

    def test_money_is_for_the_few(self):
        """OPS-01: rewards are seen and paid by cashier and manager only."""
        referral = self.send()
        for user in (self.marketing, self.user("coordinator")):
            with self.assertRaises(AccessError):
                referral.with_user(user).read(["reward_amount"])
            with self.assertRaises(AccessError):
                self.doctor.with_user(user).read(["reward_due"])
            with self.assertRaises(AccessError):
                referral.with_user(user).action_pay()
            with self.assertRaises(AccessError):
                self.env["clinic.referral.rule"].with_user(user).search([])
        for role in ("practitioner", "operator", "client_representative"):
            with self.subTest(role), self.assertRaises(AccessError):
                referral.with_user(self.user(role)).read(["date"])

    def test_nobody_writes_what_follows(self):
        """Who came and what is due is never written by hand, and then stays."""
        self.rule()
        referral = self.send()
        for vals in ({"came_on": "2026-01-01"}, {"reward_state": "due"}):
            with self.assertRaises(AccessError):
                referral.write(vals)
        self.came(referral)
        self.env["clinic.referral"]._cron_follow_up()
        for attempt in (
            lambda: referral.write({"date": "2020-01-01"}),
            lambda: referral.unlink(),
        ):
            with self.assertRaises(AccessError):
                attempt()
        with self.assertRaises(ValidationError):
            self.send(partner=self.Partner.create({"name": "Nobody"}))

    def test_firms_are_kept_by_coordinators(self):
        """Coordinators make firms, marketing changes them; never our own company."""
        firm = self.Partner.with_user(self.user("coordinator")).create(
            {"name": "Pharmacy", "is_company": True, "is_referral_partner": True}
        )
        firm.with_user(self.marketing).city = "Roma"
        own = self.env.company.partner_id.with_user(self.marketing)
        with self.assertRaises(AccessError):
            own.city = "Roma"
        with self.assertRaises(AccessError):
            firm.with_user(self.user("receptionist")).city = "Milano"

    def test_greetings(self):
        """PAT-12: greetings go to those with an address, from a template."""
        mute = self.Partner.create({"name": "Mute", "is_referral_partner": True})
        chosen = (self.doctor | mute).with_user(self.marketing)
        action = chosen.action_send_greetings()
        self.assertEqual(action["context"]["default_res_ids"], self.doctor.ids)
        composer = (
            self.env["mail.compose.message"]
            .with_user(self.marketing)
            .with_context(**action["context"])
            .create({})
        )
        composer._action_send_mail()
        mail = self.env["mail.mail"].search([("model", "=", "res.partner")], limit=1)
        self.assertEqual(mail.recipient_ids, self.doctor)
        self.assertIn("Best wishes", mail.subject)

    def test_merge(self):
        """Referrals move with patients and with partners, and come back."""
        referral = self.send()
        patient, other = referral.patient_id, self.patient("Sent", "Other")
        merge = self.env["clinic.merge"]._merge(patient, other)
        self.env.invalidate_all()
        self.assertEqual(referral.patient_id, other)
        merge.action_undo()
        self.env.invalidate_all()
        self.assertEqual(referral.patient_id, patient)
