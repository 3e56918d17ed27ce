from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain

from odoo.addons.clinic_base.lib import clock

#: Days before a visit from which its patient is asked to confirm.
CONFIRM_DAYS = 3


class ResPartner(models.Model):
    """The patient in the portal: visits to confirm, the doctor one prefers."""

    _inherit = "res.partner"

    preferred_practitioner_id = fields.Many2one(
        "clinic.practitioner",
        index="btree_not_null",
        ondelete="set null",
        groups="clinic_patient.group_clinic_user",
    )

    @api.model
    def _portal_own_fields(self):
        return [*super()._portal_own_fields(), "preferred_practitioner_id"]

    @api.model
    def _portal_options(self, name):
        if name == "preferred_practitioner_id":
            # sudo: clinic.practitioner - those who stand on the website
            practitioners = self.env["clinic.practitioner"].sudo()
            return practitioners.search([("online_bookable", "=", True)])
        return super()._portal_options(name)

    def _portal_visits_domain(self):
        """Return the domain of the visits this person may see today.

        One's own, those of wards one may read for, and those one booked for somebody
        one may book for. The rule of the portal on clinic.appointment says the same.
        """
        self.ensure_one()
        booked = Domain("booked_by_id", "=", self.id)
        booking = self._clinic_access_domain("book", "patient_id")
        reading = self._clinic_access_domain("read", "patient_id")
        return reading | (booked & booking)

    def _portal_todo(self, patients):
        """Visits of the next days that nobody has confirmed, before anything else."""
        booking = self._clinic_patients_for("book").sudo()
        now = clock.now()
        # sudo: clinic.appointment - of those who may be booked for
        visits = (
            self.env["clinic.appointment"]
            .sudo()
            .search(
                [
                    ("patient_id", "in", (patients & booking).ids),
                    ("state", "in", ("booked", "rescheduled")),
                    ("start", ">", now),
                    ("start", "<=", now + timedelta(days=CONFIRM_DAYS)),
                ],
                order="start, id",
                limit=20,
            )
        )
        return [
            {
                "title": self.env._("Tell us that you will come"),
                "text": f"{visit.local_start}, {visit.patient_id.name}",
                "url": f"/my/appointments/{visit.id}",
                "icon": "fa-calendar-check-o",
                "urgent": True,
            }
            for visit in visits
        ] + super()._portal_todo(patients)
