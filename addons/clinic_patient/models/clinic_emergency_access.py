from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

#: A reason says more than a word.
LEAST_REASON = 10


class ClinicEmergencyAccess(models.Model):
    """A practitioner opened the record of somebody who is not their patient.

    "Break the glass": with a reason, until the end of the day, in the access log, and
    the chief doctor is told at once. Nobody writes, changes or removes a line but
    ``res.partner.action_emergency_access``; FHIR R4 ``Consent`` of type *emergency*.
    """

    _name = "clinic.emergency.access"
    _description = "Access in an emergency"
    _inherit = ["clinic.gate", "mail.thread"]
    _order = "date desc, id desc"
    _rec_name = "date"

    user_id = fields.Many2one(
        "res.users", string="Who", required=True, readonly=True, ondelete="restrict"
    )
    patient_id = fields.Many2one(
        "res.partner",
        string="Whose record",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    date = fields.Datetime(
        required=True, readonly=True, default=fields.Datetime.now, index=True
    )
    last_day = fields.Date(required=True, readonly=True)
    reason = fields.Text(
        required=True,
        readonly=True,
        groups="clinic_patient.group_clinic_practitioner,"
        "clinic_patient.group_clinic_chief_doctor",
        help="May say what the person has: for doctors only.",
    )

    _who_patient = models.Index("(user_id, patient_id, last_day)")

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        if not self.env.su:
            raise UserError(self.env._("Accesses in an emergency are kept."))

    def _tell_chief_doctors(self):
        """Tell who answers for it; no name and no reason leave the database."""
        chiefs = self.env.ref("clinic_patient.group_clinic_chief_doctor").all_user_ids
        for access in self:
            people = chiefs.filtered(
                lambda user, company=access.patient_id.company_id: (
                    user.active and (not company or company in user.company_ids)
                )
            )
            others = people - access.user_id
            if not others:
                # A clinic without a chief doctor: the list of accesses remains.
                continue
            access.message_notify(
                partner_ids=others.partner_id.ids,
                subject=self.env._("A record was opened in an emergency"),
                body=Markup("<p>%s</p>")
                % self.env._("Open it to read who it was, whose record, and why."),
                model_description=self.env._("Access in an emergency"),
            )


class ResPartner(models.Model):
    """The patient card: its record opened in an emergency."""

    _inherit = "res.partner"

    emergency_access_ids = fields.One2many(
        "clinic.emergency.access",
        "patient_id",
        readonly=True,
        groups="clinic_patient.group_clinic_practitioner,"
        "clinic_patient.group_clinic_chief_doctor",
    )

    def action_emergency_access(self, reason):
        """Open the record of a patient whom the user does not treat, for today.

        :param str reason: why; at least ten letters
        :raises AccessError: only practitioners
        :raises UserError: no patient, or no reason
        """
        self.ensure_one()
        if not self.env.user.has_group("clinic_patient.group_clinic_practitioner"):
            raise AccessError(
                self.env._("Only a practitioner opens a record in an emergency.")
            )
        self.check_access("read")
        reason = (reason or "").strip()
        if not self.is_patient or len(reason) < LEAST_REASON:
            raise UserError(
                self.env._(
                    "Say in a sentence why you need the record of this patient now."
                )
            )
        # sudo: clinic.emergency.access - nobody may write it, this is its only door
        access = (
            self.env["clinic.emergency.access"]
            ._past_the_gate()
            .create(
                {
                    "user_id": self.env.uid,
                    "patient_id": self.id,
                    "last_day": self._clinic_today(),
                    "reason": reason[:2000],
                }
            )
        )
        self._log_opening("emergency", str(access.id))
        access._tell_chief_doctors()
        return True
