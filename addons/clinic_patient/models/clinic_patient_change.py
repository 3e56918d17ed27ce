from odoo import api, fields, models
from odoo.tools import SQL


class ClinicPatientChange(models.Model):
    """Patients to whom something happened since their facts were worked out.

    Append-only, without a unique key: two bookings of one patient at the same moment
    must neither wait for each other nor fail. (``ON CONFLICT DO NOTHING`` does fail at
    REPEATABLE READ, when the other row is newer than one's own snapshot.) Triggers
    write here within the statement of the cause, raw SQL included; the job that works
    out the facts takes the rows away.
    """

    _name = "clinic.patient.change"
    _description = "Patient with changed data"
    _log_access = False
    _order = "id"

    # Not a Many2one: a foreign key would lock the card of the patient.
    partner_id = fields.Integer(string="Patient", required=True, readonly=True)

    @api.model
    def _append(self, patient_ids):
        """Say that something happened to these patients.

        :param list patient_ids: ids of cards
        """
        self.env.cr.execute(
            SQL(
                "INSERT INTO clinic_patient_change (partner_id)"
                " SELECT unnest(%s::int[])",
                list(patient_ids),
            )
        )

    @api.model
    def _take(self, limit):
        """Take the oldest rows away.

        :param int limit: of rows
        :returns: set of ids of cards
        """
        rows = self.env.execute_query(
            SQL(
                """
                DELETE FROM clinic_patient_change
                 WHERE id IN (SELECT id FROM clinic_patient_change
                               ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED)
             RETURNING partner_id
                """,
                limit,
            )
        )
        return {row[0] for row in rows}
