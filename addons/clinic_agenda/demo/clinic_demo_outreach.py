from datetime import timedelta

from odoo import fields, models


class ClinicDemo(models.AbstractModel):
    _inherit = "clinic.demo"

    def _make_check_ups(self):
        """A firm's check-up of spring that is over, and one that begins."""
        firm = self.env["res.partner"].create(
            {
                "name": "Officine Meridiana S.p.A.",
                "is_company": True,
                "is_client_firm": True,
                "city": "Roma",
            }
        )
        today = fields.Date.today()
        old, new = self.env["clinic.checkup.campaign"].create(
            [
                {
                    "name": "Check-up of the workshop",
                    "firm_id": firm.id,
                    "date_start": today - timedelta(days=28),
                    "date_end": today - timedelta(days=20),
                    "state": "done",
                },
                {
                    "name": "Check-up of the office",
                    "firm_id": firm.id,
                    "date_start": today,
                    "state": "running",
                },
            ]
        )
        visits = self.env["clinic.appointment"].search(
            [("state", "in", ("done", "closed")), ("patient_id.clinic_age", ">", 20)],
            order="start desc",
            limit=60,
        )
        # Some come again, some have a visit ahead only, most have not come yet.
        later = self.env["clinic.appointment"].search(
            [("state", "=", "booked"), ("patient_id.clinic_age", ">", 20)],
            order="start desc",
            limit=90,
        )
        patients = visits.patient_id[:12] + (later.patient_id - visits.patient_id)
        people = self.env["clinic.checkup.person"].create(
            [
                {
                    "campaign_id": old.id,
                    "patient_id": patient.id,
                    "examined_on": today - timedelta(days=28 - number % 8),
                }
                for number, patient in enumerate(patients[:32])
            ]
            + [
                {"campaign_id": new.id, "patient_id": patient.id}
                for patient in patients[32:48]
            ]
        )
        found = self.env["clinic.condition"].search(
            [("code", "in", ("I10", "E78", "M54.5", "E66"))]
        )
        self.env["clinic.checkup.finding"].create(
            [
                {
                    "person_id": person.id,
                    "condition_id": found[number % len(found)].id,
                }
                for number, person in enumerate(people[:24])
                if number % 4 != 3 or number < 20
            ]
        )

    def _make_referrals(self):
        """Partners of every class, whom they sent, and a rule of rewards."""
        partners = self.env["res.partner"].create(
            [
                {
                    "name": name,
                    "is_referral_partner": True,
                    "referral_kind": kind,
                    "is_company": kind != "doctor",
                    "email": f"partner{number}@aurora-partners.example",
                    "city": "Roma",
                }
                for number, (name, kind) in enumerate(
                    (
                        ("Dr. Bruna Salvemini", "doctor"),
                        ("Farmacia del Colosseo", "pharmacy"),
                        ("Dr. Edmondo Quaranta", "doctor"),
                        ("Palestra Olimpia", "firm"),
                        ("Farmacia San Marco", "pharmacy"),
                    )
                )
            ]
        )
        self.env["clinic.referral.rule"].create(
            {
                "name": "Pharmacies and firms, for each patient who came",
                "date_start": fields.Date.today() - timedelta(days=365),
                "amount": 15,
            }
        )
        visits = self.env["clinic.appointment"].search(
            [("state", "!=", "expired"), ("patient_id", "!=", False)],
            order="start desc",
            limit=200,
        )
        patients = iter(visits.patient_id)
        today = fields.Date.today()
        # How many each partner sent, and how long ago.
        counts = zip(partners, (14, 5, 1, 4, 0), (30, 25, 20, 240, 0), strict=True)
        self.env["clinic.referral"].create(
            [
                {
                    "referrer_id": partner.id,
                    "patient_id": next(patients).id,
                    "date": today - timedelta(days=days - number % 5),
                }
                for partner, count, days in counts
                for number in range(count)
            ]
        )
        self.env["clinic.referral"]._cron_follow_up()
        due = self.env["clinic.referral"].search(
            [("reward_state", "=", "due")], limit=4
        )
        if due:
            due.action_pay()
