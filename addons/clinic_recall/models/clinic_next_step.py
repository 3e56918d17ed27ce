from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.clinic_agenda.lib.states import FINISHED, NEVER_BOOKED
from odoo.addons.clinic_base.lib import clock

#: Kinds of steps in the order in which they count; ``none`` is what must not be.
KINDS = [
    ("none", "No next step"),
    ("visit", "Visit"),
    ("recall", "Recall"),
    ("followup", "Follow-up"),
    ("wait", "Wait list"),
    ("plan", "Treatment plan"),
    ("deal", "Task of a deal"),
    ("task", "Task"),
    ("enquiry", "Enquiry"),
    ("closed", "Closed with a reason"),
]
#: Patients worked out in one statement.
BATCH = 20000
#: For how long after a visit or an enquiry a patient counts as active.
ACTIVE_MONTHS = "clinic_recall.active_months"


class ClinicNextStep(models.Model):
    """What happens next with each active patient: exactly one row, with an owner.

    Nobody falls through: who is on treatment, was here or asked something within the
    months of the setting has a row, and where none of the sources
    (:meth:`_next_step_sources`) knows a step its kind is ``none``. The rows are
    derived: worked out every night for everybody, and a moment after a visit or a
    recall changed for that patient.
    """

    _name = "clinic.next.step"
    _description = "Next step of a patient"
    _inherit = ["clinic.gate"]
    _log_access = False
    _order = "date, id"
    _rec_name = "patient_id"

    patient_id = fields.Many2one(
        "res.partner", required=True, readonly=True, ondelete="cascade"
    )
    kind = fields.Selection(KINDS, string="Next step", required=True, readonly=True)
    date = fields.Date(string="Date of the step", readonly=True)
    owner_id = fields.Many2one(
        "res.users",
        string="Who sees to it",
        domain=[("share", "=", False)],
        index="btree_not_null",
        ondelete="set null",
    )
    source_model = fields.Char(readonly=True)
    source_id = fields.Many2oneReference(model_field="source_model", readonly=True)
    since = fields.Date(
        string="Without a step since",
        readonly=True,
        help="The day on which it was found that nothing is planned.",
    )
    last_visit_on = fields.Date(string="Last visit", readonly=True)
    location_id = fields.Many2one(
        "clinic.location", readonly=True, index="btree_not_null", ondelete="set null"
    )
    company_id = fields.Many2one(
        related="patient_id.company_id",
        store=True,
        index="btree_not_null",
        ondelete="set null",
    )

    _patient_unique = models.UniqueIndex("(patient_id)")
    _worklist = models.Index("(kind, date)")

    # ------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------

    def action_open_source(self):
        """Open what the next step is; the card when there is none."""
        self.ensure_one()
        model = self.source_model
        if model in self.env and self.env[model].browse(self.source_id).exists():
            return self.env[model].browse(self.source_id)._get_records_action()
        return self.action_open_patient()

    def action_open_patient(self):
        """The card of the patient."""
        self.ensure_one()
        return dict(
            self.env["ir.actions.act_window"]._for_xml_id(
                "clinic_patient.clinic_patient_action"
            ),
            views=[(False, "form")],
            res_id=self.patient_id.id,
        )

    def action_book(self):
        """Open the day sheet, ready to book for this patient."""
        self.ensure_one()
        return self.patient_id.action_book_appointment()

    def action_give(self, what="recall"):
        """Ask for a next step: a recall by hand, or a reason why none is needed."""
        return dict(
            self.env["ir.actions.act_window"]._for_xml_id(
                "clinic_recall.clinic_next_step_give_action"
            ),
            context={
                "default_patient_ids": self.patient_id.ids,
                "default_what": what,
            },
        )

    def action_close(self):
        """Ask why no next step is needed."""
        return self.action_give("close")

    def action_assign_to_me(self):
        """I see to these."""
        self.owner_id = self.env.user

    # ------------------------------------------------------------
    # Working out
    # ------------------------------------------------------------

    @api.model
    def _active_sql(self):
        """Extension point: condition on ``res_partner p``, who counts as active."""
        since = fields.Datetime.subtract(clock.now(), months=self._active_months())
        return SQL(
            """
            (p.on_treatment IS TRUE
             OR EXISTS (SELECT FROM clinic_appointment a WHERE a.patient_id = p.id
                           AND a.start >= %(since)s
                           AND a.state NOT IN %(never_booked)s)
             OR EXISTS (SELECT FROM clinic_enquiry e WHERE e.patient_id = p.id
                           AND e.date >= %(since)s))
            """,
            since=since,
            never_booked=NEVER_BOOKED,
        )

    @api.model
    def _active_months(self):
        # sudo: ir.config_parameter - the setting is no secret
        value = self.env["ir.config_parameter"].sudo().get_param(ACTIVE_MONTHS)
        return int(value) if (value or "").isdigit() and int(value) else 18

    @api.model
    def _work_out(self, patient_ids):
        """Work out the next steps of these patients."""
        return self._work_out_where(SQL("p.id = ANY(%s)", list(patient_ids)))

    @api.model
    def _work_out_where(self, scope):
        """Work out next steps; write only what is different.

        :param SQL scope: condition on ``res_partner p``
        :returns: number of rows that changed
        """
        self.env.flush_all()
        self.env.cr.execute("SET LOCAL jit = off")
        Rule = self.env["clinic.recall.rule"]
        sources = self._next_step_sources()
        rows = self.env.execute_query(
            SQL(
                """
                WITH wanted AS (
                     SELECT p.id, p.responsible_id, p.company_id, last.local_day,
                            last.location_id, %(today)s AS today
                       FROM res_partner p
                       LEFT JOIN LATERAL (
                            SELECT a.local_day, a.location_id FROM clinic_appointment a
                             WHERE a.patient_id = p.id AND a.state IN %(finished)s
                             ORDER BY a.start DESC LIMIT 1) last ON TRUE
                       LEFT JOIN clinic_location place ON place.id = last.location_id
                      WHERE p.is_patient AND p.active AND %(scope)s AND %(active)s),
                     step AS (
                     SELECT DISTINCT ON (patient_id) * FROM (%(steps)s) AS each
                      ORDER BY patient_id, priority, date, source_id),
                     gone AS (
                     DELETE FROM clinic_next_step n
                      USING res_partner p
                      WHERE p.id = n.patient_id AND %(scope)s
                        AND NOT EXISTS (SELECT FROM wanted WHERE id = n.patient_id))
                INSERT INTO clinic_next_step AS n (
                       patient_id, kind, date, owner_id, source_model, source_id,
                       since, last_visit_on, location_id, company_id)
                SELECT wanted.id, COALESCE(step.kind, 'none'), step.date,
                       COALESCE(step.owner_id, wanted.responsible_id),
                       step.source_model, step.source_id,
                       CASE WHEN step.kind IS NULL THEN today END,
                       wanted.local_day, wanted.location_id, wanted.company_id
                  FROM wanted LEFT JOIN step ON step.patient_id = wanted.id
                    ON CONFLICT (patient_id) DO UPDATE
                   SET kind = EXCLUDED.kind, date = EXCLUDED.date,
                       owner_id = COALESCE(EXCLUDED.owner_id, n.owner_id),
                       source_model = EXCLUDED.source_model,
                       source_id = EXCLUDED.source_id,
                       since = CASE WHEN EXCLUDED.since IS NULL THEN NULL
                                    ELSE COALESCE(n.since, EXCLUDED.since) END,
                       last_visit_on = EXCLUDED.last_visit_on,
                       location_id = EXCLUDED.location_id,
                       company_id = EXCLUDED.company_id
                 WHERE (n.kind, n.date, n.source_model, n.source_id, n.last_visit_on,
                        n.location_id, n.company_id, n.since IS NULL)
                       IS DISTINCT FROM
                       (EXCLUDED.kind, EXCLUDED.date, EXCLUDED.source_model,
                        EXCLUDED.source_id, EXCLUDED.last_visit_on,
                        EXCLUDED.location_id, EXCLUDED.company_id,
                        EXCLUDED.since IS NULL)
                    OR (EXCLUDED.kind <> 'none' AND EXCLUDED.owner_id IS NOT NULL
                        AND n.owner_id IS DISTINCT FROM EXCLUDED.owner_id)
             RETURNING n.id
                """,
                today=Rule._today_sql("place"),
                finished=FINISHED,
                scope=scope,
                active=self._active_sql(),
                steps=SQL(" UNION ALL ").join(
                    SQL(
                        "SELECT patient_id, %s::int AS priority, %s::varchar AS kind,"
                        " date, owner_id, %s::varchar AS source_model, source_id"
                        " FROM (%s) AS %s (patient_id, date, owner_id, source_id)",
                        priority,
                        source.kind,
                        source.model,
                        source.query,
                        SQL.identifier(source.kind),
                    )
                    for priority, source in enumerate(sources)
                ),
            )
        )
        self.invalidate_model()
        return len(rows)

    @api.model
    def _work_out_stretch(self, after, limit=BATCH):
        """Work out a stretch of all patients.

        :param int after: id of a card after which to begin
        :returns: last id of the stretch; ``None`` behind the last patient
        """
        rows = self.env.execute_query(
            SQL(
                "SELECT id FROM res_partner WHERE is_patient AND id > %s"
                " ORDER BY id LIMIT %s",
                after,
                limit,
            )
        )
        if not rows:
            return None
        last = rows[-1][0]
        self._work_out_where(SQL("p.id > %s AND p.id <= %s", after, last))
        return last
