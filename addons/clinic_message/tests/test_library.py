from datetime import date, timedelta

from freezegun import freeze_time

from odoo.exceptions import ValidationError
from odoo.tests import Form, tagged

from ..lib import placeholders
from ..lib.sms_text import encoding, segments
from .common import NOW, MessageCommon

LANGUAGES = {"en_US", "it_IT", "ru_RU", "tr_TR", "zh_CN"}


@tagged("post_install", "-at_install")
class TestLibrary(MessageCommon):
    """The texts that are shipped."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        data = cls.env["ir.model.data"].search(
            [
                ("module", "=", "clinic_message"),
                ("model", "=", "clinic.message.template"),
                ("name", "=like", "library\\_%"),
            ]
        )
        cls.library = cls.env["clinic.message.template"].browse(data.mapped("res_id"))

    def test_every_text_in_every_language(self):
        """MSG-04: five languages, the same names in all of them, for each theme."""
        self.assertEqual(
            set(self.library.mapped("category")),
            {"before", "after", "greeting", "tip", "offer"},
        )
        for template in self.library:
            with self.subTest(template=template.name):
                texts = template.text_ids
                self.assertEqual(set(texts.mapped("lang")), LANGUAGES)
                used = {
                    lang: (
                        set(placeholders.names(text.subject)),
                        set(placeholders.names(text.body)),
                    )
                    for lang, text in texts.grouped("lang").items()
                }
                for lang, names in used.items():
                    self.assertEqual(names, used["en_US"], lang)
                self.assertTrue(all(texts.mapped("subject")))

    def test_short_texts_are_short(self):
        """MSG-04: what goes by SMS fits two parts, in the alphabet of telephones where
        the language has no other letters."""
        values = {
            "first_name": "Alessandra",
            "clinic": "Poliambulatorio",
            "clinic_phone": "+390612345678",
            "clinic_website": "https://clinic.example",
            "portal_link": "https://clinic.example/my",
        }
        short = self.library.filtered(
            lambda each: each.channel == "sms" or each.category == "greeting"
        )
        self.assertGreater(len(short), 12)
        for text in short.text_ids:
            with self.subTest(text=text.template_id.name, lang=text.lang):
                body = placeholders.fill(text.body, values)
                self.assertLessEqual(segments(body), 2)
                if text.lang in ("en_US", "it_IT"):
                    self.assertEqual(encoding(body), "gsm7")

    def test_advice_tells_when_to_call(self):
        """Each piece of advice names a number to call; offers and tips a way out."""
        for template in self.library:
            with self.subTest(template=template.name):
                names = placeholders.names(template._text("en_US").body)
                if template.category in ("before", "after"):
                    self.assertIn("clinic_phone", names)
                if template.kind_id.code == "news":
                    self.assertIn("stop_link", names)
                if template.category in ("before", "after") and not template.channel:
                    self.fail("long advice must not go out as an SMS")

    def test_a_theme_leads_to_its_texts(self):
        """MSG-04: the picker: a theme, a text, how it reads for this patient."""
        self.anna.lang = False
        wizard = Form(
            self.env["clinic.message.compose"].with_context(
                active_model="res.partner", active_ids=self.anna.ids
            )
        )
        wizard.theme = "before"
        self.assertEqual(wizard.kind_id.code, "advice")
        wizard.template_id = self.env.ref("clinic_message.library_fasting")
        self.assertEqual(wizard.channel, "email")
        self.assertIn("Dear {first_name}", wizard.body)
        self.assertIn("Dear Anna", wizard.example)
        wizard.theme = "greeting"
        self.assertFalse(wizard.template_id)
        self.assertEqual(wizard.kind_id.code, "greeting")
        campaign = Form(self.env["clinic.message.campaign"])
        campaign.name = "Sun"
        campaign.theme = "tip"
        campaign.template_id = self.env.ref("clinic_message.library_season_sun")
        self.assertIn("SPF 30", campaign.example)

    def test_everybody_reads_the_own_language(self):
        """MSG-04: a text as it stands in the library goes out in each one's language;
        one that was changed goes out as it was written."""
        self.env["res.lang"]._activate_lang("it_IT")
        self.anna.lang = "it_IT"
        bea = self.patient("Bruni", "Bea", email="bea@example.com")
        wizard = self.env["clinic.message.compose"].create(
            {
                "patient_ids": [(6, 0, (bea | self.anna).ids)],
                "kind_id": self.env.ref("clinic_message.kind_advice").id,
                "template_id": self.env.ref("clinic_message.library_fasting").id,
                "channel": "email",
            }
        )
        wizard._onchange_template_id()
        written = self.Message.search(wizard.action_send()["domain"])
        texts = {each.recipient_id: each._text()[1] for each in written}
        self.assertIn("Dear Bea", texts[bea])
        self.assertIn("Gentile Anna", texts[self.anna])
        changed = wizard.copy({"body": "Dear {first_name}, come at nine."})
        written = self.Message.search(changed.action_send()["domain"])
        self.assertEqual(
            set(written.mapped("body")),
            {"Dear Bea, come at nine.", "Dear Anna, come at nine."},
        )


@tagged("post_install", "-at_install")
class TestGreetings(MessageCommon):
    """Birthdays and holidays, once a year, to who wants it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.partner"].search([("is_patient", "=", True)]).active = False
        cls.anna.active = True
        cls.env.company.partner_id.tz = "Europe/Rome"
        cls.greetings = cls.env["clinic.message.greeting"]
        cls.birthday = cls.env.ref("clinic_message.greeting_birthday")
        cls.agree(cls.anna)

    def greet(self, day, hour=9):
        """Whom the scheduled action of a day writes to."""
        before = self.Message.search([])
        self.env.flush_all()
        with freeze_time(f"{day} {hour:02}:00"):
            for greeting in self.greetings.search([("is_on", "=", True)]):
                greeting._greet()
        return self.Message.search([]) - before

    def test_nothing_until_it_is_switched_on(self):
        """MSG-04: off by default; then on the day, once, at its hour."""
        self.assertFalse(self.greetings.search([("is_on", "=", True)]))
        self.assertFalse(self.greet("2026-05-01"))
        self.birthday.is_on = True
        self.assertFalse(self.greet("2026-04-30"))
        message = self.greet("2026-05-01", hour=4)
        self.assertEqual((message.patient_id, message.state), (self.anna, "queued"))
        self.assertEqual(str(message.due), "2026-05-01 08:00:00", "ten in Rome")
        self.assertEqual(str(message.expires_at), "2026-05-01 22:00:00")
        self.assertFalse(self.greet("2026-05-01", hour=15), "once")
        self.assertEqual(len(self.greet("2027-05-01")), 1, "again next year")
        self.birthday.is_on = False
        self.assertTrue(message._is_obsolete(), "switched off before it left")

    def test_who_is_not_greeted(self):
        """No consent, a child, an archived card: no message, not even a held one."""
        self.birthday.is_on = True
        self.agree(self.anna, "withdrawn")
        child = self.patient("Verdi", "Luca", birth_date=date(2015, 5, 1))
        gone = self.patient("Bruni", "Ugo", birth_date=date(1970, 5, 1))
        for person in child | gone:
            self.agree(person)
        gone.active = False
        self.assertFalse(self.greet("2026-05-01"))
        self.env.ref("clinic_message.kind_greeting").purpose = "service"
        self.assertEqual(self.greet("2026-05-01").patient_id, self.anna)

    def test_born_on_the_29th_of_february(self):
        """Greeted on the 28th in a year without that day, else on the 29th."""
        self.birthday.is_on = True
        self.anna.birth_date = date(1992, 2, 29)
        self.assertEqual(len(self.greet("2027-02-28")), 1)
        self.assertFalse(self.greet("2028-02-28"))
        self.assertEqual(len(self.greet("2028-02-29")), 1)

    def test_holidays(self):
        """Every year on a day, on one date, or to a segment."""
        new_year = self.env.ref("clinic_message.greeting_new_year")
        new_year.is_on = True
        self.assertEqual(len(self.greet("2027-01-01")), 1)
        # Before midnight in Rome it is not the day yet, whatever the server's clock.
        self.assertFalse(self.greet("2027-12-31", hour=22))
        self.assertEqual(len(self.greet("2027-12-31", hour=23)), 1)
        eid = self.env.ref("clinic_message.greeting_eid")
        eid.write({"is_on": True, "date": NOW.date() + timedelta(days=3)})
        self.assertEqual(eid.next_on, NOW.date() + timedelta(days=3))
        self.assertFalse(self.greet(NOW.date()))
        self.assertEqual(len(self.greet(eid.date)), 1)
        with self.assertRaises(ValidationError):
            new_year.day = 32
        with self.assertRaises(ValidationError):
            eid.date = False
