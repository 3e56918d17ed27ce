from typing import NamedTuple

from odoo import api, models
from odoo.tools import SQL

from odoo.addons.clinic_agenda.lib.states import FINISHED, PLANNED
from odoo.addons.clinic_base.lib import clock

from ..lib.recall_life import OPEN


class NextStepSource(NamedTuple):
    """Where next steps come from.

    :param str kind: of ``clinic.next.step.kind``; addons add theirs to the selection
    :param str model: of the records that are the steps
    :param SQL query: four columns in this order: the patient, the day (or NULL), the
        owner (or NULL) and the id of the record; any number of rows, for the patients
        in ``wanted(id)``
    """

    kind: str
    model: str
    query: SQL


class ClinicNextStep(models.Model):
    """What counts as a next step; addons append theirs with ``super()``."""

    _inherit = "clinic.next.step"

    @api.model
    def _next_step_sources(self):
        """Extension point: the sources, the most binding first.

        :returns: list of :class:`NextStepSource`
        """
        return [
            NextStepSource(
                "visit",
                "clinic.appointment",
                SQL(
                    """
                    SELECT a.patient_id, a.local_day AS date, NULL::int AS owner_id,
                           a.id AS source_id
                      FROM wanted JOIN clinic_appointment a ON a.patient_id = wanted.id
                     WHERE a.state IN %s AND a.start >= %s::timestamp - interval '1 day'
                    """,
                    PLANNED,
                    clock.now(),
                ),
            ),
            NextStepSource(
                "recall",
                "clinic.recall",
                SQL(
                    """
                    SELECT c.patient_id, COALESCE(c.next_attempt_on, c.due_date),
                           c.responsible_id, c.id
                      FROM wanted JOIN clinic_recall c ON c.patient_id = wanted.id
                      JOIN clinic_recall_rule r ON r.id = c.rule_id
                     WHERE c.state IN %s
                        OR (c.state = 'declined' AND r.decline_days > 0)
                    """,
                    OPEN,
                ),
            ),
            NextStepSource(
                "followup",
                "clinic.followup",
                self.env["clinic.followup"]._next_step_query(),
            ),
            NextStepSource(
                "wait",
                "clinic.wait.list",
                SQL(
                    """
                    SELECT w.patient_id, NULL::date, NULL::int, w.id
                      FROM wanted JOIN clinic_wait_list w ON w.patient_id = wanted.id
                     WHERE w.state IN ('waiting', 'offered')
                    """
                ),
            ),
            NextStepSource(
                "plan",
                "clinic.care.plan",
                SQL(
                    """
                    SELECT plan.patient_id, plan.valid_until, plan.responsible_id,
                           plan.id
                      FROM wanted JOIN clinic_care_plan plan
                           ON plan.patient_id = wanted.id
                     WHERE plan.state IN ('draft', 'submitted', 'approved', 'presented',
                                          'accepted')
                        OR (plan.state = 'signed' AND EXISTS (
                            SELECT FROM clinic_care_plan_line line
                             WHERE line.plan_id = plan.id AND line.accepted
                               AND COALESCE(line.done_by_hand, 0) + (
                                   SELECT COUNT(*) FROM clinic_appointment v
                                    WHERE v.plan_line_id = line.id
                                      AND v.state IN %s) < line.quantity))
                    """,
                    FINISHED,
                ),
            ),
            NextStepSource(
                "deal",
                "crm.lead",
                SQL(
                    """
                    SELECT lead.patient_id, task.date_deadline, task.user_id, lead.id
                      FROM wanted JOIN crm_lead lead ON lead.patient_id = wanted.id
                      JOIN mail_activity task ON task.res_id = lead.id
                           AND task.res_model = 'crm.lead' AND task.active
                     WHERE lead.active
                    """
                ),
            ),
            NextStepSource(
                "task",
                "res.partner",
                SQL(
                    """
                    SELECT task.res_id, task.date_deadline, task.user_id, task.res_id
                      FROM wanted JOIN mail_activity task ON task.res_id = wanted.id
                           AND task.res_model = 'res.partner' AND task.active
                    """
                ),
            ),
            NextStepSource(
                "enquiry",
                "clinic.enquiry",
                SQL(
                    """
                    SELECT e.patient_id, e.date::date, e.responsible_id, e.id
                      FROM wanted JOIN clinic_enquiry e ON e.patient_id = wanted.id
                     WHERE e.state IN ('new', 'answered')
                    """
                ),
            ),
            NextStepSource(
                "closed",
                "clinic.next.step.closure",
                SQL(
                    """
                    SELECT x.patient_id, x.until, x.user_id, x.id
                      FROM wanted JOIN clinic_next_step_closure x
                           ON x.patient_id = wanted.id
                     WHERE (x.until IS NULL OR x.until > wanted.today)
                       AND NOT EXISTS (SELECT FROM clinic_appointment a
                                        WHERE a.patient_id = x.patient_id
                                          AND a.start > x.date AND a.state IN %s)
                    """,
                    FINISHED,
                ),
            ),
        ]
