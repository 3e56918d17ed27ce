from datetime import timedelta

from odoo import fields, models

from odoo.addons.clinic_base.lib.ours import OURS


class ClinicDemo(models.AbstractModel):
    _inherit = "clinic.demo"

    def _make_documents(self):
        """Papers of the portal patient, one waits for a signature; some of others."""
        receptionist = self.env.ref("clinic_agenda.demo_user_receptionist")
        portal = self.env.ref("clinic_agenda.demo_user_patient").partner_id
        bundle = self.env.ref("clinic_patient.document_bundle_new_patient")
        consent = self.env.ref("clinic_patient.document_template_consent")
        papers = self.env["clinic.document"].with_user(receptionist)
        papers = papers.with_context(clinic_no_pdf=OURS)
        templates = bundle.line_ids.template_id.with_user(receptionist)
        visits = self.env["clinic.appointment"].search(
            [("state", "in", ("done", "closed"))], order="start desc", limit=8
        )
        for patient in visits.patient_id - portal:
            issued = papers._issue(templates, patient)
            issued.filtered("needs_signature").action_signed_on_paper()
        papers._issue(templates, portal)[1:2].action_signed_on_paper()
        papers._issue(consent.with_user(receptionist), portal)

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
