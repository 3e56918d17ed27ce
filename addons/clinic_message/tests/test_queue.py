from datetime import timedelta

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import SQL

from odoo.addons.clinic_patient.tests.common import group_of

from .common import NOW, MessageCommon


@tagged("post_install", "-at_install")
class TestQueue(MessageCommon):
    """Messages are written with their cause, each once, to the right person."""

    def test_a_message_is_written_once(self):
        """MSG-06: the same cause, kind and step give one message, however often."""
        first = self.Message._queue("test_care", self.anna, origin=self.anna, step="1")
        again = self.Message._queue("test_care", self.anna, origin=self.anna, step="1")
        self.assertEqual(len(first), 1)
        self.assertEqual(first, again)
        self.assertEqual(first.state, "queued")
        self.assertEqual(first.address, "anna@example.com")
        other = self.Message._queue("test_care", self.anna, origin=self.anna, step="2")
        self.assertNotEqual(first, other)
        self.assertEqual(len(other), 1)

    def test_like_characters_in_a_step_find_nothing_else(self):
        first = self.Message._queue("test_care", self.anna, step="a_b")
        other = self.Message._queue("test_care", self.anna, step="axb")
        self.assertEqual(len(first | other), 2)
        self.assertEqual(self.Message._queue("test_care", self.anna, step="a_b"), first)

    def test_a_minor_is_written_to_through_the_guardian(self):
        mother = self.patient("Verdi", "Clara", email="clara@example.com")
        child = self.patient("Verdi", "Luca", birth_date="2018-02-01")
        self.Relationship.create(
            {"patient_id": child.id, "guardian_id": mother.id, "kind": "parent"}
        )
        message = self.Message._queue("test_care", child)
        self.assertEqual((message.patient_id, message.recipient_id), (child, mother))
        self.assertEqual(message.address, "clara@example.com")

    def test_who_comes_of_age_is_written_to_alone(self):
        """The mother hears nothing from the eighteenth birthday on."""
        mother = self.patient("Verdi", "Clara", email="clara@example.com")
        child = self.patient(
            "Verdi", "Luca", birth_date="2008-03-02", email="luca@example.com"
        )
        self.Relationship.create(
            {"patient_id": child.id, "guardian_id": mother.id, "kind": "parent"}
        )
        self.assertEqual(self.Message._queue("test_care", child).recipient_id, child)
        child.birth_date = "2008-03-03"
        younger = self.Message._queue("test_care", child, step="day before")
        self.assertEqual(younger.recipient_id, mother)

    def test_the_preferred_channel_comes_first(self):
        self.kind.switch_ids = [(0, 0, {"channel": "letter", "sequence": 1})]
        self.anna.write({"street": "Via Roma 1", "city": "Roma"})
        self.assertEqual(
            self.Message._queue("test_care", self.anna, step="a").channel,
            "email",
            "nobody carries letters here",
        )
        self.anna.preferred_channel = "email"
        self.assertEqual(
            self.Message._queue("test_care", self.anna, step="b").channel, "email"
        )

    def test_a_kind_that_is_off_writes_nothing(self):
        """MSG-03: a row of the switchboard is off, or has no channel that is on."""
        self.kind.active = False
        self.assertFalse(self.Message._queue("test_care", self.anna))
        self.kind.active = True
        self.kind.switch_ids.is_on = False
        self.assertFalse(self.Message._queue("test_care", self.anna))

    def test_held_back_with_its_reason(self):
        """MSG-06: no address, archived card, no consent: seen in the log."""
        nobody = self.patient("Bruni", "Ugo")
        self.assertEqual(
            self.Message._queue("test_care", nobody).suppress_reason, "no_address"
        )
        self.anna.active = False
        self.assertEqual(
            self.Message._queue("test_care", self.anna).suppress_reason, "archived"
        )
        self.anna.active = True
        held = self.Message._queue("test_news", self.anna)
        self.assertEqual((held.state, held.suppress_reason), ("suppressed", "consent"))

    def test_news_need_consent_and_end_with_it(self):
        self.agree(self.anna)
        first = self.Message._queue("test_news", self.anna, step="1")
        self.assertEqual(first.state, "queued")
        self.agree(self.anna, "withdrawn")
        second = self.Message._queue("test_news", self.anna, step="2")
        self.assertEqual(second.suppress_reason, "consent")
        self.run_cron()
        self.assertEqual(first.suppress_reason, "consent", "withdrawn before it left")

    def test_news_are_capped(self):
        """MSG-06: three in a week, and no more however they are queued."""
        self.agree(self.anna)
        for step in range(5):
            self.Message._queue("test_news", self.anna, step=str(step))
        states = self.Message.search(
            [("patient_id", "=", self.anna.id)], order="id"
        ).mapped(lambda message: (message.state, message.suppress_reason))
        self.assertEqual(states[:3], [("queued", False)] * 3)
        self.assertEqual(states[3:], [("suppressed", "cap")] * 2)

    def test_stop_ends_what_waits(self):
        """MSG-06: STOP holds back what waits, per purpose and channel."""
        self.agree(self.anna)
        news = self.Message._queue("test_news", self.anna)
        care = self.Message._queue("test_care", self.anna)
        self.env["clinic.message.optout"]._stop("anna@example.com")
        self.assertEqual((news.suppress_reason, care.state), ("optout", "queued"))
        self.env["clinic.message.optout"]._stop("anna@example.com")
        self.assertEqual(self.env["clinic.message.optout"].search_count([]), 1)
        self.env["clinic.message.optout"]._stop("anna@example.com", purpose="care")
        self.assertEqual(care.suppress_reason, "optout")
        self.env["clinic.message.optout"]._start("anna@example.com")
        again = self.Message._queue("test_care", self.anna, step="again")
        self.assertEqual(again.state, "queued")

    def test_a_mass_by_one_statement(self):
        """MSG-07: the number of statements does not follow the number of patients."""
        people = self.env["res.partner"].browse()
        for number in range(30):
            people |= self.patient(
                "Neri", f"Ugo {number}", email=f"u{number}@example.com"
            )
        query = SQL(
            "SELECT id AS patient_id, NULL::int AS origin_id FROM unnest(%s) id",
            people.ids,
        )
        self.env.flush_all()
        with self.assertQueryCount(30):
            written = self.Message._queue_query("test_care", query, step="mass")
        self.assertEqual(written, 30)
        self.assertEqual(self.Message._queue_query("test_care", query, step="mass"), 0)

    def test_what_waits_is_taken_back(self):
        message = self.Message._queue("test_care", self.anna, origin=self.anna)
        self.Message._cancel_of(self.anna, reason="moved")
        self.assertEqual(message.state, "cancelled")
        with self.assertRaises(UserError):
            message.action_cancel()

    def test_texts_take_known_names_only(self):
        """MSG-04: an unknown name is refused with those that may be used."""
        with self.assertRaisesRegex(ValidationError, "first_name"):
            self.make_text(self.kind, "Dear {firstname}")
        template = self.make_text(self.kind, "{{sic}} {first_name}")
        self.kind.switch_ids.template_id = template
        message = self.Message._queue("test_care", self.anna)
        self.assertEqual(message._text()[1], "{sic} Anna")

    def test_an_approved_text_takes_its_values_in_order(self):
        """MSG-02: WhatsApp gets the values by number, the text is its own."""
        template = self.make_text(
            self.kind, "{clinic}: {first_name}, come back", provider_name="come_back"
        )
        message = self.Message._queue("test_care", self.anna, template=template)
        self.assertEqual(message._item().parameters, (self.env.company.name, "Anna"))

    def test_the_language_of_the_reader(self):
        """MSG-04: the reader's language, else that of another country, else English."""
        template = self.make_text(self.kind, "Hello")
        template.text_ids = [
            (0, 0, {"lang": "it_IT", "body": "Ciao"}),
            (0, 0, {"lang": "ru_RU", "body": "Привет"}),
        ]
        self.assertEqual(template._text("it_IT").body, "Ciao")
        self.assertEqual(template._text("it_CH").body, "Ciao")
        self.assertEqual(template._text("de_DE").body, "Hello")
        with self.assertRaisesRegex(ValidationError, "xx_XX"):
            template.text_ids = [(0, 0, {"lang": "xx_XX", "body": "?"})]

    def test_who_reads_what(self):
        """Marketing reads news; the desk reads all; a cashier nothing."""
        self.agree(self.anna)
        care = self.Message._queue("test_care", self.anna)
        news = self.Message._queue("test_news", self.anna)
        users = {
            role: self.env["res.users"].create(
                {
                    "name": role,
                    "login": f"reader_{role}",
                    "group_ids": [(6, 0, self.env.ref(group_of(role)).ids)],
                }
            )
            for role in ("receptionist", "marketing", "cashier")
        }
        both = care | news
        seen = {
            role: both.with_user(users[role]).search([("id", "in", both.ids)])
            for role in ("receptionist", "marketing")
        }
        self.assertEqual(seen["receptionist"], both.sorted("id", reverse=True))
        self.assertEqual(seen["marketing"], news)
        with self.assertRaises(AccessError):
            both.with_user(users["cashier"]).search([])
        with self.assertRaises(AccessError):
            news.with_user(users["marketing"]).action_send_again()


