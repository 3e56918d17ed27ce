from datetime import timedelta

from odoo import api, models
from odoo.tools import SQL

from odoo.addons.clinic_base.lib import clock

#: Who has the list of new bookings, and how many hours ago it was last looked at.
READERS = {"receptionist": 3, "coordinator": 20, "manager": 60}
#: Hours ago that upcoming visits were booked, and by which way.
BOOKED = (
    (0.3, "website"),
    (0.8, "portal"),
    (1.4, "phone"),
    (2.5, "message"),
    (5, "website"),
    (9, "desk"),
    (16, "website"),
    (22, "portal"),
    (27, "desk"),
    (40, "phone"),
    (51, "website"),
    (70, "portal"),
)


class ClinicDemo(models.AbstractModel):
    _inherit = "clinic.demo"

    @api.model
    def _make_desk(self):
        """Who is told at the locations, and what was booked lately."""
        locations = self.env["clinic.location"].search([("active", "=", True)])
        for number, location in enumerate(locations):
            place = location.name.rpartition(" ")[2].lower()
            self.env["clinic.location.contact"].create(
                [
                    {
                        "location_id": location.id,
                        "name": "Front desk",
                        "address": f"desk.{place}@aurora-clinic.example",
                        "only_patients": True,
                        "digest": True,
                    },
                    {
                        "location_id": location.id,
                        "name": "Mobile of the desk",
                        "channel": "whatsapp",
                        "address": f"+44207946003{number}",
                        "on_booked": False,
                    },
                ]
            )
        now = clock.now()
        visits = self.env["clinic.appointment"].search(
            [
                ("state", "in", ("booked", "confirmed")),
                ("start", ">", now + timedelta(days=1)),
                ("patient_id", "!=", False),
            ],
            order="reference",
            limit=len(BOOKED),
        )
        for visit, (hours, channel) in zip(visits, BOOKED, strict=False):
            self.env.cr.execute(
                SQL(
                    "UPDATE clinic_appointment SET booked_at = %s, channel = %s"
                    " WHERE id = %s",
                    now - timedelta(hours=hours),
                    channel,
                    visit.id,
                )
            )
        visits.invalidate_recordset()
        for login, hours in READERS.items():
            user = self.env.ref(f"clinic_agenda.demo_user_{login}")
            user.clinic_new_bookings = True
            user.clinic_bookings_since = now - timedelta(hours=hours)
