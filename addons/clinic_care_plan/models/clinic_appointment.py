from odoo import api, fields, models
from odoo.tools import SQL

from .clinic_care_plan_line import DONE


class ClinicAppointment(models.Model):
    """A visit may be a step of a signed treatment plan."""

    _inherit = "clinic.appointment"

    plan_line_id = fields.Many2one(
        "clinic.care.plan.line",
        string="Step of the treatment plan",
        index="btree_not_null",
        ondelete="set null",
        copy=False,
        groups="clinic_patient.group_clinic_user",
        domain="[('plan_id.patient_id', '=', patient_id),"
        " ('service_id', '=', service_id), ('plan_id.state', '=', 'signed')]",
    )

    @api.model
    def _given_fields(self):
        return super()._given_fields() | {"plan_line_id"}

    def _after_changes(self, changes):
        result = super()._after_changes(changes)
        self._find_plan_lines_of(changes)
        return result

    def _find_plan_lines_of(self, changes):
        """A finished visit counts for the plan its service belongs to."""
        self.browse(
            change.visit for change in changes if change.done
        )._find_plan_lines()

    def _find_plan_lines(self):
        """Give visits without a step the first one of their service that is not done.

        Of signed plans of the patient, the oldest first, by stage; one statement.
        """
        # sudo: clinic.appointment - whoever ends a visit need not read plans
        visits = self.sudo().filtered(lambda visit: not visit.plan_line_id)
        if not visits:
            return
        visits.flush_recordset()
        self.env["clinic.care.plan.line"].flush_model()
        self.env["clinic.care.plan"].flush_model(["state"])
        rows = self.env.execute_query(
            SQL(
                """
                SELECT visit.id, step.id
                  FROM clinic_appointment visit
                 CROSS JOIN LATERAL (
                       SELECT line.id
                         FROM clinic_care_plan_line line
                         JOIN clinic_care_plan plan ON plan.id = line.plan_id
                        WHERE plan.patient_id = visit.patient_id
                          AND plan.state = 'signed' AND line.accepted
                          AND line.service_id = visit.service_id
                          AND COALESCE(line.done_by_hand, 0) + (
                              SELECT COUNT(*) FROM clinic_appointment other
                               WHERE other.plan_line_id = line.id
                                 AND other.state IN %s) < line.quantity
                        ORDER BY plan.id, line.stage_sequence NULLS FIRST,
                                 line.sequence, line.id
                        LIMIT 1) step
                 WHERE visit.id = ANY(%s)
                """,
                DONE,
                visits.ids,
            )
        )
        for visit_id, line_id in rows:
            visits.browse(visit_id).plan_line_id = line_id
