from odoo import api, fields, models

from odoo.addons.clinic_base.lib.ours import Said

from ..lib.states import CANCELLERS


class ClinicAppointmentCancel(models.TransientModel):
    """Asks why and by whom a visit is cancelled; the answer stands in its history."""

    _name = "clinic.appointment.cancel"
    _description = "Cancel an appointment"

    appointment_id = fields.Many2one(
        "clinic.appointment", required=True, readonly=True, ondelete="cascade"
    )
    usual_reason = fields.Selection(
        selection="_list_reasons", help="Fills in who cancels, and the words."
    )
    cancelled_by = fields.Selection(
        CANCELLERS,
        string="Who cancels",
        required=True,
        compute="_compute_from_reason",
        store=True,
        readonly=False,
    )
    reason = fields.Char(
        required=True, compute="_compute_from_reason", store=True, readonly=False
    )

    @api.model
    def _list_reasons(self):
        reasons = self.env["clinic.appointment"]._cancel_reasons()
        return [(code, words) for code, words, _by in reasons]

    @api.depends("usual_reason")
    def _compute_from_reason(self):
        reasons = self.env["clinic.appointment"]._cancel_reasons()
        usual = {code: (words, by) for code, words, by in reasons}
        for wizard in self:
            words, by = usual.get(wizard.usual_reason, (None, None))
            wizard.reason = words or wizard.reason
            wizard.cancelled_by = by or wizard.cancelled_by

    def action_cancel(self):
        """Cancel the visit and give its time free."""
        self.ensure_one()
        self.appointment_id.with_context(clinic_channel=Said("desk"))._cancel(
            self.reason, by=self.cancelled_by
        )
        return {"type": "ir.actions.act_window_close"}
