from datetime import timedelta

from odoo import models

from odoo.addons.clinic_base.lib import clock

#: What patients wrote lately, minutes ago; the first one is about a visit.
WRITTEN = (
    ("Can I come an hour later?", 14),
    ("Do I have to fast before the blood test?", 52),
    ("My mother lost the letter with the time. When is she expected?", 95),
    ("Thank you for everything!", 300),
)
STRANGER = ("+390699900001", "Good morning, how much is a check-up for a family?", 31)


class ClinicDemo(models.AbstractModel):
    _inherit = "clinic.demo"

    def _make_messages(self):
        """Reminders of the next days, and conversations that wait for an answer."""
        provider = self.env.ref("clinic_message.demo_provider_sms")
        kind = self.env.ref("clinic_agenda.kind_visit_reminder_24h")
        visits = self.env["clinic.appointment"].search(
            [
                ("state", "=", "booked"),
                ("start", ">", clock.now() + timedelta(hours=26)),
                ("patient_id.phone_ids", "!=", False),
            ],
            order="start, id",
            limit=40,
        )
        told = self.env["clinic.message"]
        for visit in visits:
            visit._remind(kind)
        told = told.search([("kind_id", "=", kind.id), ("state", "=", "queued")])
        moments = {}
        for number, message in enumerate(told):
            subject, body = message._text()
            moment = clock.now() - timedelta(hours=9, minutes=7 * number)
            message.write(
                {
                    "subject": subject,
                    # The address of the site is not known yet.
                    "body": body.rsplit(" ", 1)[0],
                    "state": ("delivered", "delivered", "read", "sent")[number % 4],
                    "queued_at": moment,
                    "sent_at": moment,
                    "provider_uid": f"demo-{message.id}",
                }
            )
            moments.setdefault(message.address, message)
        asked = [each for each in moments.values() if each.channel == "sms"]
        for message, (words, minutes) in zip(asked, WRITTEN, strict=False):
            self._write_in(provider, message.address, words, minutes)
        self._write_in(provider, *STRANGER)

    def _write_in(self, provider, address, words, minutes):
        self.env["clinic.message"]._receive(
            provider,
            "sms",
            address,
            words,
            f"demo-in-{address}-{minutes}",
            received_at=clock.now() - timedelta(minutes=minutes),
        )
