from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.clinic_patient.models.res_partner_timeline import TimelineKind


class ResPartner(models.Model):
    """The patient card: deals, and what moves them."""

    _inherit = "res.partner"

    deal_ids = fields.One2many(
        "crm.lead", "patient_id", groups="clinic_patient.group_clinic_user"
    )
    open_deal_count = fields.Integer(
        string="Open deals",
        compute="_compute_open_deal_count",
        groups="clinic_patient.group_clinic_user",
        help="Those you may see.",
    )

    def _compute_open_deal_count(self):
        counts = dict(
            self.env["crm.lead"]._read_group(
                [("patient_id", "in", self.ids), ("is_open", "=", True)],
                ["patient_id"],
                ["__count"],
            )
        )
        for partner in self:
            partner.open_deal_count = counts.get(partner._origin, 0)

    @api.readonly
    def action_view_deals(self):
        """Open the deals of this patient, the closed ones too."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "clinic_pipeline.clinic_deal_action_all"
        )
        return dict(
            action,
            domain=[("patient_id", "=", self.id), ("pipeline", "!=", False)],
            context={"default_patient_id": self.id, "default_type": "opportunity"},
        )

    def _timeline_kinds(self):
        kinds = super()._timeline_kinds()
        deals = self.env["crm.lead"]
        if deals.has_access("read"):
            mine = [("patient_id", "=", self.id), ("pipeline", "!=", False)]
            kinds.append(
                TimelineKind(
                    "deal",
                    self.env._("Deals"),
                    "fa-columns",
                    "info",
                    deals._search(mine),
                    SQL.identifier("crm_lead", "create_date"),
                    self._describe_deals,
                )
            )
        return kinds

    def _describe_deals(self, ids):
        colors = {"won": "success", "lost": "danger"}
        return {
            deal.id: {
                "title": deal.name,
                "text": " · ".join(
                    filter(None, [deal.team_id.name, deal.lost_reason_id.name])
                ),
                "author": deal.user_id.name,
                "badge": deal.stage_id.name,
                "badge_color": colors.get(deal.won_status, "secondary"),
                "open": {"model": "crm.lead", "id": deal.id},
            }
            for deal in self.env["crm.lead"].browse(ids)
        }

    def _contacted(self, kind, summary=None):
        """Deals move, the responsible are told: one statement, a moment later."""
        result = super()._contacted(kind, summary)
        self.env["clinic.pipeline.cause"]._record(
            [
                {
                    "kind": "contact",
                    "patient_id": patient.id,
                    "channel": kind,
                    "summary": summary and summary[:500],
                }
                for patient in self.filtered("is_patient")
            ]
        )
        return result

    def _who_came(self):
        """Those of these patients who came to the clinic before."""
        # sudo: clinic.appointment - visits at every location count
        came = (
            self.env["clinic.appointment"]
            .sudo()
            ._read_group(
                [
                    ("patient_id", "in", self.ids),
                    ("state", "in", ("arrived", "in_room", "done", "closed")),
                ],
                ["patient_id"],
            )
        )
        here = self.browse(patient.id for [patient] in came)
        # sudo: res.partner - a fact for the staff, read by automatic moves
        known = self.sudo().filtered(lambda card: card.visit_count > 0)
        return known.with_env(self.env) | here

    def write(self, vals):
        """The treatment flag moves the deal in Patient Base, both ways."""
        if "on_treatment" not in vals:
            return super().write(vals)
        flag = bool(vals["on_treatment"])
        # sudo: res.partner - compared only
        changed = self.filtered(
            lambda card: card.is_patient and card.sudo().on_treatment != flag
        )
        result = super().write(vals)
        self.env["clinic.pipeline.cause"]._record(
            [{"kind": "treatment", "patient_id": patient.id} for patient in changed]
        )
        return result

    def _after_merged(self, merge):
        """Deals that came from a shared card belong to the company of this one."""
        result = super()._after_merged(merge)
        # sudo: crm.lead - the deals of the card, whoever may see them
        deals = self.env["crm.lead"].sudo().with_context(active_test=False)
        deals.search([("patient_id", "in", self.ids)])._compute_company_id()
        return result

    def _merge_prepare(self, destination, merge):
        """Of two open deals in one pipeline, that of the card that stays goes on where
        the other one was, if that was further along, with what it did not know."""
        result = super()._merge_prepare(destination, merge)
        # sudo: crm.lead - the deals of both cards, whoever may see them
        deals = (
            self.env["crm.lead"]
            .sudo()
            .search(
                [("patient_id", "in", (self | destination).ids), ("is_open", "=", True)]
            )
        )
        for same in deals.grouped("pipeline").values():
            kept = same.filtered(lambda deal: deal.patient_id == destination)[:1]
            if kept:
                kept._take_over(same - kept, merge)
        return result
