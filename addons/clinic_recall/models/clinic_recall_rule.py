from odoo import api, fields, models
from odoo.exceptions import ValidationError

from odoo.addons.clinic_patient.lib.roles import CARE_GROUPS

from ..lib.recall_life import TRIGGERS

#: Fields whose change makes recalls that are open due at another time.
TIMING = {"step_ids", "cooldown_days", "decline_days", "give_up_days", "overdue_days"}


class ClinicRecallRule(models.Model):
    """Who is to be asked to come back, when, and how often it is tried.

    A rule never looks at one patient: its recalls are made by one statement for all
    (``_generate``), which may be repeated any number of times.
    """

    _name = "clinic.recall.rule"
    _description = "Recall rule"
    _inherit = ["clinic.gate"]
    _order = "sequence, name, id"

    name = fields.Char(
        required=True,
        translate=True,
        help="The staff reads it on the board: leave diagnoses out of it.",
    )
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    trigger = fields.Selection(
        TRIGGERS,
        required=True,
        default="visit",
        help="What makes a recall. “Patients like these”: whoever fits the conditions "
        "below, so long after the last visit of these services, or at once when there "
        "was none.",
    )
    delay = fields.Integer(
        string="Due after", default=6, required=True, help="0: on the same day."
    )
    delay_unit = fields.Selection(
        [("day", "days"), ("week", "weeks"), ("month", "months"), ("year", "years")],
        required=True,
        default="month",
    )
    service_ids = fields.Many2many(
        "product.template",
        "clinic_recall_rule_service_rel",
        "rule_id",
        "service_id",
        string="Services",
        domain=[("is_healthcare_service", "=", True)],
        help="Empty: any service.",
    )
    specialty_ids = fields.Many2many(
        "clinic.specialty",
        "clinic_recall_rule_specialty_rel",
        "rule_id",
        "specialty_id",
        string="Specialties",
        help="Empty: any specialty.",
    )
    condition_ids = fields.Many2many(
        "clinic.condition",
        "clinic_recall_rule_condition_rel",
        "rule_id",
        "condition_id",
        string="Conditions",
        groups=CARE_GROUPS,
        help="Patients with one of these on the card, finer codes included.",
    )
    segment_id = fields.Many2one(
        "clinic.segment",
        index="btree_not_null",
        ondelete="restrict",
        help="Worked out with the rights of the owner of the rule.",
    )
    sex = fields.Selection([("male", "Men"), ("female", "Women")], help="Empty: all.")
    age_from = fields.Integer(help="Years on the day it is due. 0: from birth.")
    age_to = fields.Integer(
        string="Age to", help="Years on the day it is due, included. 0: no limit."
    )
    birthday_age = fields.Integer(string="Age reached", default=50)
    active_months = fields.Integer(
        string="Was here in the last months",
        help="Only patients who were here within so many months. 0: all.",
    )
    book_service_id = fields.Many2one(
        "product.template",
        string="To be booked",
        domain=[("is_healthcare_service", "=", True)],
        index="btree_not_null",
        ondelete="restrict",
        help="Empty: the service of the visit that caused it.",
    )
    match = fields.Selection(
        [
            ("service", "The same service, or one of the rule"),
            ("specialty", "The same specialty"),
            ("any", "Any visit"),
        ],
        string="Fulfilled by",
        required=True,
        default="service",
        help="Which visit, booked anywhere by anybody, fulfils the recall.",
    )
    step_ids = fields.One2many(
        "clinic.recall.step", "rule_id", string="Attempts", copy=True
    )
    cooldown_days = fields.Integer(
        string="Days between attempts", default=7, required=True
    )
    decline_days = fields.Integer(
        string="Asked again after a refusal (days)",
        default=180,
        required=True,
        help="0: a refusal is for good.",
    )
    give_up_days = fields.Integer(
        string="Given up after the last attempt (days)", default=14, required=True
    )
    overdue_days = fields.Integer(
        string="Overdue after (days)", default=14, required=True
    )
    look_back_days = fields.Integer(
        string="Not older than (days)",
        default=365,
        required=True,
        help="What has been due for longer makes no recall: a new rule does not dig "
        "up everybody of ten years ago.",
    )
    balance_limit = fields.Float(
        string="No message above a debt of",
        digits=(16, 2),
        groups="clinic_patient.group_clinic_money",
        help="Patients who owe more get no message until it is settled. 0: no limit.",
    )
    responsible_id = fields.Many2one(
        "res.users",
        string="Who calls",
        domain=[("share", "=", False)],
        help="Empty: who is responsible for the patient.",
    )
    owner_id = fields.Many2one(
        "res.users",
        required=True,
        default=lambda self: self.env.user,
        domain=[("share", "=", False)],
        ondelete="restrict",
    )
    company_id = fields.Many2one("res.company", index="btree_not_null")
    uses_health = fields.Boolean(
        compute="_compute_uses_health",
        store=True,
        compute_sudo=True,
        help="Its recalls tell something about diagnoses: marketing does not see them.",
    )
    error = fields.Char(
        readonly=True, copy=False, help="Why the rule made no recalls the last time."
    )
    worked_at = fields.Datetime(string="Last worked out", readonly=True, copy=False)
    recall_count = fields.Integer(string="Open recalls", compute="_compute_counts")
    overdue_count = fields.Integer(string="Overdue", compute="_compute_counts")

    _ranges = models.Constraint(
        "CHECK (delay BETWEEN 0 AND 1200 AND cooldown_days BETWEEN 0 AND 365"
        " AND decline_days BETWEEN 0 AND 3650 AND give_up_days BETWEEN 0 AND 365"
        " AND overdue_days BETWEEN 0 AND 3650 AND look_back_days BETWEEN 0 AND 36500"
        " AND age_from BETWEEN 0 AND 150 AND age_to BETWEEN 0 AND 150"
        " AND active_months BETWEEN 0 AND 600)",
        "Days, months and ages of a rule are not negative, and not longer than a life.",
    )
    _birthday = models.Constraint(
        "CHECK (trigger <> 'birthday' OR birthday_age BETWEEN 1 AND 120)",
        "Say which birthday it is: from 1 to 120 years.",
    )

    @api.depends("condition_ids", "segment_id.uses_health")
    def _compute_uses_health(self):
        for rule in self:
            rule.uses_health = bool(rule.condition_ids) or rule.segment_id.uses_health

    def _compute_counts(self):
        counts = {rule.id: [0, 0] for rule in self}
        for rule, state, count in self.env["clinic.recall"]._read_group(
            [
                ("rule_id", "in", self.ids),
                ("state", "in", ("later", "due", "overdue", "contacted")),
            ],
            ["rule_id", "state"],
            ["__count"],
        ):
            counts[rule.id][0] += count
            counts[rule.id][1] += count if state == "overdue" else 0
        for rule in self:
            rule.recall_count, rule.overdue_count = counts.get(rule.id, (0, 0))

    @api.constrains("age_from", "age_to")
    def _check_ages(self):
        for rule in self:
            if rule.age_to and rule.age_to < rule.age_from:
                raise ValidationError(
                    self.env._(
                        "“%(name)s”: the ages go from %(low)s to %(high)s. Write the "
                        "lower one first.",
                        name=rule.name,
                        low=rule.age_from,
                        high=rule.age_to,
                    )
                )

    @api.constrains("trigger", "condition_ids", "segment_id", "service_ids")
    def _check_people(self):
        """A rule for everybody, for ever, is a mistake."""
        # sudo: clinic.recall.rule - conditions are counted, whoever writes the rule
        for rule in self.sudo():
            if rule.trigger == "people" and not (
                rule.condition_ids or rule.segment_id or rule.service_ids
            ):
                raise ValidationError(
                    self.env._(
                        "“%(name)s” would be for every patient: choose services, "
                        "conditions or a segment.",
                        name=rule.name,
                    )
                )

    @api.constrains("segment_id", "owner_id")
    def _check_segment(self):
        """Whoever chooses a segment may read what it asks for; so may the owner."""
        # Odoo runs constraints as superuser; the rights of who writes are asked for.
        for rule in self.sudo(False):
            if rule.segment_id:
                rule.segment_id._patients_query()
                rule.segment_id.with_user(rule.owner_id)._patients_query()

    def write(self, vals):
        result = super().write(vals)
        if TIMING & vals.keys():
            self.env["clinic.recall"]._refresh_of_rules(self)
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_keeps_hand(self):
        by_hand = self.env.ref("clinic_recall.rule_hand", raise_if_not_found=False)
        if by_hand and by_hand in self:
            raise ValidationError(
                self.env._("Recalls by hand need this rule: archive it instead.")
            )

    def action_open_recalls(self):
        """The recalls that this rule made."""
        self.ensure_one()
        return dict(
            self.env["ir.actions.act_window"]._for_xml_id(
                "clinic_recall.clinic_recall_action"
            ),
            name=self.name,
            display_name=self.name,
            domain=[("rule_id", "=", self.id)],
            context={},
        )

    def action_work_out(self):
        """Make the recalls of these rules now, instead of in the night."""
        self.check_access("write")
        made = 0
        for rule in self:
            made += rule._work_out()
        self.env["clinic.recall"]._refresh_of_rules(self)
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._("%(count)s new recalls.", count=made),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }
