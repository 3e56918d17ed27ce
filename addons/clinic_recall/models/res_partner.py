from odoo import api, fields, models
from odoo.tools import SQL
from odoo.tools.misc import format_date

from odoo.addons.clinic_patient.lib.roles import STAFF_GROUPS
from odoo.addons.clinic_patient.models.res_partner_timeline import TimelineKind

from ..lib.recall_life import OPEN

#: Colours of the states on the timeline.
BADGES = {
    "due": "info",
    "overdue": "danger",
    "contacted": "warning",
    "booked": "success",
    "declined": "secondary",
    "unreachable": "secondary",
}


class ResPartner(models.Model):
    """The patient card: recalls."""

    _inherit = "res.partner"

    recall_ids = fields.One2many(
        "clinic.recall", "patient_id", string="Recalls", groups=STAFF_GROUPS
    )
    open_recall_count = fields.Integer(
        string="Open recalls",
        compute="_compute_open_recall_count",
        groups=STAFF_GROUPS,
        help="Those you may see.",
    )

    next_step_text = fields.Char(
        string="Next step", compute="_compute_next_step_text", groups=STAFF_GROUPS
    )

    def _compute_next_step_text(self):
        kinds = dict(
            self.env["clinic.next.step"]
            ._fields["kind"]
            ._description_selection(self.env)
        )
        # sudo: clinic.next.step - that something is planned, not what
        steps = self.env["clinic.next.step"].sudo()
        found = steps.search([("patient_id", "in", self.ids)]).grouped("patient_id")
        for partner in self:
            step = found.get(partner.sudo()._origin)
            partner.next_step_text = step and " · ".join(
                filter(None, [kinds[step.kind], format_date(self.env, step.date)])
            )

    def _compute_open_recall_count(self):
        Recall = self.env["clinic.recall"]
        counts = {}
        if Recall.has_access("read"):
            counts = dict(
                Recall._read_group(
                    [("patient_id", "in", self.ids), ("state", "in", OPEN)],
                    ["patient_id"],
                    ["__count"],
                )
            )
        for partner in self:
            partner.open_recall_count = counts.get(partner._origin, 0)

    @api.readonly
    def action_view_recalls(self):
        """The recalls of this patient, those that ended too."""
        self.ensure_one()
        return dict(
            self.env["ir.actions.act_window"]._for_xml_id(
                "clinic_recall.clinic_recall_action"
            ),
            domain=[("patient_id", "=", self.id)],
            context={"default_patient_id": self.id},
            views=[(False, "list"), (False, "form")],
        )

    def action_next_step(self):
        """What is planned for this patient; where nothing is, give a next step."""
        self.ensure_one()
        step = self.env["clinic.next.step"].search([("patient_id", "=", self.id)])
        if step.kind in (False, "none"):
            return self.env["clinic.next.step"].action_give() | {
                "context": {"default_patient_ids": self.ids}
            }
        return step.action_open_source()

    def _after_merged(self, merge):
        """Two recalls of one rule become one, the later cause going on."""
        result = super()._after_merged(merge)
        # sudo: clinic.recall - the recalls of the card, whoever may see them
        recalls = self.env["clinic.recall"].sudo()
        recalls.search([("patient_id", "in", self.ids)])._compute_company_id()
        self.env["clinic.recall.cause"]._append(self.ids)
        return result

    def _after_unmerged(self, merge, winner):
        result = super()._after_unmerged(merge, winner)
        self.env["clinic.recall.cause"]._append((self | winner).ids)
        return result

    def _timeline_kinds(self):
        kinds = super()._timeline_kinds()
        recalls = self.env["clinic.recall"]
        if recalls.has_access("read"):
            kinds.append(
                TimelineKind(
                    "recall",
                    self.env._("Recalls"),
                    "fa-bell-o",
                    "warning",
                    recalls._search([("patient_id", "=", self.id)]),
                    SQL.identifier("clinic_recall", "create_date"),
                    self._describe_recalls,
                )
            )
        attempts = self.env["clinic.recall.attempt"]
        if attempts.has_access("read"):
            kinds.append(
                TimelineKind(
                    "recall_attempt",
                    self.env._("Attempts to recall"),
                    "fa-phone",
                    "info",
                    attempts._search([("patient_id", "=", self.id)]),
                    SQL.identifier("clinic_recall_attempt", "date"),
                    self._describe_attempts,
                )
            )
        return kinds

    def _describe_recalls(self, ids):
        states = dict(
            self.env["clinic.recall"]._fields["state"]._description_selection(self.env)
        )
        return {
            recall.id: {
                "title": recall.rule_id.name,
                "text": self.env._(
                    "Due on %(day)s", day=fields.Date.to_string(recall.due_date)
                ),
                "badge": states[recall.state],
                "badge_color": BADGES.get(recall.state, "light"),
                "author": recall.responsible_id.name,
                "open": {"model": "clinic.recall", "id": recall.id},
            }
            for recall in self.env["clinic.recall"].browse(ids)
        }

    def _describe_attempts(self, ids):
        fields_ = self.env["clinic.recall.attempt"]._fields
        kinds = dict(fields_["kind"]._description_selection(self.env))
        results = dict(fields_["result"]._description_selection(self.env))
        return {
            attempt.id: {
                "title": f"{kinds[attempt.kind]}: {results[attempt.result]}",
                "text": attempt.note or attempt.reason_id.name or "",
                "badge": attempt.recall_id.rule_id.name,
                "badge_color": "light",
                "author": attempt.user_id.name,
                "open": {"model": "clinic.recall", "id": attempt.recall_id.id},
            }
            for attempt in self.env["clinic.recall.attempt"].browse(ids)
        }
