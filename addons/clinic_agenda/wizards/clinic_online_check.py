from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.clinic_base.lib import clock

from ..models.online_rule import ONLINE_RULES


class ClinicOnlineCheck(models.TransientModel):
    """Why is this (not) bookable on the website?

    Choose any of service, practitioner and location; every offer that matches is
    listed with each switch of the cascade, the schedule, and the first free time.
    """

    _name = "clinic.online.check"
    _description = "Why is this bookable?"

    service_id = fields.Many2one(
        "product.template", domain=[("is_healthcare_service", "=", True)]
    )
    practitioner_id = fields.Many2one("clinic.practitioner")
    location_id = fields.Many2one("clinic.location")
    coverage_id = fields.Many2one("clinic.coverage")
    line_ids = fields.One2many(
        "clinic.online.check.line", "check_id", compute="_compute_line_ids", store=True
    )
    summary = fields.Char(compute="_compute_line_ids", store=True)

    @api.depends("service_id", "practitioner_id", "location_id", "coverage_id")
    def _compute_line_ids(self):
        for check in self:
            lines = check._lines()
            check.line_ids = [(5, 0)] + [(0, 0, line) for line in lines]
            bookable = sum(line["bookable"] for line in lines)
            check.summary = (
                self.env._(
                    "%(bookable)s of %(total)s offers can be booked on the website.",
                    bookable=bookable,
                    total=len(lines),
                )
                if lines
                else self.env._(
                    "Nobody offers this: add an offer of a practitioner for the "
                    "service at a location."
                )
            )

    def _lines(self):
        """One dict of values for each matching offer, blocked ones first."""
        self.ensure_one()
        if not (self.service_id or self.practitioner_id or self.location_id):
            return []
        domain = [
            (name, "=", self[name].id)
            for name in ("service_id", "practitioner_id", "location_id")
            if self[name]
        ]
        offers = self.env["clinic.offer"].search(domain, limit=200)
        verdicts = self._verdicts(offers)
        firsts = self._first_times(offers)
        lines = []
        for offer in offers:
            reasons = verdicts[offer.id] + self._coverage_reasons(offer)
            first = firsts.get(offer.id)
            if not reasons and not first:
                reasons.append(
                    self.env._(
                        "No free time within the notice and the booking horizon: "
                        "check schedule, online share and exceptions"
                    )
                )
            lines.append(
                {
                    "offer_id": offer.id,
                    "bookable": not reasons,
                    "reasons": "\n".join(reasons) or self.env._("All switches are on"),
                    "first_time": first
                    and offer.location_id._speak_time(first)
                    or False,
                }
            )
        return sorted(lines, key=lambda line: line["bookable"])

    def _verdicts(self, offers):
        """Which rules fail: the same conditions that the search of times uses.

        :returns: ``{offer id: [message of each failed rule]}``
        """
        if not offers:
            return {}
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT o.id, t.active AND p.active AND l.active, %s
                  FROM clinic_offer o
                  JOIN product_template t ON t.id = o.service_id
                  JOIN clinic_practitioner p ON p.id = o.practitioner_id
                  JOIN clinic_location l ON l.id = o.location_id
                  LEFT JOIN clinic_specialty sp ON sp.id = t.specialty_id
                  LEFT JOIN product_pricelist pl ON pl.id = l.pricelist_id
                 WHERE o.id IN %s
                """,
                SQL(", ").join(SQL(rule.condition) for rule in ONLINE_RULES),
                tuple(offers.ids),
            )
        )
        archived = self.env._("Service, practitioner or location is archived")
        return {
            offer_id: ([] if active else [archived])
            + [
                self.env._(rule.failed)
                for rule, passed in zip(ONLINE_RULES, passes, strict=True)
                if not passed
            ]
            for offer_id, active, *passes in rows
        }

    def _coverage_reasons(self, offer):
        coverage = self.coverage_id
        if not coverage:
            return []
        if not coverage.online_bookable:
            return [
                self.env._(
                    "%(coverage)s is kept away from online booking",
                    coverage=coverage.name,
                )
            ]
        if not coverage._accepted_for(offer.service_id, offer.location_id):
            return [
                self.env._(
                    "%(coverage)s is not accepted here for this service",
                    coverage=coverage.name,
                )
            ]
        return []

    def _first_times(self, offers):
        now = clock.now()
        return {
            slot["offer_id"]: slot["start"]
            for service in offers.service_id
            for slot in self.env["clinic.slot"].first_slots(
                service.id,
                now,
                now + timedelta(days=365),
                practitioner_ids=offers.practitioner_id.ids,
                location_ids=offers.location_id.ids,
                online=True,
            )
        }


class ClinicOnlineCheckLine(models.TransientModel):
    """One offer, and what stands in its way."""

    _name = "clinic.online.check.line"
    _description = "Why is this bookable? Line"

    check_id = fields.Many2one("clinic.online.check", ondelete="cascade")
    offer_id = fields.Many2one("clinic.offer", required=True, ondelete="cascade")
    practitioner_id = fields.Many2one(related="offer_id.practitioner_id")
    service_id = fields.Many2one(related="offer_id.service_id")
    location_id = fields.Many2one(related="offer_id.location_id")
    bookable = fields.Boolean()
    reasons = fields.Text()
    first_time = fields.Char(string="First free time")

    def action_open_offer(self):
        """Go to the offer to switch it."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "clinic.offer",
            "res_id": self.offer_id.id,
            "views": [(False, "form")],
            "target": "current",
        }
