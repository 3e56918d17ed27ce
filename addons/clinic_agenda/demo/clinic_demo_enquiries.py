from datetime import timedelta

from odoo import api, models

from odoo.addons.clinic_base.lib import clock

#: (topic, channel, intention, who, question, what became of it, days ago)
ENQUIRIES = (
    (
        "first_visit",
        "web",
        False,
        "Livia Serrano",
        "My knee hurts when I climb stairs. Which doctor should I see, and how soon?",
        "new",
        0,
    ),
    (
        "price",
        "web",
        False,
        "Tommaso Ghilardi",
        "How much is an echocardiogram without insurance?",
        "new",
        0,
    ),
    (
        "check_up",
        "phone",
        "high",
        "Agnese Montorsi",
        "Wants a check-up for herself and her husband before the summer.",
        "new",
        1,
    ),
    (
        "treatment",
        "email",
        "medium",
        "Howard Penrose",
        "Asked whether we remove moles and how long it takes.",
        "answered",
        2,
    ),
    (
        "results",
        "phone",
        "none",
        "Clelia Burani",
        "Looks for the results of another clinic.",
        "closed",
        3,
    ),
    (
        "first_visit",
        "sms",
        "high",
        "Rocco Danieli",
        "Can my son see somebody about his eyes this week?",
        "answered",
        4,
    ),
    (
        "price",
        "chat",
        "medium",
        "Irene Falaschi",
        "Compares prices of a dermatology visit.",
        "closed",
        6,
    ),
)
PEOPLE = (
    "Norma Selvaggi",
    "Walter Cusano",
    "Bice Arrigoni",
    "Edmund Farley",
    "Teresa Colonnese",
    "Guido Spadoni",
)


class ClinicDemo(models.AbstractModel):
    """The demo clinic: people who ask, and two events."""

    _inherit = "clinic.demo"

    @api.model
    def _load(self):
        fresh = not self.env["clinic.location"].search_count([])
        result = super()._load()
        if fresh:
            self._make_enquiries()
            self._make_events()
        return result

    def _make_enquiries(self):
        now = clock.now()
        people = [
            self.env.ref(f"clinic_agenda.demo_user_{role}")
            for role in ("coordinator", "operator", "receptionist")
        ]
        sources = self.env["utm.source"].search([], limit=5)
        for number, row in enumerate(ENQUIRIES):
            topic, channel, intention, who, text, state, days = row
            enquiry = self.env["clinic.enquiry"].create(
                {
                    "topic_id": self.env.ref(
                        f"clinic_patient.enquiry_topic_{topic}"
                    ).id,
                    "channel": channel,
                    "intention": intention,
                    "contact_name": who,
                    "phone": f"+44 20 7946 0{700 + number}",
                    "email": f"{who.split()[0].lower()}@example.com",
                    "text": text,
                    "date": now - timedelta(days=days, hours=number),
                    "responsible_id": state != "new" and people[number % 3].id,
                    "source_id": sources[number % len(sources)].id,
                }
            )
            if state != "new":
                enquiry.action_answer()
            if state == "closed":
                enquiry.close_reason = "no_interest"
                enquiry.action_close()
        self._make_known_enquiries(now)

    def _make_known_enquiries(self, now):
        """Patients who asked before they booked."""
        visits = self.env["clinic.appointment"].search(
            [("patient_id", "!=", False), ("state", "in", ("confirmed", "done"))],
            limit=240,
            order="id",
        )
        for visit in visits[::20]:
            self.env["clinic.enquiry"].create(
                {
                    "topic_id": self.env.ref(
                        "clinic_patient.enquiry_topic_first_visit"
                    ).id,
                    "channel": "phone",
                    "intention": "high",
                    "patient_id": visit.patient_id.id,
                    "text": "Asked for the first free time.",
                    "date": visit.create_date - timedelta(hours=1),
                    "answered_at": visit.create_date,
                    "responsible_id": self.env.ref(
                        "clinic_agenda.demo_user_operator"
                    ).id,
                }
            )

    def _make_events(self):
        location = self.env["clinic.location"].search([], limit=1)
        now = clock.now().replace(minute=0, second=0)
        marketing = self.env.ref("clinic_agenda.demo_user_marketing")
        common = {
            "location_id": location.id,
            "responsible_id": marketing.id,
            "topic_id": self.env.ref("clinic_patient.enquiry_topic_check_up").id,
        }
        past, ahead = self.env["clinic.marketing.event"].create(
            [
                {
                    **common,
                    "name": "Open day: look after your skin",
                    "kind": "open_day",
                    "date_start": now - timedelta(days=10),
                    "date_stop": now - timedelta(days=10) + timedelta(hours=6),
                    "place": "Ground floor",
                },
                {
                    **common,
                    "name": "A healthy heart after fifty",
                    "kind": "lecture",
                    "date_start": now + timedelta(days=12),
                    "date_stop": now + timedelta(days=12, hours=2),
                    "place": "Lecture room",
                    "speaker": "Dr. Elena Valsecchi",
                    "capacity": 30,
                    "is_published": True,
                    "description": "<p>What helps, what can wait, and what should be "
                    "checked once a year. Questions are welcome.</p>",
                },
            ]
        )
        for number, who in enumerate(PEOPLE):
            event = past if number < 4 else ahead
            self.env["clinic.enquiry"].create(
                {
                    "event_id": event.id,
                    "topic_id": event.topic_id.id,
                    "channel": "event",
                    "contact_name": who,
                    "phone": f"+44 20 7946 0{720 + number}",
                    "date": event.date_start - timedelta(days=14),
                    "attended": number < 3,
                    "responsible_id": marketing.id,
                }
            )
