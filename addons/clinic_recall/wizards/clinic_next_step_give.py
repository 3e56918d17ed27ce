from datetime import timedelta

from odoo import fields, models
from odoo.exceptions import UserError


class ClinicNextStepGive(models.TransientModel):
    """Gives patients a next step: a recall by hand, or a reason why none is needed."""

    _name = "clinic.next.step.give"
    _description = "Give a next step"

    patient_ids = fields.Many2many("res.partner", string="Patients", required=True)
    what = fields.Selection(
        [("recall", "Recall them"), ("close", "No next step is needed")],
        required=True,
        default="recall",
    )
    due_date = fields.Date(
        string="When", default=lambda self: fields.Date.context_today(self)
    )
    service_id = fields.Many2one(
        "product.template",
        string="To be booked",
        domain=[("is_healthcare_service", "=", True)],
    )
    responsible_id = fields.Many2one(
        "res.users",
        string="Who calls",
        domain=[("share", "=", False)],
        default=lambda self: self.env.user,
    )
    reason_id = fields.Many2one(
        "clinic.recall.reason", string="Why", domain=[("kind", "=", "close")]
    )
    until = fields.Date(
        default=lambda self: fields.Date.context_today(self) + timedelta(days=365),
        help="Then the patient is looked at again. Empty: until the next visit.",
    )
    note = fields.Char()

    def action_give(self):
        """Make the recalls, or close with the reason.

        :raises UserError: a day or a reason is missing
        """
        self.ensure_one()
        if self.what == "recall":
            self._recall()
        else:
            self._close()
        self.env["clinic.next.step"]._work_out(self.patient_ids.ids)
        return {"type": "ir.actions.act_window_close"}

    def _recall(self):
        if not self.due_date:
            raise UserError(self.env._("Write when the patient is to be recalled."))
        self.env["clinic.recall"].create(
            [
                {
                    "patient_id": patient.id,
                    "due_date": self.due_date,
                    "service_id": self.service_id.id,
                    "responsible_id": self.responsible_id.id,
                    "note": self.note,
                }
                for patient in self.patient_ids
            ]
        )

    def _close(self):
        if not self.reason_id:
            raise UserError(self.env._("Choose why: the reasons are counted."))
        self.env["clinic.next.step.closure"].create(
            [
                {
                    "patient_id": patient.id,
                    "reason_id": self.reason_id.id,
                    "until": self.until,
                }
                for patient in self.patient_ids
            ]
        )
