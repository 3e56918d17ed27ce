from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.clinic_patient.lib.roles import CARE_GROUPS
from odoo.addons.clinic_patient.models.res_partner_timeline import TimelineKind

from ..lib.encounter_life import RECORD_GROUPS


class ResPartner(models.Model):
    """The patient card: the medical record."""

    _inherit = "res.partner"

    condition_ids = fields.Many2many(
        "clinic.condition", string="Conditions", groups=CARE_GROUPS
    )
    allergies = fields.Text(
        groups=CARE_GROUPS,
        help="What the patient does not tolerate and how it shows; shown above each "
        "encounter. Write “none known” after asking.",
    )
    encounter_ids = fields.One2many(
        "clinic.encounter", "patient_id", string="Encounters", groups=RECORD_GROUPS
    )
    encounter_count = fields.Integer(
        compute="_compute_encounter_count", groups=RECORD_GROUPS
    )

    @api.depends("encounter_ids")
    def _compute_encounter_count(self):
        counts = dict(
            self.env["clinic.encounter"]._read_group(
                [("patient_id", "in", self.ids)], ["patient_id"], ["__count"]
            )
        )
        for partner in self:
            partner.encounter_count = counts.get(partner, 0)

    def action_open_encounters(self):
        """The encounters of this patient."""
        self.ensure_one()
        return dict(
            self.env["ir.actions.act_window"]._for_xml_id(
                "clinic_record.clinic_encounter_action"
            ),
            domain=[("patient_id", "=", self.id)],
            context={"default_patient_id": self.id},
        )

    @api.model
    def _merge_choices(self):
        """Allergies of two cards can be taken together."""
        choices = super()._merge_choices()
        choices["allergies"] = (self._merge_label("allergies"), ["allergies"])
        return choices

    def _timeline_kinds(self):
        kinds = super()._timeline_kinds()
        encounters = self.env["clinic.encounter"]
        if encounters.has_access("read"):
            kinds.append(
                TimelineKind(
                    "encounter",
                    self.env._("Encounters"),
                    "fa-stethoscope",
                    "primary",
                    encounters._search([("patient_id", "=", self.id)]),
                    SQL.identifier("clinic_encounter", "start"),
                    self._describe_encounters,
                )
            )
        return kinds

    def _describe_encounters(self, ids):
        encounters = self.env["clinic.encounter"].browse(ids)
        states = dict(encounters._fields["state"]._description_selection(self.env))
        return {
            encounter.id: {
                "title": encounter.main_condition_id.display_name
                or self.env._("Encounter without a diagnosis yet"),
                "text": encounter.plan or encounter.complaint or "",
                "author": encounter.practitioner_id.name,
                "badge": states[encounter.state],
                "badge_color": "success"
                if encounter.state == "reviewed"
                else "warning",
                "open": {"model": "clinic.encounter", "id": encounter.id},
            }
            for encounter in encounters
        }
