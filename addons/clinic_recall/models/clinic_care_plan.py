from odoo import fields, models

from odoo.addons.clinic_base.lib import clock


class ClinicCarePlan(models.Model):
    """The end of a treatment is a cause of recalls."""

    _inherit = "clinic.care.plan"

    finished_at = fields.Datetime(string="Finished", readonly=True, copy=False)

    def _after_state(self, old):
        result = super()._after_state(old)
        if self.state == "done":
            self._ours().finished_at = clock.now()
        # sudo: clinic.care.plan - the row is a consequence, whoever wrote it
        self.env["clinic.recall.cause"]._append(self.sudo().patient_id.ids)
        return result
