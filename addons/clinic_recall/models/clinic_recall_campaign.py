from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from odoo.addons.clinic_message.lib.channels import CHANNELS

#: Days of the week that are used, as they are stored.
WEEKDAYS = (
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
)


class ClinicRecallCampaign(models.Model):
    """A mass recall: whom it would reach and whom not and why, then the sending, then
    what came of it.

    The messages are those of a bulk sending (``clinic.message.campaign``), which
    pauses, resumes and stops them.
    """

    _name = "clinic.recall.campaign"
    _description = "Mass recall"
    _inherit = ["clinic.gate", "mail.thread"]
    _order = "date_start desc, id desc"

    name = fields.Char(required=True)
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("running", "Running"),
            ("paused", "Paused"),
            ("stopped", "Stopped"),
            ("done", "Done"),
        ],
        required=True,
        default="draft",
        readonly=True,
        copy=False,
        tracking=True,
        group_expand=True,
    )
    segment_id = fields.Many2one(
        "clinic.segment",
        required=True,
        index=True,
        ondelete="restrict",
        help="Worked out with your rights.",
    )
    domain = fields.Char(
        string="Only those who", default="[]", help="Narrows the segment."
    )
    kind_id = fields.Many2one(
        "clinic.message.kind",
        required=True,
        ondelete="restrict",
        default=lambda self: self.env.ref(
            "clinic_recall.kind_recall_campaign", raise_if_not_found=False
        ),
        help="Its purpose decides whose consent is needed.",
    )
    template_id = fields.Many2one(
        "clinic.message.template",
        string="Text",
        required=True,
        domain="[('kind_id', '=', kind_id)]",
        default=lambda self: self.env.ref(
            "clinic_recall.template_recall_campaign", raise_if_not_found=False
        ),
        ondelete="restrict",
    )
    channel = fields.Selection(CHANNELS, help="Empty: as the switchboard says.")
    service_id = fields.Many2one(
        "product.template",
        string="To be booked",
        domain=[("is_healthcare_service", "=", True)],
        ondelete="restrict",
        help="Which bookings count as its result. Empty: any.",
    )
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    user_id = fields.Many2one(
        "res.users",
        string="Responsible",
        required=True,
        default=lambda self: self.env.user,
        domain=[("share", "=", False)],
    )
    # When
    date_start = fields.Date(
        string="First day", required=True, default=fields.Date.context_today
    )
    hour_from = fields.Integer(string="From hour", default=10, required=True)
    hour_to = fields.Integer(string="To hour", default=18, required=True)
    per_hour = fields.Integer(
        string="Messages an hour",
        default=100,
        required=True,
        help="So many as the desk can answer calls for.",
    )
    monday = fields.Boolean(default=True)
    tuesday = fields.Boolean(default=True)
    wednesday = fields.Boolean(default=True)
    thursday = fields.Boolean(default=True)
    friday = fields.Boolean(default=True)
    saturday = fields.Boolean()
    sunday = fields.Boolean()
    # Who not
    skip_booked = fields.Boolean(string="Not those who have a visit", default=True)
    skip_contacted_days = fields.Integer(
        string="Not those written to within (days)",
        default=14,
        required=True,
        help="By a recall, a mass recall, news or offers. 0: all.",
    )
    attribution_days = fields.Integer(
        string="Days counted",
        default=30,
        required=True,
        help="A visit that is booked within so many days after the message counts.",
    )
    bulk_id = fields.Many2one(
        "clinic.message.campaign", readonly=True, copy=False, ondelete="set null"
    )
    previewed_at = fields.Datetime(readonly=True, copy=False)
    gets_count = fields.Integer(string="Get it", compute="_compute_members")
    excluded_count = fields.Integer(string="Excluded", compute="_compute_members")
    preview_summary = fields.Char(string="Preview", compute="_compute_members")

    _hours = models.Constraint(
        "CHECK (hour_from >= 0 AND hour_from < hour_to AND hour_to <= 24)",
        "The hours of a day go from 0 to 24, the first before the last.",
    )
    _numbers = models.Constraint(
        "CHECK (per_hour BETWEEN 1 AND 100000 AND attribution_days BETWEEN 1 AND 730"
        " AND skip_contacted_days BETWEEN 0 AND 730)",
        "Send at least one message an hour; days lie between 1 and 730.",
    )

    def _compute_members(self):
        # sudo: clinic.recall.campaign.member - plain counts
        members = self.env["clinic.recall.campaign.member"].sudo()
        labels = dict(members._fields["reason"]._description_selection(self.env))
        counts = {campaign.id: {} for campaign in self._origin}
        for campaign, reason, count in members._read_group(
            [("campaign_id", "in", self._origin.ids)],
            ["campaign_id", "reason"],
            ["__count"],
        ):
            counts[campaign.id][reason] = count
        for campaign in self:
            found = dict(counts.get(campaign._origin.id, {}))
            campaign.gets_count = found.pop("gets", 0)
            campaign.excluded_count = sum(found.values())
            campaign.preview_summary = self.env._(
                "%(gets)s get it, %(excluded)s do not.",
                gets=campaign.gets_count,
                excluded=campaign.excluded_count,
            )
            if found:
                reasons = sorted(found.items(), key=lambda item: -item[1])
                campaign.preview_summary += " " + "; ".join(
                    f"{labels[reason]}: {count}" for reason, count in reasons
                )

    @api.constrains(*WEEKDAYS)
    def _check_weekdays(self):
        for campaign in self:
            if not campaign._weekdays():
                raise ValidationError(
                    self.env._("Choose at least one day of the week.")
                )

    @api.constrains("template_id", "kind_id")
    def _check_template(self):
        for campaign in self:
            if campaign.template_id.kind_id != campaign.kind_id:
                raise ValidationError(
                    self.env._(
                        "The text “%(text)s” is for another kind of message.",
                        text=campaign.template_id.name,
                    )
                )

    @api.constrains("segment_id", "domain", "user_id")
    def _check_people(self):
        """Whoever writes it may read what it asks for."""
        # Odoo runs constraints as superuser; the rights of who writes are asked for.
        for campaign in self.sudo(False):
            campaign._patients_query()

    def write(self, vals):
        """What was started is not rewritten.

        :raises UserError: another segment, text or schedule after the start
        """
        fixed = {
            "segment_id",
            "domain",
            "kind_id",
            "template_id",
            "channel",
            "skip_booked",
            "skip_contacted_days",
            "company_id",
        } & vals.keys()
        if fixed and any(campaign.state != "draft" for campaign in self):
            raise UserError(
                self.env._("It was started already: make a copy to change it.")
            )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_drafts(self):
        if any(campaign.state != "draft" for campaign in self):
            raise UserError(
                self.env._("What was sent is kept: stop it instead of deleting it.")
            )

    def _weekdays(self):
        return {number for number, name in enumerate(WEEKDAYS) if self[name]}
