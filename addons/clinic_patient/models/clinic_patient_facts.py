import logging
from typing import NamedTuple

from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.clinic_base.lib import clock
from odoo.addons.clinic_base.lib.lock_spaces import try_lock

from ..lib import lock_spaces

_logger = logging.getLogger(__name__)

#: Patients worked out in one statement.
BATCH = 5000
#: Where the nightly check goes on after a stop.
CHECKED_TO = "clinic_patient.facts_checked_to"


class FactsSource(NamedTuple):
    """What one addon knows about patients.

    :param str name: a word that is unique among the sources
    :param tuple columns: fields of ``clinic.patient.facts`` that it fills
    :param SQL query: gives ``patient_id``, the columns, and ``stale_from`` (the moment
        from which the row will be wrong although nothing happens, or NULL), one row a
        patient. Reads the ids to work out from ``wanted(id)``.
    """

    name: str
    columns: tuple
    query: SQL


class ClinicPatientFacts(models.Model):
    """Figures about a patient, worked out beforehand: segments are searched by them.

    A table of its own with the id of the card, since the card is a wide row with many
    indexes that every visit would rewrite and lock. Fields of ``res.partner`` are
    related to these (see ``res_partner_facts``), so a condition is one join of two
    primary keys. A patient without a row has no visits.

    The rows are derived: written by :meth:`_work_out` alone, never by a booking.
    Whatever changes a patient's data appends to ``clinic.patient.change``, and a job
    drains it. There is no foreign key to the card: a merge or a deletion need not know
    this table, the nightly check removes what is left over.
    """

    _name = "clinic.patient.facts"
    _description = "Patient facts"
    _log_access = False
    _rec_name = "id"

    visit_count = fields.Integer(string="Visits", readonly=True)
    first_visit_date = fields.Date(string="First visit", readonly=True)
    last_visit_date = fields.Date(
        string="Last visit", readonly=True, index="btree_not_null"
    )
    visit_value = fields.Float(
        string="Value of the visits",
        readonly=True,
        digits=(16, 2),
        groups="clinic_patient.group_clinic_money",
    )
    stale_from = fields.Datetime(
        readonly=True,
        index="btree_not_null",
        help="When this row will be wrong although nothing happens: a visit begins, or "
        "leaves the last twelve months.",
    )

    @api.model
    def _facts_sources(self):
        """Extension point: who fills which facts.

        :returns: list of :class:`FactsSource`; addons append theirs to ``super()``
        """
        return []

    @api.model
    def _work_out(self, patient_ids):
        """Work out the facts of these patients anew; write only what is different.

        :param list patient_ids: ids of cards; what is no patient is left out
        :returns: list of the ids whose facts were not what they are now
        """
        sources = self._facts_sources()
        columns = [name for source in sources for name in source.columns]
        if not columns or not patient_ids:
            return []
        self.env.flush_all()
        wanted = list(patient_ids)
        # The plans are for few rows: compiling them takes longer than running them.
        self.env.cr.execute("SET LOCAL jit = off")
        rows = self.env.execute_query(
            SQL(
                """
                WITH wanted(id) AS (
                     SELECT p.id FROM res_partner p
                      WHERE p.id = ANY(%(ids)s) AND p.is_patient),
                     %(sources)s,
                     gone AS (
                     DELETE FROM clinic_patient_facts
                      WHERE id = ANY(%(ids)s)
                        AND id NOT IN (SELECT id FROM wanted))
                INSERT INTO clinic_patient_facts AS f (id, %(columns)s, stale_from)
                SELECT wanted.id, %(values)s, LEAST(%(stale)s)
                  FROM wanted %(joins)s
                 WHERE COALESCE(%(known)s) IS NOT NULL
                    OR EXISTS (SELECT FROM clinic_patient_facts old
                                WHERE old.id = wanted.id)
                    ON CONFLICT (id) DO UPDATE
                   SET (%(columns)s, stale_from) = ROW(%(excluded)s,
                                                       EXCLUDED.stale_from)
                 WHERE (%(present)s, f.stale_from)
                       IS DISTINCT FROM (%(excluded)s, EXCLUDED.stale_from)
             RETURNING id
                """,
                ids=wanted,
                sources=SQL(", ").join(
                    SQL("%s AS (%s)", SQL.identifier(source.name), source.query)
                    for source in sources
                ),
                columns=self._names(columns),
                values=SQL(", ").join(
                    SQL.identifier(source.name, name)
                    for source in sources
                    for name in source.columns
                ),
                stale=SQL(", ").join(
                    SQL.identifier(source.name, "stale_from") for source in sources
                ),
                joins=SQL(" ").join(
                    SQL(
                        "LEFT JOIN %(name)s ON %(name)s.patient_id = wanted.id",
                        name=SQL.identifier(source.name),
                    )
                    for source in sources
                ),
                known=SQL(", ").join(
                    SQL.identifier(source.name, "patient_id") for source in sources
                ),
                excluded=self._names(columns, "excluded"),
                present=self._names(columns, "f"),
            )
        )
        self.invalidate_model()
        self.env["res.partner"].invalidate_model(["facts_id"])
        return [row[0] for row in rows]

    @staticmethod
    def _names(columns, table=None):
        return SQL(", ").join(
            SQL.identifier(table, name) if table else SQL.identifier(name)
            for name in columns
        )

    @api.model
    def _is_mine(self):
        """Whether nobody else writes facts now; holds until the transaction ends."""
        return try_lock(self.env.cr, lock_spaces.FACTS_WORKER)

    @api.model
    def _drain(self, limit=BATCH):
        """Work out the patients something happened to, and those time passed for.

        :returns: how many there were; 0 when all facts are right
        """
        if not self._is_mine():
            return 0
        changed = self.env["clinic.patient.change"]._take(limit)
        stale = [
            row[0]
            for row in self.env.execute_query(
                SQL(
                    """
                    SELECT id FROM clinic_patient_facts
                     WHERE stale_from <= %s ORDER BY stale_from LIMIT %s
                    """,
                    clock.now(),
                    limit,
                )
            )
        ]
        patients = set(changed) | set(stale)
        self._work_out(patients)
        return len(patients)

    @api.model
    def _cron_drain(self):
        """Scheduled action: bring the facts up to date, batch by batch."""
        Cron = self.env["ir.cron"]
        while done := self._drain():
            if not Cron._commit_progress(done):
                break

    @api.model
    def _check(self, after, limit=BATCH):
        """Work out a stretch of all patients and put right what was wrong.

        Patients whose change waits to be worked out are not wrong, and left alone.

        :param int after: the id after which to begin
        :returns: last id of the stretch (``None`` behind the last patient), and the
            ids of patients whose facts were wrong
        """
        rows = self.env.execute_query(
            SQL(
                """
                SELECT id, EXISTS (SELECT FROM clinic_patient_change c
                                    WHERE c.partner_id = stretch.id)
                        OR EXISTS (SELECT FROM clinic_patient_facts f
                                    WHERE f.id = stretch.id AND f.stale_from <= %s)
                  FROM (SELECT id FROM res_partner
                         WHERE is_patient AND id > %s ORDER BY id LIMIT %s) stretch
                 ORDER BY id
                """,
                clock.now(),
                after,
                limit,
            )
        )
        if not rows:
            return None, []
        return rows[-1][0], self._work_out([id_ for id_, waits in rows if not waits])

    @api.model
    def _cron_check(self):
        """Scheduled action: prove that the facts are what the data say, and repair.

        Goes on where it stopped; every patient has a turn in a night.
        """
        parameters = self.env["ir.config_parameter"]
        Cron = self.env["ir.cron"]
        after = int(parameters.get_param(CHECKED_TO) or 0)
        while self._is_mine():
            last, wrong = self._check(after)
            if wrong:
                _logger.warning(
                    "Facts of %s patients were wrong and are repaired: %s",
                    len(wrong),
                    wrong[:20],
                )
            after = last or 0
            parameters.set_param(CHECKED_TO, after)
            if last is None:
                self._drop_left_over()
                Cron._commit_progress(1)
                break
            if not Cron._commit_progress(1):
                break

    @api.model
    def _drop_left_over(self):
        """Remove the facts of cards that were merged or deleted."""
        self.env.cr.execute(
            "DELETE FROM clinic_patient_facts f WHERE NOT EXISTS"
            " (SELECT FROM res_partner p WHERE p.id = f.id AND p.is_patient)"
        )
