from odoo import api, models
from odoo.tools import SQL

from odoo.addons.clinic_agenda.lib.states import AHEAD
from odoo.addons.clinic_base.lib import clock
from odoo.addons.clinic_base.models.claiming import claim

BATCH = 500


class ClinicFollowupStep(models.Model):
    """The clock of the follow-ups: what is due becomes to do, or is sent."""

    _inherit = "clinic.followup.step"

    @api.model
    def _cron_run(self):
        """Work off what is due, a batch to a transaction, several workers at once."""
        while True:
            done, left = self._drain()
            seconds = self.env["ir.cron"]._commit_progress(done, remaining=left)
            if not (done and left and seconds):
                break

    @api.model
    def _drain(self, limit=BATCH):
        """Work off the oldest due steps in this transaction.

        :returns: how many were worked off, and how many are due still
        """
        steps = self._claim(limit)
        steps._skip_booked()
        steps = steps.filtered(lambda step: step.state == "planned")
        by_hand = steps.filtered(lambda step: step.kind != "message")
        by_hand._ours().write({"state": "open"})
        (
            (steps - by_hand)
            | by_hand.filtered(
                lambda step: step.kind == "questionnaire" and step.template_id
            )
        )._send()
        done = len(steps)
        return done, self.search_count(self._due_domain()) if done else 0

    @api.model
    def _due_domain(self):
        return [
            ("state", "=", "planned"),
            ("due", "<=", clock.now()),
            ("followup_id.state", "=", "active"),
        ]

    @api.model
    def _claim(self, limit):
        """Lock due steps of running follow-ups that no other worker has."""
        return claim(
            self,
            SQL(
                """
                SELECT step.id
                  FROM clinic_followup_step step
                  JOIN clinic_followup followup ON followup.id = step.followup_id
                 WHERE step.state = 'planned' AND step.due <= %s
                   AND followup.state = 'active'
                 ORDER BY step.due, step.id
                 LIMIT %s
                   FOR NO KEY UPDATE OF step SKIP LOCKED
                """,
                clock.now(),
                limit,
            ),
        )

    def _skip_booked(self):
        """Pass over what a booked visit makes needless."""
        asked = self.filtered("skip_when_booked")
        if not asked:
            return
        # sudo: clinic.appointment - whether there is a visit ahead, nothing else
        Visit = self.env["clinic.appointment"].sudo()
        booked = Visit._read_group(
            [
                ("patient_id", "in", asked.patient_id.ids),
                ("state", "in", AHEAD),
                ("start", ">", clock.now()),
            ],
            ["patient_id"],
        )
        patients = {row[0].id for row in booked}
        asked.filtered(lambda step: step.patient_id.id in patients)._skip("booked")
