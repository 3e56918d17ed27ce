from odoo import fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.clinic_patient.lib.roles import STAFF_GROUPS
from odoo.addons.clinic_patient.models.res_partner_timeline import TimelineKind

#: Colours of where a report is on its way.
BADGES = {"ready": "warning", "read": "success", "withdrawn": "danger"}


class ResPartner(models.Model):
    """The patient card: diagnostic reports."""

    _inherit = "res.partner"

    report_count = fields.Integer(compute="_compute_report_count", groups=STAFF_GROUPS)

    def _compute_report_count(self):
        reports = self.env["clinic.diagnostic.report"]
        counts = {}
        if reports.has_access("read"):
            counts = dict(
                reports._read_group(
                    [("patient_id", "in", self.ids)], ["patient_id"], ["__count"]
                )
            )
        for partner in self:
            partner.report_count = counts.get(partner._origin, 0)

    def action_open_reports(self):
        """The reports of this patient."""
        self.ensure_one()
        return dict(
            self.env["ir.actions.act_window"]._for_xml_id(
                "clinic_report.clinic_diagnostic_report_action"
            ),
            domain=[("patient_id", "=", self.id)],
            context={"default_patient_id": self.id},
        )

    def _timeline_kinds(self):
        kinds = super()._timeline_kinds()
        reports = self.env["clinic.diagnostic.report"]
        if reports.has_access("read"):
            kinds.append(
                TimelineKind(
                    "report",
                    self.env._("Reports"),
                    "fa-flask",
                    "success",
                    reports._search([("patient_id", "=", self.id)]),
                    SQL.identifier("clinic_diagnostic_report", "create_date"),
                    self._describe_reports,
                )
            )
        return kinds

    def _describe_reports(self, ids):
        reports = self.env["clinic.diagnostic.report"].browse(ids)
        deliveries = dict(reports._fields["delivery"]._description_selection(self.env))
        return {
            report.id: {
                "title": report.display_name,
                "author": report.doctor_id.name,
                "badge": deliveries[report.delivery],
                "badge_color": BADGES.get(report.delivery, "secondary"),
                "open": {"model": report._name, "id": report.id},
            }
            for report in reports
        }

    # ------------------------------------------------------------
    # The portal
    # ------------------------------------------------------------

    def _portal_todo(self, patients):
        return super()._portal_todo(patients) + self._todo_reports(patients)

    def _todo_reports(self, patients):
        reports = self.env["clinic.diagnostic.report"]._search_readable(
            self, Domain("patient_id", "in", patients.ids), limit=50
        )
        return [
            {
                "title": self.env._("Read the new report"),
                "text": f"{report.kind_id.name}, {report.patient_id.name}",
                "url": f"/my/reports/{report.id}",
                "icon": "fa-file-text-o",
                "urgent": True,
            }
            for report in reports._unread_by(self)
        ]
