from odoo import fields, models

from odoo.addons.clinic_patient.lib.roles import ENQUIRY_TEXT_GROUPS

from ..lib.recall_life import RESULTS


class ClinicRecallAttempt(models.Model):
    """One attempt to reach a patient: when, by whom, how, and what came of it."""

    _name = "clinic.recall.attempt"
    _description = "Attempt of a recall"
    _inherit = ["clinic.gate"]
    _order = "date desc, id desc"

    recall_id = fields.Many2one(
        "clinic.recall", required=True, index=True, ondelete="cascade"
    )
    patient_id = fields.Many2one(
        related="recall_id.patient_id", store=True, index=True, precompute=True
    )
    date = fields.Datetime(required=True, default=fields.Datetime.now)
    kind = fields.Selection(
        [("call", "Call"), ("message", "Message"), ("desk", "At the desk")],
        required=True,
        default="call",
    )
    user_id = fields.Many2one(
        "res.users", string="By", default=lambda self: self.env.user
    )
    result = fields.Selection(RESULTS, required=True)
    step = fields.Char(readonly=True, help="Step of the messages of this attempt.")
    reason_id = fields.Many2one("clinic.recall.reason", ondelete="restrict")
    note = fields.Char(groups=ENQUIRY_TEXT_GROUPS)

    # What the job asks for: attempts whose messages may still become something.
    _messages = models.Index("(date) WHERE kind = 'message'")
