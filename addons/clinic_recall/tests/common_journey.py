from datetime import datetime, timedelta

from freezegun import freeze_time

from .common_followup import FollowupCommon


class JourneyCommon(FollowupCommon):
    """A segment of patients and a journey to build on."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Entry = cls.env["clinic.journey.entry"]
        cls.Passage = cls.env["clinic.journey.passage"]
        cls.people = cls.env["res.partner"].create(
            [
                {
                    "is_patient": True,
                    "family_name": f"Trip{number}",
                    "given_name": "A",
                    "email": f"trip{number}@example.com",
                    "birth_date": "1980-06-01",
                }
                for number in range(6)
            ]
        )
        cls.segment = cls.env["clinic.segment"].create(
            {"name": "Trips", "domain": "[('family_name', '=like', 'Trip%')]"}
        )
        cls.tag = cls.env["res.partner.category"].create({"name": "Travelled"})
        cls.text = cls.env["clinic.message.template"].create(
            {
                "name": "Come",
                "kind_id": cls.env.ref("clinic_recall.message_kind_journey_care").id,
                "text_ids": [
                    (
                        0,
                        0,
                        {
                            "lang": "en_US",
                            "subject": "Come",
                            "body": "Dear {first_name} {booking_link} {video_link}",
                        },
                    )
                ],
            }
        )

    @classmethod
    def journey(cls, **vals):
        """A journey for the segment, without steps."""
        return cls.env["clinic.journey"].create(
            {
                "name": "Trip",
                "segment_id": cls.segment.id,
                "purpose": "care",
                **vals,
            }
        )

    def chain(self, journey, *steps):
        """Add steps one after another; each is (kind, values)."""
        nodes = self.env["clinic.journey.node"]
        for kind, vals in steps:
            last = nodes[-1:].id
            node = nodes.browse(journey.insert_node(kind, last))
            node.write(vals)
            nodes |= node
        return nodes

    def tick(self, **delta):
        """The scheduled action, a while from now; without its commits."""
        with freeze_time(datetime.now() + timedelta(**delta)):
            self.env["clinic.journey"]._enter_all()
            self.Entry._leave_early()
            while self.Entry._drain(limit=4)[0]:
                pass
        self.env.invalidate_all()

    def messages(self, journey):
        return self.env["clinic.message"].search(
            [
                ("res_model", "=", "clinic.journey.entry"),
                ("res_id", "in", journey.entry_ids.ids),
            ]
        )
