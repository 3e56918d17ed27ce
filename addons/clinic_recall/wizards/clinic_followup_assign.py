from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL


class ClinicFollowupAssign(models.TransientModel):
    """Put a list of patients, or a segment, on a plan: one statement."""

    _name = "clinic.followup.assign"
    _description = "Begin follow-ups"

    plan_id = fields.Many2one("clinic.followup.plan", required=True)
    source = fields.Selection(
        [("list", "These patients"), ("segment", "A segment")],
        required=True,
        default="list",
    )
    patient_ids = fields.Many2many(
        "res.partner", string="Patients", domain=[("is_patient", "=", True)]
    )
    segment_id = fields.Many2one("clinic.segment")
    anchor_date = fields.Date(
        string="Day 0", required=True, default=fields.Date.context_today
    )
    location_id = fields.Many2one(
        "clinic.location", help="By whose clock; empty: the clinic's."
    )

    @api.model
    def default_get(self, fields):
        """Begin with the patients of the list it was opened from."""
        values = super().default_get(fields)
        context = self.env.context
        if context.get("active_model") == "res.partner":
            values["patient_ids"] = [(6, 0, context.get("active_ids", []))]
        return values

    def action_assign(self):
        """Begin; who is on the plan since this day already stays as is."""
        self.ensure_one()
        self.env["clinic.followup"].check_access("create")
        Partner = self.env["res.partner"]
        if self.source == "segment":
            if not self.segment_id:
                raise UserError(self.env._("Choose the segment."))
            patients = self.segment_id._patients_query()
        else:
            if not self.patient_ids:
                raise UserError(self.env._("Choose at least one patient."))
            patients = Partner._search(
                [("id", "in", self.patient_ids.ids), ("is_patient", "=", True)]
            )
        query = SQL(
            """
            SELECT %(plan)s::int AS plan_id, chosen.id AS patient_id,
                   %(key)s AS cause_key, %(day)s::date AS anchor_date,
                   NULL::int AS appointment_id, %(place)s::int AS location_id,
                   NULL::int AS practitioner_id, NULL::int AS specialty_id,
                   NULL::int AS service_id, NULL::int AS condition_id,
                   %(company)s::int AS company_id
              FROM (%(patients)s) chosen (id)
            """,
            plan=self.plan_id.id,
            key=f"hand:{self.anchor_date}",
            day=self.anchor_date,
            place=self.location_id.id or None,
            company=(self.location_id.company_id or self.env.company).id,
            patients=patients.select(),
        )
        begun = self.env["clinic.followup"]._assign(query)
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._(
                    "%(number)s patients begin “%(plan)s”.",
                    number=len(begun),
                    plan=self.plan_id.name,
                ),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }
