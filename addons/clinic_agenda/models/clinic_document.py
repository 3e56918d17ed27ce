from odoo import api, fields, models


class ClinicDocumentFiller(models.AbstractModel):
    """Papers that are printed from a visit say when, what and by whom."""

    _inherit = "clinic.document.filler"

    @api.model
    def _roots(self):
        return super()._roots() | {"visit": ("clinic.appointment", self.env._("Visit"))}

    @api.model
    def _root_records(self, patient, **sources):
        visit = sources.get("visit") or self.env["clinic.appointment"]
        return super()._root_records(patient, **sources) | {"visit": visit}

    @api.model
    def _common(self):
        return [
            *super()._common(),
            "visit.local_start",
            "visit.service_id",
            "visit.practitioner_id",
            "visit.location_id",
            "visit.reference",
        ]


class ClinicDocument(models.Model):
    """A paper may belong to a visit."""

    _inherit = "clinic.document"

    appointment_id = fields.Many2one(
        "clinic.appointment",
        string="Visit",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )

    @api.model
    def _issued_vals(self, **sources):
        visit = sources.get("visit") or self.env["clinic.appointment"]
        return super()._issued_vals(**sources) | {"appointment_id": visit.id}

    def _sources(self):
        return super()._sources() | {"visit": self.appointment_id}


class ClinicAppointment(models.Model):
    """Papers are printed from the visit, for its patient."""

    _inherit = "clinic.appointment"

    def action_print_documents(self):
        """Fill in papers for the patient of this visit."""
        self.ensure_one()
        return self.env["clinic.document.print"]._open(
            patient_id=self.patient_id.id, appointment_id=self.id
        )
