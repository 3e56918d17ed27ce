from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from odoo.addons.clinic_message.lib.channels import CHANNELS

from ..lib import journey_clock
from .journey_domain import check_domain

NODE_KINDS = [
    ("wait", "Wait"),
    ("condition", "Condition"),
    ("message", "Message"),
    ("video", "Video"),
    ("task", "Task"),
    ("tag", "Tag"),
    ("deal", "Move the deal"),
    ("goal", "Goal"),
    ("exit", "End"),
]
#: The field that a step of a kind cannot do without.
NEEDED = {
    "message": "template_id",
    "video": "template_id",
    "task": "task_summary",
    "tag": "tag_id",
    "deal": "rule_id",
}
NODE_ICONS = {
    "wait": "fa-clock-o",
    "condition": "fa-code-fork",
    "message": "fa-envelope-o",
    "video": "fa-play-circle-o",
    "task": "fa-check-square-o",
    "tag": "fa-tag",
    "deal": "fa-filter",
    "goal": "fa-trophy",
    "exit": "fa-sign-out",
}
MESSAGE_KINDS = ("journey_care", "journey_news")


class ClinicJourneyNode(models.Model):
    """One step of a journey, and which follows it."""

    _name = "clinic.journey.node"
    _description = "Step of a journey"
    _order = "journey_id, sequence, id"

    journey_id = fields.Many2one(
        "clinic.journey", required=True, index=True, ondelete="cascade"
    )
    sequence = fields.Integer(default=10)
    name = fields.Char(required=True)
    kind = fields.Selection(NODE_KINDS, required=True, default="wait")
    next_id = fields.Many2one(
        "clinic.journey.node",
        string="Then",
        domain="[('journey_id', '=', journey_id), ('id', '!=', id)]",
        ondelete="set null",
        index="btree_not_null",
    )
    else_id = fields.Many2one(
        "clinic.journey.node",
        string="Otherwise",
        domain="[('journey_id', '=', journey_id), ('id', '!=', id)]",
        ondelete="set null",
        index="btree_not_null",
    )
    # Wait
    wait_kind = fields.Selection(
        [
            ("duration", "For some time"),
            ("hour", "Until an hour of the day"),
            ("weekday", "Until a day of the week"),
            ("date", "Until a date"),
        ],
        default="duration",
    )
    wait_amount = fields.Integer(string="How long", default=1)
    wait_unit = fields.Selection(
        [
            ("minutes", "Minutes"),
            ("hours", "Hours"),
            ("days", "Days"),
            ("weeks", "Weeks"),
        ],
        default="days",
    )
    wait_hour = fields.Float(string="At (hour)", default=10.0)
    wait_weekday = fields.Selection(
        [
            ("0", "Monday"),
            ("1", "Tuesday"),
            ("2", "Wednesday"),
            ("3", "Thursday"),
            ("4", "Friday"),
            ("5", "Saturday"),
            ("6", "Sunday"),
        ],
        string="On weekday",
        default="1",
    )
    wait_date = fields.Date(string="Date")
    # Condition
    condition = fields.Selection(
        [
            ("domain", "The card fits"),
            ("booked", "A visit was booked since"),
            ("delivered", "The message arrived"),
            ("read", "The message was read"),
            ("replied", "The patient answered"),
            ("watched", "The video was watched"),
        ],
        default="booked",
    )
    domain = fields.Char(string="Patients", default="[]")
    message_node_id = fields.Many2one(
        "clinic.journey.node",
        string="Which message",
        domain="[('journey_id', '=', journey_id),"
        " ('kind', 'in', ('message', 'video'))]",
        ondelete="set null",
        help="Empty: any message of this journey.",
    )
    watched_percent = fields.Selection(
        [
            ("0", "Begun"),
            ("25", "A quarter"),
            ("50", "Half"),
            ("75", "Three quarters"),
            ("100", "To the end"),
        ],
        string="Watched at least",
        default="50",
    )
    # Message and video
    template_id = fields.Many2one(
        "clinic.message.template",
        string="Text",
        domain=[("kind_id.code", "in", MESSAGE_KINDS)],
        ondelete="restrict",
        index="btree_not_null",
    )
    channel = fields.Selection(CHANNELS, help="Empty: as the switchboard says.")
    video = fields.Binary(attachment=True, help="MP4 or WebM; shown by the clinic.")
    video_name = fields.Char()
    # Task, tag, deal
    task_summary = fields.Char(string="What is to be done")
    task_user_id = fields.Many2one(
        "res.users",
        string="By whom",
        domain="[('share', '=', False)]",
        ondelete="set null",
        help="Empty: who is responsible for the patient, or the owner of the journey.",
    )
    task_days = fields.Integer(string="Within days", default=1)
    tag_id = fields.Many2one("res.partner.category", ondelete="restrict")
    rule_id = fields.Many2one(
        "clinic.pipeline.rule", string="Pipeline move", ondelete="restrict"
    )

    _wait_valid = models.Constraint(
        "CHECK (kind <> 'wait' OR wait_amount BETWEEN 0 AND 10000)",
        "Wait for 0 to 10,000 minutes, hours, days or weeks.",
    )
    _hour_valid = models.Constraint(
        "CHECK (wait_hour >= 0 AND wait_hour < 24)",
        "Write an hour of the day, such as 10:30.",
    )

    @api.constrains("next_id", "else_id", "journey_id")
    def _check_graph(self):
        """Each step is passed once: no circles, and no way into another journey."""
        for node in self:
            ways = node.next_id | node.else_id
            if ways.journey_id - node.journey_id:
                raise ValidationError(
                    self.env._("The next step must be one of the same journey.")
                )
            seen, level = self.browse(), ways
            while level:
                if node in level:
                    raise ValidationError(
                        self.env._(
                            "“%(name)s” would lead back to itself: a patient passes "
                            "each step once.",
                            name=node.name,
                        )
                    )
                seen |= level
                level = (level.next_id | level.else_id) - seen

    @api.constrains("domain", "condition", "kind")
    def _check_domain(self):
        for node in self:
            if node.kind == "condition" and node.condition == "domain":
                check_domain(node, node.domain, node.journey_id.owner_id)

    def _check_complete(self):
        """Refuse to start with a step that would do nothing.

        :raises UserError: names the step and what is missing
        """
        needed = {
            "template_id": self.env._("the text"),
            "task_summary": self.env._("what is to be done"),
            "tag_id": self.env._("the tag"),
            "rule_id": self.env._("the move"),
        }
        for node in self:
            name = NEEDED.get(node.kind)
            missing, words = name and not node[name], needed.get(name)
            if node.kind == "video" and not node.video:
                missing, words = True, self.env._("the video")
            if node.kind == "wait" and node.wait_kind == "date" and not node.wait_date:
                missing, words = True, self.env._("the date")
            if missing:
                raise UserError(
                    self.env._(
                        "The step “%(step)s” lacks %(what)s.",
                        step=node.name,
                        what=words,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        """Add steps; a condition only to a journey that is one's own, or at rest.

        :raises UserError: the journey runs with the rights of somebody else
        """
        nodes = super().create(vals_list)
        if not self.env.su:
            conditions = nodes.filtered(lambda node: node.kind == "condition")
            conditions.journey_id._check_conditions_own()
        return nodes

    def write(self, vals):
        """The kind of a step stays while patients pass it."""
        if not self.env.su and {"domain", "condition", "journey_id"} & vals.keys():
            self.journey_id._check_conditions_own()
        if "kind" in vals and any(
            node.kind != vals["kind"] and node.journey_id.state == "running"
            for node in self
        ):
            raise UserError(
                self.env._("Pause the journey before you change the kind of a step.")
            )
        return super().write(vals)

    def _wait_until(self, moment, zone):
        """When a patient who arrives here at a moment goes on.

        :param datetime moment: naive UTC
        :param str zone: the clock of the clinic
        """
        self.ensure_one()
        if self.wait_kind == "hour":
            return journey_clock.until_hour(moment, self.wait_hour, zone)
        if self.wait_kind == "weekday":
            return journey_clock.until_weekday(
                moment, int(self.wait_weekday), self.wait_hour, zone
            )
        if self.wait_kind == "date":
            return journey_clock.until_date(
                moment, self.wait_date, self.wait_hour, zone
            )
        return journey_clock.after(moment, self.wait_amount, self.wait_unit, zone)
