from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.clinic_patient.models.res_partner_timeline import TimelineKind

#: Who works with complaints; practitioners and marketing do not.
COMPLAINT_GROUPS = (
    "clinic_patient.group_clinic_manager,clinic_patient.group_clinic_chief_doctor,"
    "clinic_patient.group_clinic_receptionist,clinic_patient.group_clinic_coordinator,"
    "clinic_patient.group_clinic_operator"
)
#: What may be heard of a complaint.
HEARD = frozenset(
    {
        "title",
        "description",
        "category_id",
        "channel",
        "complainant_id",
        "company_id",
        "contact",
        "received_on",
        "severity",
        "visit_id",
    }
)


class ResPartner(models.Model):
    """The patient card: complaints."""

    _inherit = "res.partner"

    complaint_count = fields.Integer(
        string="Complaints",
        compute="_compute_complaint_count",
        groups=COMPLAINT_GROUPS,
    )

    def _compute_complaint_count(self):
        counts = dict(
            self.env["clinic.complaint"]._read_group(
                [("patient_id", "in", self.ids)], ["patient_id"], ["__count"]
            )
        )
        for partner in self:
            partner.complaint_count = counts.get(partner._origin, 0)

    def action_open_complaints(self):
        """The complaints of this patient."""
        self.ensure_one()
        return dict(
            self.env["ir.actions.act_window"]._for_xml_id(
                "clinic_complaint.clinic_complaint_action"
            ),
            domain=[("patient_id", "=", self.id)],
            context={"default_patient_id": self.id},
        )

    @api.model
    def _heard_fields(self):
        """Extension point: what a survey, a review or a page may say of a complaint."""
        return HEARD

    def _open_complaint(self, vals):
        """Record a complaint of this patient, or of nobody known with no record.

        For surveys, reviews, messages and whatever else hears of one. What is left out
        is filled by the category; without one, the first category is taken.

        :param dict vals: fields of ``clinic.complaint``; at least the title
        :return: clinic.complaint in sudo
        :raises AccessError: the values hold more than what may be heard of one
        """
        # sudo: clinic.complaint - the complaint is heard whoever brings it
        complaints = self.env["clinic.complaint"].sudo()
        self.env["clinic.gate"].sudo()._admit([vals], self._heard_fields(), complaints)
        vals = {"channel": "other", **vals}
        if self:
            self.ensure_one()
            vals["patient_id"] = self.id
            if self.company_id:
                vals.setdefault("company_id", self.company_id.id)
        if not vals.get("category_id"):
            categories = self.env["clinic.complaint.category"].sudo()
            vals["category_id"] = categories.search([], limit=1).id
        return complaints.create(vals)

    # ------------------------------------------------------------
    # The timeline
    # ------------------------------------------------------------

    def _timeline_kinds(self):
        kinds = super()._timeline_kinds()
        complaints = self.env["clinic.complaint"]
        if complaints.has_access("read"):
            kinds.append(
                TimelineKind(
                    "complaint",
                    self.env._("Complaints"),
                    "fa-bullhorn",
                    "danger",
                    complaints._search([("patient_id", "=", self.id)]),
                    SQL.identifier("clinic_complaint", "received_on"),
                    self._describe_complaints,
                )
            )
        return kinds

    def _describe_complaints(self, ids):
        complaints = self.env["clinic.complaint"].browse(ids)
        states = dict(complaints._fields["state"]._description_selection(self.env))
        colors = {"resolved": "success", "closed": "secondary"}
        return {
            complaint.id: {
                "title": complaint.display_name,
                "text": (complaint.description or "")[:280],
                "badge": states[complaint.state],
                "badge_color": colors.get(complaint.state, "warning"),
                "open": {"model": "clinic.complaint", "id": complaint.id},
            }
            for complaint in complaints
        }
