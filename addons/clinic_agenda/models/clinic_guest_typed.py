from odoo import api, models
from odoo.tools import SQL

#: What whoever booked or wished has typed, and marks of it, by model.
TYPED = {
    "clinic.appointment": (
        "guest_card",
        "person_key",
        "contact_booker",
        "contact_name",
        "contact_email",
    ),
    "clinic.wait.list": ("guest_card", "guest_words"),
}
#: What is no word of the patient: perhaps somebody else wrote it.
NOT_THE_PATIENTS = {"guest_card", "person_key", "guest_words"}


class ClinicErasure(models.AbstractModel):
    """What was typed for the visits and the wishes of an erased person goes whole.

    A guest spells the name in an own way and has another address than the card: words
    of the card do not find them.
    """

    _inherit = "clinic.erasure"

    @api.model
    def _erase(self, patient):
        for model, names in TYPED.items():
            self.env[model].flush_model()
            emptied = SQL(", ").join(
                SQL("%s = NULL", SQL.identifier(name)) for name in names
            )
            if model == "clinic.appointment":
                emptied = SQL("%s, identity_to_confirm = FALSE", emptied)
            self.env.cr.execute(
                SQL(
                    "UPDATE %s SET %s WHERE patient_id = %s",
                    SQL.identifier(self.env[model]._table),
                    emptied,
                    patient.id,
                )
            )
            self.env[model].invalidate_model()
        return super()._erase(patient)


class ClinicAccessExport(models.Model):
    """The copy of a patient's data leaves out what perhaps is somebody else's."""

    _inherit = "clinic.access.export"

    def _exported_fields(self, record):
        names = super()._exported_fields(record)
        if record._name in TYPED:
            names = [name for name in names if name not in NOT_THE_PATIENTS]
        return names
