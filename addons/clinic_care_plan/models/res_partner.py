from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, format_amount

from odoo.addons.clinic_patient.lib.roles import STAFF_GROUPS
from odoo.addons.clinic_patient.models.res_partner_timeline import TimelineKind

from ..lib.care_plan_life import OPEN
from .clinic_care_plan_payment import PAYABLE

#: Days before an instalment is due from which it is shown as to do.
SOON = 7


class ResPartner(models.Model):
    """The patient card: treatment plans."""

    _inherit = "res.partner"

    care_plan_ids = fields.One2many(
        "clinic.care.plan", "patient_id", string="Treatment plans", groups=STAFF_GROUPS
    )
    care_plan_count = fields.Integer(
        compute="_compute_care_plan_count", groups=STAFF_GROUPS
    )

    @api.depends("care_plan_ids")
    def _compute_care_plan_count(self):
        counts = dict(
            self.env["clinic.care.plan"]._read_group(
                [("patient_id", "in", self.ids), ("state", "!=", "replaced")],
                ["patient_id"],
                ["__count"],
            )
        )
        for partner in self:
            partner.care_plan_count = counts.get(partner, 0)

    def action_open_care_plans(self):
        """The treatment plans of this patient."""
        self.ensure_one()
        return dict(
            self.env["ir.actions.act_window"]._for_xml_id(
                "clinic_care_plan.clinic_care_plan_action"
            ),
            domain=[("patient_id", "=", self.id)],
            context={"default_patient_id": self.id},
        )

    # ------------------------------------------------------------
    # The timeline
    # ------------------------------------------------------------

    def _timeline_kinds(self):
        kinds = super()._timeline_kinds()
        plans = self.env["clinic.care.plan"]
        if not plans.has_access("read"):
            return kinds
        paid = [("plan_id.patient_id", "=", self.id), ("paid_on", "!=", False)]
        return kinds + [
            TimelineKind(
                "plan",
                self.env._("Treatment plans"),
                "fa-list-ol",
                "primary",
                plans._search([("patient_id", "=", self.id)]),
                SQL.identifier("clinic_care_plan", "create_date"),
                self._describe_plans,
            ),
            TimelineKind(
                "payment",
                self.env._("Payments"),
                "fa-money",
                "success",
                self.env["clinic.care.plan.instalment"]._search(paid),
                SQL.identifier("clinic_care_plan_instalment", "paid_on"),
                self._describe_payments,
            ),
        ]

    def _describe_plans(self, ids):
        plans = self.env["clinic.care.plan"].browse(ids)
        states = dict(plans._fields["state"]._description_selection(self.env))
        colors = {"signed": "success", "done": "success", "refused": "danger"}
        return {
            plan.id: {
                "title": plan.title,
                "text": " · ".join(
                    filter(
                        None,
                        [
                            plan.name,
                            format_amount(
                                self.env, plan.amount_total, plan.currency_id
                            ),
                        ],
                    )
                ),
                "author": plan.doctor_name or plan.responsible_id.name,
                "badge": states[plan.state],
                "badge_color": colors.get(plan.state, "secondary"),
                "open": {"model": "clinic.care.plan", "id": plan.id},
            }
            for plan in plans
        }

    def _describe_payments(self, ids):
        instalments = self.env["clinic.care.plan.instalment"].browse(ids)
        return {
            paid.id: {
                "title": self.env._(
                    "%(amount)s paid",
                    amount=format_amount(self.env, paid.amount, paid.currency_id),
                ),
                "text": paid.plan_id.title,
                "author": paid.paid_by_id.name,
                "when": fields.Date.to_string(paid.paid_on),
                "open": {"model": "clinic.care.plan", "id": paid.plan_id.id},
            }
            for paid in instalments
        }

    # ------------------------------------------------------------
    # The portal
    # ------------------------------------------------------------

    def _portal_todo(self, patients):
        return [
            *super()._portal_todo(patients),
            *self._todo_plans(patients),
            *self._todo_instalments(patients),
        ]

    def _todo_plans(self, patients):
        today = fields.Date.context_today(self)
        signs = self._clinic_patients_for("sign")
        # sudo: res.partner - the same cards, as the other set has them
        plans = self.env["clinic.shown"]._find(
            self,
            "clinic.care.plan",
            Domain("patient_id", "in", (patients & signs.sudo()).ids)
            & Domain("state", "in", OPEN)
            & (Domain("valid_until", "=", False) | Domain("valid_until", ">=", today)),
            limit=20,
        )
        return [
            {
                "title": self.env._("Read and sign the treatment plan"),
                "text": f"{plan.title}, {plan.patient_id.name}",
                "url": f"/my/care-plans/{plan.id}",
                "icon": "fa-pencil-square-o",
                "urgent": True,
            }
            for plan in plans
        ]

    def _todo_instalments(self, patients):
        due = self.env["clinic.shown"]._find(
            self,
            "clinic.care.plan.instalment",
            Domain("plan_id.patient_id", "in", patients.ids)
            & Domain("plan_id.state", "in", PAYABLE)
            & Domain("paid_on", "=", False)
            & Domain("due_date", "<=", f"today +{SOON}d"),
            limit=20,
        )
        return [
            {
                "title": self.env._(
                    "Pay %(amount)s",
                    amount=each.currency_id.format(each.amount),
                ),
                "text": f"{each.plan_id.title}, {each.plan_id.patient_id.name}",
                "url": f"/my/care-plans/{each.plan_id.id}#payments",
                "icon": "fa-credit-card",
                "urgent": False,
            }
            for each in due
        ]
