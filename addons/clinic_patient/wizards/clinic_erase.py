from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError


class ClinicErase(models.TransientModel):
    """Asks, before a person is erased, whether it is really meant."""

    _name = "clinic.erase"
    _description = "Erase a person"

    patient_id = fields.Many2one("res.partner", required=True, readonly=True)
    preview = fields.Html(compute="_compute_preview")
    reason = fields.Char(help="For example the date of the request.")
    confirmation = fields.Char(
        help="Type the family name of the patient, as it stands on the card."
    )

    @api.depends("patient_id")
    def _compute_preview(self):
        erasure = self.env["clinic.erasure"]
        for wizard in self:
            wizard._check_may_erase()
            # sudo: clinic.erasure - it counts rows of any addon, for who may erase
            goes, changes, stays = erasure.sudo()._plan(wizard.patient_id.sudo())
            wizard.preview = self.env["ir.qweb"]._render(
                "clinic_patient.erase_preview",
                {
                    "goes": erasure._summary(goes),
                    "changes": erasure._summary(changes),
                    "stays": erasure._summary(stays),
                },
            )

    def _check_may_erase(self):
        if not (
            self.env.su
            or self.env.user.has_group("clinic_patient.group_clinic_manager")
        ):
            raise AccessError(self.env._("Only managers erase people."))
        self.patient_id.check_access("write")

    def action_erase(self):
        """Erase the person for good.

        :raises UserError: the name was not typed, or the person is under treatment
        """
        self.ensure_one()
        self._check_may_erase()
        patient = self.patient_id
        if not patient.is_patient or patient.erased_at:
            raise UserError(self.env._("There is nobody to erase on this card."))
        expected = patient.family_name or patient.given_name
        if (self.confirmation or "").strip() != expected:
            raise UserError(
                self.env._(
                    "Type the family name exactly as it stands on the card to confirm."
                )
            )
        if patient.on_treatment:
            raise UserError(
                self.env._(
                    "The patient is under treatment: end the treatment plan first."
                )
            )
        self.env["clinic.erasure"]._erase(patient)
        return self.env["ir.actions.act_window"]._for_xml_id(
            "clinic_patient.clinic_patient_action"
        )
