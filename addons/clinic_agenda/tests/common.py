from datetime import datetime, timedelta

from freezegun import freeze_time

from odoo.tests.common import TransactionCase

#: A Monday well before both changes of the clock; tests travel from here.
NOW = datetime(2026, 3, 2, 6, 0)
#: In Rome it is nine: no quiet hours, and long before the visits of Tuesday.
MORNING = NOW + timedelta(hours=2)


class AgendaCommon(TransactionCase):
    """A small clinic: two locations in two zones, two practitioners, one service."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.set_clock()
        cls.env["ir.config_parameter"].set_param("clinic_agenda.horizon_days", 40)
        cls.rome = cls.env["clinic.location"].create(
            {
                "name": "Rome",
                "tz": "Europe/Rome",
                "country_id": cls.env.ref("base.it").id,
                "notice_minutes": 0,
                "horizon_days": 60,
            }
        )
        cls.sao_paulo = cls.env["clinic.location"].create(
            {
                "name": "São Paulo",
                "tz": "America/Sao_Paulo",
                "country_id": cls.env.ref("base.br").id,
            }
        )
        cls.specialty = cls.env["clinic.specialty"].create({"name": "Cardiology"})
        cls.anna, cls.bruno = cls.env["clinic.practitioner"].create(
            [
                {"name": "Anna Bianchi", "specialty_ids": [(4, cls.specialty.id)]},
                {"name": "Bruno Conti", "specialty_ids": [(4, cls.specialty.id)]},
            ]
        )
        cls.service = cls.make_service("Cardiology visit", duration=30)
        cls.anna_offer, cls.bruno_offer = cls.env["clinic.offer"].create(
            [
                {
                    "practitioner_id": practitioner.id,
                    "service_id": cls.service.id,
                    "location_id": cls.rome.id,
                }
                for practitioner in (cls.anna, cls.bruno)
            ]
        )
        cls.patient = cls.make_patient("Rossi", "Maria")

    def mails(self, *domain):
        """The mails about visits, after what is to be told was written and laid out.

        They stop at Odoo's outgoing queue, where a test can read them.
        """
        self.env["clinic.appointment.notice"].search([])._tell()
        messages = self.env["clinic.message"].search(
            [
                ("channel", "=", "email"),
                ("state", "=", "queued"),
                ("due", "<=", datetime.now()),
            ],
            order="id",
        )
        provider = messages.provider_id
        messages.write({"state": "claimed", "claim": "test"})
        for message, item in messages._let_through(provider)._items():
            provider._prepare_mails([item])
            message._apply_state("accepted", source="sender")
        return self.env["mail.mail"].search(
            [("model", "=", "clinic.appointment"), *domain], order="id"
        )

    @classmethod
    def set_clock(cls):
        """Travel to a fixed Monday; tests that need the real clock override it."""
        clock = freeze_time(NOW)
        clock.start()
        cls.addClassCleanup(clock.stop)

    @classmethod
    def make_service(cls, name, **vals):
        """A bookable service."""
        return cls.env["product.template"].create(
            {
                "name": name,
                "type": "service",
                "is_healthcare_service": True,
                "specialty_id": cls.specialty.id,
                "list_price": 100.0,
                **vals,
            }
        )

    @classmethod
    def make_patient(cls, family, given, **vals):
        """A patient card."""
        return cls.env["res.partner"].create(
            {
                "is_patient": True,
                "name": f"{family} {given}",
                "family_name": family,
                "given_name": given,
                **vals,
            }
        )

    @classmethod
    def open_week(cls, practitioner, location=None, blocks=None, **vals):
        """Give a practitioner hours on weekdays, 9 to 13 unless ``blocks`` says."""
        return cls.env["clinic.schedule"].create(
            {
                "practitioner_id": practitioner.id,
                "location_id": (location or cls.rome).id,
                "date_from": NOW.date(),
                "block_ids": [
                    (0, 0, block)
                    for block in blocks
                    or [
                        {"weekday": str(day), "hour_from": 9, "hour_to": 13}
                        for day in range(5)
                    ]
                ],
                **vals,
            }
        )

    @classmethod
    def book(cls, start, practitioner=None, **vals):
        """Book a visit of the standard service in Rome."""
        return cls.env["clinic.appointment"].create(
            {
                "patient_id": cls.patient.id,
                "practitioner_id": (practitioner or cls.anna).id,
                "service_id": cls.service.id,
                "location_id": cls.rome.id,
                "start": start,
                **vals,
            }
        )

    def starts(self, **arguments):
        """Starts of the free times of the standard service on Tuesday 3 March."""
        values = {
            "service_id": self.service.id,
            "date_from": datetime(2026, 3, 3),
            "date_to": datetime(2026, 3, 4),
            **arguments,
        }
        return [
            slot["start"] for slot in self.env["clinic.slot"].search_slots(**values)
        ]

    @staticmethod
    def during(visit):
        """Travel into a visit: it can begin, end and be missed then."""
        return freeze_time(visit.start + timedelta(minutes=5))

    @staticmethod
    def tuesday(hour, minute=0):
        """A UTC instant on Tuesday 3 March 2026 (Rome is one hour ahead)."""
        return datetime(2026, 3, 3, hour, minute)

    @staticmethod
    def every(minutes, start, stop):
        """Instants from start until before stop."""
        moment = start
        result = []
        while moment < stop:
            result.append(moment)
            moment += timedelta(minutes=minutes)
        return result


class MorningCommon(AgendaCommon):
    """The small clinic at nine in the morning, both practitioners with hours."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        clock = freeze_time(MORNING)
        clock.start()
        cls.addClassCleanup(clock.stop)
        cls.open_week(cls.anna)
        cls.open_week(cls.bruno)
