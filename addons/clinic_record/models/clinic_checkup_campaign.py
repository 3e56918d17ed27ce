from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL

#: A firm sees no count of fewer people: nobody must be recognised by it.
SMALLEST_CELL = 5


class ClinicCheckupCampaign(models.Model):
    """Check-ups of the people of a firm, and what became of them.

    The firm gets counts, never names, and none that are small.
    """

    _name = "clinic.checkup.campaign"
    _description = "Check-up campaign"
    _clinic_kept = frozenset({"state"})
    _inherit = ["clinic.gate", "mail.thread"]
    _order = "date_start desc, id desc"

    name = fields.Char(required=True)
    firm_id = fields.Many2one(
        "res.partner",
        required=True,
        index=True,
        domain=[("is_company", "=", True)],
        ondelete="restrict",
    )
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    date_start = fields.Date(
        string="From", required=True, default=fields.Date.context_today
    )
    date_end = fields.Date(string="Until")
    state = fields.Selection(
        [("draft", "In preparation"), ("running", "Running"), ("done", "Done")],
        required=True,
        default="draft",
        tracking=True,
    )
    follow_days = fields.Integer(
        string="Days counted after the check-up",
        default=180,
        required=True,
        help="Visits within these days after the check-up count as treatment after it.",
    )
    person_ids = fields.One2many("clinic.checkup.person", "campaign_id")
    person_count = fields.Integer(string="On the roster", compute="_compute_counts")
    examined_count = fields.Integer(string="Examined", compute="_compute_counts")
    finding_count = fields.Integer(string="With findings", compute="_compute_counts")
    came_count = fields.Integer(string="Came for treatment", compute="_compute_counts")

    _period = models.Constraint(
        "CHECK (date_end IS NULL OR date_end >= date_start)",
        "A campaign ends after it begins.",
    )
    _follow_days_range = models.Constraint(
        "CHECK (follow_days BETWEEN 1 AND 1000)",
        "The days counted after a check-up lie between 1 and 1,000.",
    )

    @api.constrains("firm_id")
    def _check_firm(self):
        for campaign in self:
            if not campaign.firm_id.is_company:
                raise ValidationError(
                    self.env._("Choose a company: a campaign is for a firm.")
                )

    @api.depends("person_ids.examined_on", "person_ids.finding_ids")
    def _compute_counts(self):
        # sudo: clinic.checkup.person - plain counts, for everybody who reads campaigns
        people = self.env["clinic.checkup.person"].sudo()
        counts = dict.fromkeys(self.ids, (0, 0, 0))
        if self.ids:
            people.flush_model()
            self.env["clinic.checkup.finding"].flush_model()
            for campaign_id, *numbers in self.env.execute_query(
                SQL(
                    """
                    SELECT p.campaign_id, COUNT(*), COUNT(p.examined_on),
                           COUNT(*) FILTER (WHERE EXISTS (
                               SELECT FROM clinic_checkup_finding f
                                WHERE f.person_id = p.id))
                      FROM clinic_checkup_person p
                     WHERE p.campaign_id = ANY(%s) GROUP BY p.campaign_id
                    """,
                    self.ids,
                )
            ):
                counts[campaign_id] = numbers
        came = people._came(people.search([("campaign_id", "in", self.ids)]))
        for campaign in self:
            numbers = counts.get(campaign.id, (0, 0, 0))
            campaign.person_count, campaign.examined_count = numbers[0], numbers[1]
            campaign.finding_count = numbers[2]
            campaign.came_count = sum(
                1 for person in came if person.campaign_id == campaign
            )

    def action_start(self):
        """The check-ups begin."""
        self._ours().state = "running"

    def action_finish(self):
        """The check-ups are over; who comes for treatment is counted on."""
        self._ours().state = "done"

    def action_open_people(self):
        """The people on the roster."""
        self.ensure_one()
        return dict(
            self.env["ir.actions.act_window"]._for_xml_id(
                "clinic_record.clinic_checkup_person_action"
            ),
            domain=[("campaign_id", "=", self.id)],
            context={"default_campaign_id": self.id},
        )

    def _report_rows(self):
        """What the firm may know: ``[(chapter, count or None)]``; None: too few.

        :returns: rows with counts of at least :data:`SMALLEST_CELL` people
        """
        self.ensure_one()
        # sudo: clinic.checkup.finding - only large counts leave this method
        rows = (
            self.env["clinic.checkup.finding"]
            .sudo()
            ._read_group(
                [("person_id.campaign_id", "=", self.id)],
                ["condition_id"],
                ["person_id:array_agg"],
            )
        )
        chapters = {}
        for condition, people in rows:
            chapters.setdefault(condition.chapter, set()).update(people)
        titles = dict(
            self.env["clinic.condition"]
            ._fields["chapter"]
            ._description_selection(self.env)
        )
        return [
            (titles.get(chapter, ""), self._safe_count(len(people)))
            for chapter, people in sorted(
                chapters.items(), key=lambda pair: (-len(pair[1]), pair[0] or "")
            )
        ]

    @api.model
    def _safe_count(self, count):
        """A count for the firm, or None when it is so small that it points at people.

        The complement is as telling: callers show no total beside a hidden part.
        """
        return count if count >= SMALLEST_CELL else None
