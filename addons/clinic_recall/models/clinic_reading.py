from odoo import api, models

from odoo.addons.clinic_patient.models.clinic_reading import Reading


class ClinicReading(models.AbstractModel):
    """Looks at health data: recalls and follow-ups."""

    _inherit = "clinic.reading"

    @api.model
    def _readings(self):
        return super()._readings() | {
            "clinic.followup": Reading("patient_id"),
            "clinic.followup.analysis": Reading("patient_id"),
            "clinic.followup.answer": Reading("patient_id"),
            "clinic.followup.answer.line": Reading("answer_id.patient_id"),
            "clinic.followup.step": Reading("patient_id"),
            "clinic.recall": Reading("patient_id"),
            "clinic.recall.attempt": Reading("patient_id"),
            "clinic.recall.report": Reading("patient_id"),
        }

    @api.model
    def _unlogged(self):
        work = "Tells to whom something was sent, and how far it came."
        words = "Words of the clinic about an illness: no person is named."
        return super()._unlogged() | {
            "clinic.followup.plan": words,
            "clinic.journey.entry": work,
            "clinic.journey.watch": work,
            "clinic.next.step": "Tells that a next visit is missing, not why.",
            "clinic.next.step.closure": "Tells that a next visit is missing, not why.",
            "clinic.recall.campaign.member": work,
            "clinic.recall.rule": words,
        }
