from odoo import api, fields, models
from odoo.tools import SQL

from ..lib.roles import STAFF_GROUPS
from .res_partner_timeline import TimelineKind


class ResPartner(models.Model):
    """The patient card: what the person asked."""

    _inherit = "res.partner"

    enquiry_ids = fields.One2many("clinic.enquiry", "patient_id", groups=STAFF_GROUPS)
    enquiry_count = fields.Integer(
        string="Enquiries", compute="_compute_enquiry_count", groups=STAFF_GROUPS
    )

    def _compute_enquiry_count(self):
        enquiries = self.env["clinic.enquiry"]
        counts = {}
        if enquiries.has_access("read"):
            counts = dict(
                enquiries._read_group(
                    [("patient_id", "in", self.ids)], ["patient_id"], ["__count"]
                )
            )
        for partner in self:
            partner.enquiry_count = counts.get(partner._origin, 0)

    @api.readonly
    def action_view_enquiries(self):
        """Open what this patient asked."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "clinic_patient.clinic_enquiry_action"
        )
        return dict(
            action,
            views=[(False, "list"), (False, "form")],
            domain=[("patient_id", "=", self.id)],
            context={"default_patient_id": self.id},
        )

    def action_is_who_asked(self):
        """Say that the enquiry of the context is this patient's."""
        self.ensure_one()
        enquiry = self.env["clinic.enquiry"].browse(
            self.env.context.get("clinic_enquiry_id")
        )
        enquiry.check_access("write")
        enquiry.patient_id = self
        return True

    def _timeline_kinds(self):
        kinds = super()._timeline_kinds()
        enquiries = self.env["clinic.enquiry"]
        if enquiries.has_access("read"):
            kinds.append(
                TimelineKind(
                    "enquiry",
                    self.env._("Enquiries"),
                    "fa-question",
                    "warning",
                    enquiries._search([("patient_id", "=", self.id)]),
                    SQL.identifier("clinic_enquiry", "date"),
                    self._describe_enquiries,
                )
            )
        return kinds

    @api.model
    def _describe_enquiries(self, ids):
        """What the timeline shows of enquiries."""
        enquiries = self.env["clinic.enquiry"].browse(ids)
        may_read = enquiries._has_field_access(enquiries._fields["text"], "read")
        states = dict(enquiries._fields["state"]._description_selection(enquiries.env))
        channels = dict(
            enquiries._fields["channel"]._description_selection(enquiries.env)
        )
        return {
            enquiry.id: {
                "title": enquiry.topic_id.name or channels[enquiry.channel],
                "text": (enquiry.text or "")[:280] if may_read else "",
                "badge": states[enquiry.state],
                "badge_color": "success"
                if enquiry.state in ("booked", "came")
                else "secondary",
                "open": {"model": "clinic.enquiry", "id": enquiry.id},
            }
            for enquiry in enquiries
        }

    def _contacted(self, kind, summary=None):
        """Extension point: these patients got in touch.

        To be called by whatever receives calls, messages and mails.

        :param str kind: ``call``, ``message``, ``email`` or ``website``
        :param str summary: one line that says what it was about
        """
