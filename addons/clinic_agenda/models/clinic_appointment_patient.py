from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

from odoo.addons.clinic_base.lib.ours import Said

from ..lib.states import AHEAD, FINISHED

#: Of visits with which somebody is the practitioner's patient.
EXPECTED = ("booked", "rescheduled", "confirmed", "no_show")
CAME = ("arrived", "in_room", *FINISHED)

#: Who may say that a visit is another person's.
DESK = (
    "clinic_patient.group_clinic_receptionist",
    "clinic_patient.group_clinic_coordinator",
    "clinic_patient.group_clinic_operator",
    "clinic_patient.group_clinic_manager",
)


class ClinicAppointment(models.Model):
    """Whose visit it is, and who said so: what practitioners may read hangs on it.

    A practitioner reads the record of who is booked with them *by somebody else*, or
    has arrived by the word of somebody else. Both follow from fields that no
    practitioner can write; security/*_rules.xml and :meth:`_domain_of_treating` say
    the same.
    """

    _inherit = "clinic.appointment"

    patient_by_id = fields.Many2one(
        "res.users",
        string="Patient put down by",
        readonly=True,
        copy=False,
        ondelete="set null",
        help="Who booked the visit for this patient, or took its cancellation back.",
    )

    arrived_by_id = fields.Many2one(
        "res.users",
        string="Arrival entered by",
        readonly=True,
        copy=False,
        ondelete="set null",
        help="Who said that the patient is here.",
    )

    @api.model
    def _domain_of_treating(self):
        """The visits that make the user somebody who treats the patient."""
        return Domain(
            [
                ("practitioner_id.user_id", "=", self.env.uid),
                "|",
                "&",
                ("state", "in", EXPECTED + CAME),
                ("patient_by_id", "!=", self.env.uid),
                "&",
                ("state", "in", CAME),
                ("arrived_by_id", "!=", self.env.uid),
            ]
        )

    def _prepare_bookings(self, vals_list):
        prepared = super()._prepare_bookings(vals_list)
        for vals in prepared:
            if vals.get("patient_id"):
                vals["patient_by_id"] = self.env.uid
            if vals.get("state") in CAME:
                vals["arrived_by_id"] = self.env.uid
        return prepared

    def _prepare_change(self, vals):
        """Whoever brings a patient onto the agenda is noted, whichever way."""
        vals = super()._prepare_change(vals)
        back = vals.get("state") in AHEAD and any(
            visit.state in ("cancelled", "no_show") for visit in self
        )
        if back or vals.get("patient_id"):
            vals["patient_by_id"] = self.env.uid
        if vals.get("state") in CAME and any(visit.state not in CAME for visit in self):
            vals["arrived_by_id"] = self.env.uid
        return vals

    def action_change_patient(self, patient_id, reason):
        """Say that this visit is another person's; its history tells who was before.

        :param int patient_id: of the card whose visit it is
        :param str reason: why, in a few words
        :raises AccessError: not a role of the desk, or the card is not for the user
        :raises UserError: no reason, or the patient has arrived already
        """
        self.ensure_one()
        self.check_access("write")
        if not (self.env.su or any(map(self.env.user.has_group, DESK))):
            raise AccessError(
                self.env._(
                    "The desk changes whose visit it is: ask a receptionist or the "
                    "coordinator."
                )
            )
        if not (reason or "").strip():
            raise UserError(self.env._("Say why the visit is another person's."))
        if self.state not in AHEAD:
            raise UserError(
                self.env._(
                    "The patient of a visit changes before somebody arrives: take the "
                    "visit one step back, or book another one."
                )
            )
        patient = self.env["res.partner"].browse(int(patient_id)).exists()
        patient.check_access("read")
        if not patient or patient == self.patient_id:
            raise UserError(self.env._("Choose another patient."))
        self._ours().with_context(
            clinic_channel=Said("desk"), clinic_reason=Said(reason.strip()[:200])
        ).write({"patient_id": patient.id, "booked_by_id": False})
        return True