@tagged("post_install", "-at_install")
class TestSending(MessageCommon):
    """From the queue to Odoo's mail, with what is decided right before."""

    def test_sent_and_written_down(self):
        """MSG-01: text, times and history are in the log."""
        message = self.Message._queue("test_care", self.anna)
        self.run_cron()
        self.assertEqual(message.state, "sent")
        self.assertEqual(message.body, "Dear Anna, come back.")
        self.assertEqual(message.sent_at, NOW)
        self.assertEqual(message.event_ids.mapped("state"), ["sent"])
        self.run_cron()
        self.assertEqual(message.attempts, 1)

    def test_quiet_hours_of_the_reader(self):
        """MSG-06: at night it waits until the morning of the reader's own zone."""
        self.anna.tz = "America/Sao_Paulo"
        message = self.Message._queue("test_care", self.anna)
        self.run_cron()
        self.assertEqual((message.state, message.wait_reason), ("queued", "quiet"))
        self.assertEqual(message.due, NOW + timedelta(hours=1), "seven in São Paulo")

    def test_quiet_hours_across_the_change_of_the_clock(self):
        """The night of Rome's change: the same wall clock, one hour less."""
        quiet = self.Message._quiet_until
        company = self.env.company
        before = NOW.replace(month=3, day=27, hour=22)
        self.assertEqual(
            quiet(company, "care", "Europe/Rome", before),
            NOW.replace(month=3, day=28, hour=6),
        )
        change = NOW.replace(month=3, day=28, hour=22)
        self.assertEqual(
            quiet(company, "care", "Europe/Rome", change),
            NOW.replace(month=3, day=29, hour=5),
        )
        self.assertIsNone(quiet(company, "service", "Europe/Rome", change))

    def test_too_late_is_not_sent(self):
        message = self.Message._queue(
            "test_care", self.anna, expires_at=NOW + timedelta(minutes=1)
        )
        message.due = NOW - timedelta(hours=1)
        message.expires_at = NOW - timedelta(minutes=1)
        self.run_cron()
        self.assertEqual(message.state, "expired")

    def test_late_and_shuffled_statuses(self):
        """MSG-02: whatever the order and number, the highest state stays."""
        message = self.Message._queue("test_care", self.anna)
        self.run_cron()
        uid = message.provider_uid
        for state in ("read", "sent", "delivered", "read", "failed", "delivered"):
            self.Message._hear(self.mail_provider, uid, state)
        self.assertEqual(message.state, "read")
        self.assertEqual(
            sorted(message.event_ids.mapped("state")),
            ["delivered", "failed", "read", "sent"],
        )

    def test_another_provider_says_nothing_about_it(self):
        message = self.Message._queue("test_care", self.anna)
        self.run_cron()
        other = self.Provider.create(
            {"name": "Other", "channel": "email", "kind": "odoo_mail"}
        )
        heard = self.Message._hear(other, message.provider_uid, "delivered")
        self.assertFalse(heard)
        self.assertEqual(message.state, "sent")

    def test_history_is_not_rewritten(self):
        message = self.Message._queue("test_care", self.anna)
        self.run_cron()
        with self.assertRaises(UserError):
            message.event_ids.write({"state": "read"})

    def test_a_worker_that_died(self):
        """What it had not tried goes out; what it may have sent is shown."""
        fresh = self.Message._queue("test_care", self.anna, step="fresh")
        tried = self.Message._queue("test_care", self.anna, step="tried")
        (fresh | tried).write(
            {"state": "claimed", "claim": "dead", "lease_until": NOW - timedelta(1)}
        )
        tried.tried_at = NOW - timedelta(hours=1)
        self.run_cron()
        self.assertEqual((fresh.state, tried.state), ("sent", "unknown"))

    def test_paused_and_resumed(self):
        """MSG-07: nothing leaves a paused sending; resumed, all does."""
        self.agree(self.anna)
        segment = self.env["clinic.segment"].create(
            {"name": "Verdi", "domain": "[('family_name', '=', 'Verdi')]"}
        )
        campaign = self.env["clinic.message.campaign"].create(
            {
                "name": "Spring",
                "kind_id": self.news.id,
                "template_id": self.news.switch_ids.template_id.id,
                "segment_id": segment.id,
            }
        )
        campaign.action_start()
        campaign.action_start()
        self.assertEqual(campaign.total, 1)
        campaign.action_pause()
        self.run_cron()
        self.assertEqual((campaign.gone_count, campaign.waiting_count), (0, 1))
        campaign.action_resume()
        self.run_cron()
        campaign.invalidate_recordset()
        self.assertEqual((campaign.gone_count, campaign.progress), (1, 100))


