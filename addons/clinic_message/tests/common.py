from datetime import datetime

from freezegun import freeze_time

from odoo.addons.clinic_patient.tests.common import ClinicPatientCommon
from odoo.addons.mail.tests.common import MockEmail

#: A Monday, ten o'clock in Rome: no quiet hours.
NOW = datetime(2026, 3, 2, 9, 0)


class MessageCommon(ClinicPatientCommon, MockEmail):
    """A clinic whose e-mail is Odoo's and whose patients can be written to."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        clock = freeze_time(NOW)
        clock.start()
        cls.addClassCleanup(clock.stop)
        cls.env.company.email = "clinic@example.com"
        cls.Message = cls.env["clinic.message"]
        cls.Provider = cls.env["clinic.message.provider"]
        cls.mail_provider = cls.env.ref("clinic_message.provider_odoo_mail")
        cls.anna = cls.patient(
            "Verdi", "Anna", email="anna@example.com", birth_date="1980-05-01"
        )
        cls.kind = cls.env["clinic.message.kind"].create(
            {
                "name": "Test of care",
                "code": "test_care",
                "switch_ids": [(0, 0, {"channel": "email"})],
            }
        )
        cls.template = cls.make_text(cls.kind, "Dear {first_name}, come back.")
        cls.kind.switch_ids.template_id = cls.template
        cls.news = cls.env["clinic.message.kind"].create(
            {
                "name": "Test of news",
                "code": "test_news",
                "purpose": "marketing",
                "switch_ids": [(0, 0, {"channel": "email"})],
            }
        )
        cls.news.switch_ids.template_id = cls.make_text(cls.news, "News, {name}!")

    @classmethod
    def make_text(cls, kind, body, lang="en_US", **vals):
        return cls.env["clinic.message.template"].create(
            {
                "name": body[:20],
                "kind_id": kind.id,
                "text_ids": [(0, 0, {"lang": lang, "subject": "News", "body": body})],
                **vals,
            }
        )

    @classmethod
    def agree(cls, patient, decision="given"):
        cls.env["clinic.consent"]._decide(patient, "marketing", decision, "portal")

    def run_cron(self, provider=None):
        """One run of a provider's first sender, with its commits made harmless."""
        cron = (provider or self.mail_provider).sudo().cron_ids[:1]
        self.env.flush_all()
        with self.enter_registry_test_mode(), self.mock_mail_gateway():
            cron.method_direct_trigger()
        self.env.invalidate_all()
