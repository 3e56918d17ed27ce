from datetime import timedelta

from odoo import SUPERUSER_ID, api, fields, models
from odoo.tools import SQL, clean_context

from ..lib.states import HERE, NOT_MEANT

#: A visit booked later than this is no consequence of the enquiry.
ENOUGH = timedelta(days=180)
#: States of a visit that tell what became of an enquiry.
FOLLOWED = ("booked", "rescheduled", "confirmed", "arrived", "no_show", "cancelled")


class ClinicEnquiry(models.Model):
    """What became of enquiries: from the visits of the patient."""

    _inherit = "clinic.enquiry"

    appointment_id = fields.Many2one(
        "clinic.appointment",
        string="Visit",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
    )

    @api.model_create_multi
    def create(self, vals_list):
        enquiries = super().create(vals_list)
        enquiries._follow_visits()
        return enquiries

    def write(self, vals):
        result = super().write(vals)
        if vals.get("patient_id"):
            self._follow_visits()
        return result

    def _follow_visits(self):
        """Note when the patients of these enquiries booked and came; may be repeated.

        The first visit that was booked on the day of the enquiry or within half a year
        counts; when it is cancelled, the next one does.
        """
        enquiries = self.filtered("patient_id")
        if not enquiries:
            return
        enquiries.flush_recordset()
        self.env["clinic.appointment"].flush_model(["patient_id", "state", "start"])
        rows = self.env.execute_query_dict(
            SQL(
                """
                SELECT enquiry.id, visit.id AS visit_id, visit.create_date, came.start
                  FROM clinic_enquiry enquiry
             LEFT JOIN LATERAL (
                       SELECT id, create_date FROM clinic_appointment a
                        WHERE a.patient_id = enquiry.patient_id
                          AND a.state NOT IN %(not_meant)s
                          AND a.create_date >= enquiry.date::date
                          AND a.create_date < enquiry.date + %(enough)s
                        ORDER BY create_date, id LIMIT 1) visit ON TRUE
             LEFT JOIN LATERAL (
                       SELECT start FROM clinic_appointment a
                        WHERE a.patient_id = enquiry.patient_id
                          AND a.state = ANY(%(here)s)
                          AND a.create_date >= enquiry.date::date
                          AND a.create_date < enquiry.date + %(enough)s
                        ORDER BY start, id LIMIT 1) came ON TRUE
                 WHERE enquiry.id = ANY(%(ids)s)
                """,
                enough=ENOUGH,
                not_meant=NOT_MEANT,
                here=list(HERE),
                ids=enquiries.ids,
            )
        )
        for row in rows:
            # sudo: clinic.enquiry - follows from the visits, whoever changed them
            enquiry = self.sudo().browse(row["id"])
            booked = row["create_date"]
            vals = {
                "appointment_id": row["visit_id"] or False,
                "booked_at": booked.replace(microsecond=0) if booked else False,
                "came_at": row["start"] or False,
            }
            now = {
                "appointment_id": enquiry.appointment_id.id,
                "booked_at": enquiry.booked_at,
                "came_at": enquiry.came_at,
            }
            if vals != now:
                enquiry.write(vals)

    def action_book(self):
        """Open the day sheet, ready to book for who asked."""
        self.ensure_one()
        return self.patient_id.action_book_appointment()


class ClinicAppointment(models.Model):
    """A visit that is booked, kept or given up tells what became of enquiries."""

    _inherit = "clinic.appointment"

    def _follow_enquiries(self, changes):
        """Note it on the enquiries of these visits' patients; one search for all.

        A visit that turns out to be another person's is news for both cards.
        """
        patients = {
            facts.patient
            for change in changes
            if change.after.state in FOLLOWED
            and not change.history
            and (change.created or change.state_changed or change.patient_changed)
            for facts in (change.before, change.after)
            if facts and facts.patient
        }
        if not patients:
            return
        # The clinic notes it, not the visitor: the history of an enquiry names nobody
        # who acts on the website, and is in the language of the clinic.
        context = clean_context(self.env.context)
        context["lang"] = self.env.company.partner_id.lang
        enquiries = self.env(user=SUPERUSER_ID, context=context)["clinic.enquiry"]
        enquiries.search([("patient_id", "in", list(patients))])._follow_visits()
