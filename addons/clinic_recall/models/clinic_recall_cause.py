from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.clinic_base.lib.lock_spaces import try_lock

from ..lib import lock_spaces

#: Patients worked out in one transaction.
BATCH = 500
#: Where the nightly run goes on after a stop.
NIGHT = "clinic_recall.night_of"


class ClinicRecallCause(models.Model):
    """Patients to whom something happened that makes or changes recalls: an outbox.

    Who ends or books a visit writes one row here and waits for nothing else. No unique
    key and no foreign key: two bookings of one patient neither wait for each other nor
    fail (see ``clinic.patient.change``). A scheduled action, started at once, works
    the patients out and takes the rows away in the same transaction.
    """

    _name = "clinic.recall.cause"
    _description = "Patient whose recalls are to be worked out"
    _log_access = False
    _order = "id"

    # Not a Many2one: a foreign key would lock the card of the patient.
    partner_id = fields.Integer(string="Patient", required=True, readonly=True)

    @api.model
    def _append(self, patient_ids):
        """Say that something happened to these patients, and wake the job.

        :param list patient_ids: ids of cards
        """
        ids = [id_ for id_ in patient_ids if id_]
        if not ids:
            return
        self.env.cr.execute(
            SQL(
                "INSERT INTO clinic_recall_cause (partner_id) SELECT unnest(%s::int[])",
                ids,
            )
        )
        self.env["ir.cron"]._set_off("clinic_recall.ir_cron_work_out")

    @api.model
    def _is_mine(self):
        """Whether nobody else works recalls out now; until the transaction ends."""
        return try_lock(self.env.cr, lock_spaces.RECALL_WORKER)

    @api.model
    def _drain(self, limit=BATCH):
        """Work out the patients something happened to.

        :returns: how many rows there were; 0 when nothing waits
        """
        if not self._is_mine():
            return 0
        rows = self.env.execute_query(
            SQL(
                """
                DELETE FROM clinic_recall_cause
                 WHERE id IN (SELECT id FROM clinic_recall_cause
                               ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED)
             RETURNING partner_id
                """,
                limit,
            )
        )
        patients = sorted({row[0] for row in rows})
        if patients:
            self._work_out(patients)
        return len(rows)

    @api.model
    def _work_out(self, patients):
        """Bring the recalls and next steps of these patients up to date.

        What exists first: a visit that fell through opens its recall again, and makes
        no second one.

        :param list patients: ids of cards
        """
        Recall = self.env["clinic.recall"]
        Recall._refresh_of_patients(patients)
        for rule in self._rules():
            rule._work_out(patients)
        Recall._refresh_of_patients(patients)
        self.env["clinic.next.step"]._work_out(patients)

    @api.model
    def _rules(self):
        """The rules that make recalls by themselves."""
        return self.env["clinic.recall.rule"].search([("trigger", "!=", "hand")])

    @api.model
    def _cron_work_out(self):
        """Scheduled action: the patients something happened to, batch by batch."""
        Cron = self.env["ir.cron"]
        while done := self._drain():
            if not Cron._commit_progress(done):
                return
        self.env["clinic.recall"]._follow_messages()
        self.env["clinic.recall.campaign"]._finish_sent()
        Cron._commit_progress(1)

    @api.model
    def _cron_night(self):
        """Scheduled action, every hour: what a new day changes.

        Every hour, because midnight comes to each location at its own time. Rules and
        next steps are worked out for everybody once a day.
        """
        Cron = self.env["ir.cron"]
        for _part in self._night():
            if not Cron._commit_progress(1):
                break

    @api.model
    def _night(self):
        """The work of a new day, in parts; each may be a transaction of its own."""
        new_day = self._is_new_day()
        for rule in self._rules() if new_day else ():
            if not self._is_mine():
                return
            rule._work_out()
            yield "rule"
        after = 0
        while after is not None:
            if not self._is_mine():
                return
            after = self.env["clinic.recall"]._refresh_all(after)
            yield "recalls"
        while self._is_mine() and self.env["clinic.recall"]._send_due():
            yield "messages"
        if not new_day:
            return
        after = 0
        while after is not None:
            if not self._is_mine():
                return
            after = self.env["clinic.next.step"]._work_out_stretch(after)
            yield "steps"
        self.env["clinic.next.step.day"]._record(self._day())
        self.env["ir.config_parameter"].set_param(NIGHT, self._day())
        yield "day"

    @api.model
    def _day(self):
        return str(self.env["res.partner"]._clinic_today())

    @api.model
    def _is_new_day(self):
        return self.env["ir.config_parameter"].get_param(NIGHT) != self._day()