@tagged("post_install", "-at_install")
class TestInbound(MessageCommon):
    """What patients write reaches the right card."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.sms = cls.Provider.create(
            {"name": "SMS", "channel": "sms", "kind": "odoo_mail"}
        )
        cls.number = "+393331234567"
        cls.Phone.create({"partner_id": cls.anna.id, "number": cls.number})

    def receive(self, body, uid, sender="+39 333 123 4567", **vals):
        return self.Message._receive(self.sms, "sms", sender, body, uid, **vals)

    def test_lands_on_the_card(self):
        """MSG-05: an SMS lands on the card of who holds the number, once."""
        message = self.receive("Can I come on Tuesday?", "in-1")
        self.assertEqual(message.patient_id, self.anna)
        self.assertEqual(message.inbox_state, "new")
        self.assertEqual(self.receive("Can I come on Tuesday?", "in-1"), message)

    def test_stop_and_start(self):
        """MSG-05: STOP is obeyed and answered, START takes it back."""
        self.agree(self.anna)
        self.assertEqual(self.receive("СТОП", "in-1").inbox_state, "done")
        listed = self.env["clinic.message.optout"].search([])
        self.assertEqual((listed.address, listed.source), (self.number, "reply"))
        answer = self.Message.search([("kind_id.code", "=", "reply")])
        self.assertIn("START", answer.body)
        self.receive("start", "in-2")
        self.assertTrue(listed.ended_at)

    def test_a_shared_phone_is_asked_about(self):
        """MSG-05: two persons, one phone: the holder is asked, a number answers."""
        luca = self.patient("Verdi", "Luca")
        self.Phone.create({"partner_id": luca.id, "number": self.number})
        first = self.receive("confirm", "in-1")
        self.assertFalse(first.patient_id)
        self.assertEqual(first.candidate_ids, self.anna | luca)
        question = self.Message.search([("kind_id.code", "=", "reply_ask")])
        self.assertIn("2 Luca", question.body)
        self.receive("2", "in-2")
        self.assertEqual(first.patient_id, luca)

    def test_the_answer_belongs_to_what_was_asked(self):
        """MSG-05: on a shared phone, who was written about lately is meant."""
        luca = self.patient("Verdi", "Luca")
        self.Phone.create({"partner_id": luca.id, "number": self.number})
        asked = self.Message._queue("test_care", luca, channel="sms", body="Come back")
        self.assertEqual(asked.address, self.number)
        asked.write({"state": "sent"})
        message = self.receive("I will", "in-1")
        self.assertEqual((message.patient_id, message.reply_to_id), (luca, asked))
        self.assertEqual(asked.state, "replied")

    def test_a_stranger_is_kept(self):
        message = self.receive("Hello", "in-1", sender="+39 333 765 4321")
        self.assertFalse(message.patient_id or message.candidate_ids)
        self.assertEqual(message.inbox_state, "new")
