from odoo import Command, fields, models
from odoo.exceptions import UserError


class ClinicFamilyWizard(models.TransientModel):
    """Several patients out of one call: the family of a patient, in one go."""

    _name = "clinic.family.wizard"
    _description = "Add family members"

    patient_id = fields.Many2one("res.partner", required=True, readonly=True)
    family_name = fields.Char(related="patient_id.family_name")
    share_phones = fields.Boolean(
        string="Same phone numbers",
        default=True,
        help="The new cards get a copy of the phone numbers.",
    )
    share_address = fields.Boolean(string="Same address", default=True)
    line_ids = fields.One2many(
        "clinic.family.wizard.line", "wizard_id", string="Family members"
    )

    def action_create(self):
        """Create the cards, related to the patient, and show them."""
        self.ensure_one()
        if not self.line_ids:
            raise UserError(self.env._("Add at least one family member."))
        members = self.env["res.partner"].create(
            [self._prepare_member_vals(line) for line in self.line_ids]
        )
        self.env["clinic.relationship"].create(
            [
                vals
                for line, member in zip(self.line_ids, members, strict=True)
                for vals in self._prepare_relationship_vals_list(line, member)
            ]
        )
        return dict(
            self.patient_id.action_open_family(),
            domain=[("id", "in", (self.patient_id | members).ids)],
        )

    def _prepare_member_vals(self, line):
        patient = self.patient_id
        vals = {
            "is_patient": True,
            "family_name": line.family_name,
            "given_name": line.given_name,
            "birth_date": line.birth_date,
            "sex": line.sex,
            "tax_code": line.tax_code,
            "lang": patient.lang,
            "company_id": patient.company_id.id,
        }
        if self.share_address:
            vals.update(patient._get_address_values())
        if self.share_phones:
            vals["phone_ids"] = [
                Command.create(
                    {
                        "number": phone.number,
                        "label": phone.label,
                        "sequence": phone.sequence,
                        "is_preferred": phone.is_preferred,
                    }
                )
                for phone in patient.phone_ids
            ]
        return vals

    def _prepare_relationship_vals_list(self, line, member):
        """Return the relations of a new member, seen from the patient of the card."""
        patient = self.patient_id
        if line.relation == "parent":
            return [self._relationship(patient, member, "parent")]
        if line.relation == "child":
            return [self._relationship(member, patient, "parent")]
        if line.relation == "sibling":
            guardians = patient.relationship_ids.filtered(
                lambda r: r.kind in ("parent", "guardian")
            )
            return [
                self._relationship(member, patient, "sibling"),
                *guardians.copy_data({"patient_id": member.id}),
            ]
        return [self._relationship(member, patient, line.relation)]

    def _relationship(self, patient, guardian, kind):
        return {"patient_id": patient.id, "guardian_id": guardian.id, "kind": kind}
