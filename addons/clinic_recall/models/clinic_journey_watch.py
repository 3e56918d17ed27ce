from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.clinic_base.lib import clock

MARKS = (0, 25, 50, 75, 100)


class ClinicJourneyWatch(models.Model):
    """How far the video of a step was watched, by who got its link."""

    _name = "clinic.journey.watch"
    _description = "Watching of a video"
    _order = "id desc"
    _rec_name = "entry_id"

    entry_id = fields.Many2one(
        "clinic.journey.entry", required=True, ondelete="cascade", readonly=True
    )
    node_id = fields.Many2one(
        "clinic.journey.node",
        required=True,
        index=True,
        ondelete="cascade",
        readonly=True,
    )
    patient_id = fields.Many2one(
        "res.partner",
        related="entry_id.patient_id",
        store=True,
        precompute=True,
        index=True,
    )
    company_id = fields.Many2one(
        related="entry_id.company_id", store=True, precompute=True
    )
    opened_on = fields.Datetime(string="Begun on", required=True, readonly=True)
    percent = fields.Integer(readonly=True, aggregator="avg")
    finished_on = fields.Datetime(readonly=True)

    _once = models.UniqueIndex("(entry_id, node_id)")
    _marks = models.Constraint(
        "CHECK (percent IN (0, 25, 50, 75, 100))", "Only quarters are counted."
    )

    @api.model
    def _saw(self, entry, node, percent):
        """The page says how far it got; less than before changes nothing.

        :param int percent: of :data:`MARKS`; others are ignored
        """
        if percent not in MARKS:
            return
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO clinic_journey_watch AS watch (entry_id, node_id,
                       patient_id, company_id, opened_on, percent, finished_on)
                VALUES (%(entry)s, %(node)s, %(patient)s, %(company)s, %(now)s,
                        %(percent)s, %(finished)s)
                    ON CONFLICT (entry_id, node_id) DO UPDATE
                   SET percent = EXCLUDED.percent,
                       finished_on = COALESCE(watch.finished_on, EXCLUDED.finished_on)
                 WHERE watch.percent < EXCLUDED.percent
                """,
                entry=entry.id,
                node=node.id,
                patient=entry.patient_id.id,
                company=entry.company_id.id,
                now=clock.now(),
                percent=percent,
                finished=clock.now() if percent == 100 else None,
            )
        )
        self.invalidate_model()
