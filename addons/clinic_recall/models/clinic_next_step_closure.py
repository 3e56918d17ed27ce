from odoo import fields, models


class ClinicNextStepClosure(models.Model):
    """Somebody decided, with a reason, that nothing is to happen with a patient.

    A later visit ends the closure by itself.
    """

    _name = "clinic.next.step.closure"
    _description = "Patient without a next step, on purpose"
    _order = "date desc, id desc"
    _rec_name = "reason_id"

    patient_id = fields.Many2one(
        "res.partner", required=True, index=True, ondelete="cascade"
    )
    reason_id = fields.Many2one(
        "clinic.recall.reason",
        required=True,
        domain=[("kind", "=", "close")],
        ondelete="restrict",
    )
    date = fields.Datetime(required=True, default=fields.Datetime.now)
    until = fields.Date(help="Empty: until the patient comes again.")
    user_id = fields.Many2one(
        "res.users", required=True, default=lambda self: self.env.user
    )
