from odoo import api, models


class ClinicEnquiry(models.Model):
    """Who enquired and does not book is called; who booked is not called any more."""

    _inherit = "clinic.enquiry"

    @api.model_create_multi
    def create(self, vals_list):
        enquiries = super().create(vals_list)
        self.env["clinic.recall.cause"]._append(enquiries.patient_id.ids)
        return enquiries

    def write(self, vals):
        before = self.patient_id.ids
        result = super().write(vals)
        if {"patient_id", "close_reason", "intention"} & vals.keys():
            patients = {*before, *self.patient_id.ids}
            self.env["clinic.recall.cause"]._append(patients)
        return result
