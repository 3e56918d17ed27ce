from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from odoo.addons.clinic_base.lib.ours import said
from odoo.addons.clinic_patient.lib.roles import STAFF_GROUPS


class CrmLead(models.Model):
    """Deals: whose they are."""

    _inherit = "crm.lead"

    can_be_taken = fields.Boolean(
        string="Waits to be taken",
        compute="_compute_can_be_taken",
        groups=STAFF_GROUPS,
        help="Open, and nobody has taken it in work yet.",
    )

    @api.depends("is_open", "stage_id", "team_id")
    def _compute_can_be_taken(self):
        stages = self._taken_stages()
        for deal in self:
            taken = stages.get(deal.team_id.pipeline)
            deal.can_be_taken = bool(
                deal.is_open and taken and deal.stage_id.sequence < taken.sequence
            )

    @api.model
    def _taken_stages(self):
        """``{pipeline: the stage in which somebody works on its deals}``."""
        # sudo: crm.stage - by their keys, whoever asks
        stages = self.env["crm.stage"].sudo()
        taken = stages.search([("pipeline_key", "=like", "%.taken")])
        return {stage.pipeline: stage for stage in taken}

    def action_take(self):
        """Take these deals in work: they and what is planned for them are mine.

        :raises UserError: a colleague has taken one
        """
        stages = self._taken_stages()
        for deal in self:
            taken = stages.get(deal.team_id.pipeline)
            if taken and (deal.can_be_taken or deal.stage_id == taken):
                deal.write({"stage_id": taken.id})

    # ------------------------------------------------------------
    # Checks
    # ------------------------------------------------------------

    @api.constrains("user_id")
    def _check_owner(self):
        # sudo: crm.lead, res.users - what the colleague may do, not who writes
        for deal in self._deals().sudo():
            user = deal.user_id
            if user and not user._may_own_deals(deal.team_id):
                raise ValidationError(
                    self.env._(
                        "%(user)s may not work on deals of %(pipeline)s: choose "
                        "somebody else.",
                        user=user.name,
                        pipeline=deal.team_id.name,
                    )
                )

    def _check_not_taken(self, stage):
        """Tell who comes second that a colleague has this deal in work.

        :param stage: crm.stage that is written
        :raises UserError: a colleague has taken one
        """
        for deal in self:
            owner = deal.user_id
            if deal.stage_id == stage and owner and owner != self.env.user:
                raise UserError(
                    self.env._(
                        "%(user)s has taken the deal of %(patient)s in work. To work "
                        "on it yourself, change who is responsible.",
                        user=owner.name,
                        patient=deal.patient_id.name,
                    )
                )

    # ------------------------------------------------------------
    # Changing hands
    # ------------------------------------------------------------

    def write(self, vals):
        """Who takes a deal in work is responsible; what is planned goes along.

        :raises UserError: a colleague has taken the deal
        """
        vals = self._take_vals(vals)
        if "user_id" not in vals:
            return super().write(vals)
        owners = {deal: deal.user_id for deal in self._deals()}
        result = super().write(vals)
        for deal, before in owners.items():
            if deal.user_id and deal.user_id != before:
                deal._hand_over_tasks(before)
        return result

    def _take_vals(self, vals):
        """Add who is responsible where a person takes deals in work."""
        deals = self._deals() if vals.get("stage_id") else self.browse()
        if not deals or self.env.su or "user_id" in vals:
            return vals
        stage = self.env["crm.stage"].browse(vals["stage_id"])
        taken = (stage.sudo().pipeline_key or "").endswith(".taken")
        if not taken or said(self.env.context, "clinic_deal_rule"):
            return vals
        deals._check_not_taken(stage)
        return {**vals, "user_id": self.env.uid}

    def _hand_over_tasks(self, before):
        """What was planned for who had the deal, or for nobody in particular, is the
        new one's; what a third person is to do stays."""
        self.ensure_one()
        # sudo: mail.activity - tasks follow the deal, whosever they were
        tasks = self.sudo().activity_ids.filtered(
            lambda task: (
                not task.user_id or task.user_id == before or task.deal_stage_id
            )
        )
        if tasks:
            tasks.with_context(mail_activity_quick_update=True).write(
                {"user_id": self.user_id.id}
            )

    # ------------------------------------------------------------
    # Choosing
    # ------------------------------------------------------------

    @api.model
    def _keep_owner(self, vals, team):
        """Take a responsible person out of the values of an automatic move who may
        not work on the deal, or has left."""
        owner = self.env["res.users"].browse(vals.get("user_id"))
        if "user_id" in vals and not (owner and owner.sudo()._may_own_deals(team)):
            vals = dict(vals)
            del vals["user_id"]
        return vals


class CrmTeam(models.Model):
    """Pipelines: who gets a deal that opens by itself."""

    _inherit = "crm.team"

    assignment = fields.Selection(
        [
            ("before", "Who had the patient before, else the manager"),
            ("turn", "In turn"),
            ("load", "Who has the fewest open deals"),
            ("language", "Who speaks the patient's language"),
        ],
        string="New deals go to",
        default="before",
        required=True,
        groups=STAFF_GROUPS,
        help="Deals that open by themselves. Left out is who is archived, out of "
        "office, at other locations or may not work on them. Who looks after the "
        "patient by the card comes first.",
    )

    def _deal_role(self):
        """External id of the role among which deals of this pipeline are shared out."""
        self.ensure_one()
        role = "coordinator" if self.pipeline == "coordinators" else "receptionist"
        return f"clinic_patient.group_clinic_{role}"

    def _choose_owner(self, card, vals):
        """Whom a deal that opens by itself is given to.

        :param card: res.partner in sudo, the patient
        :param dict vals: what is known of the deal
        :returns: res.users, none when nobody may work on it
        """
        self.ensure_one()
        before = card.responsible_id | self.env["res.users"].browse(vals.get("user_id"))
        kept = card.responsible_id if self.assignment != "before" else before
        for user in (*kept[:2], *self._share_out(card, vals), self.user_id):
            if user and user.sudo()._takes_deals(self, vals):
                return user
        return self.env["res.users"]

    def _share_out(self, card, vals):
        """At most one user: whose turn it is among those who may have the deal."""
        if self.assignment == "before":
            return self.env["res.users"]
        # sudo: res.users - who works here, whoever caused the deal
        users = self.env.ref(self._deal_role()).sudo().user_ids.sorted("id")
        users = users.filtered(lambda user: user._takes_deals(self, vals))
        if self.assignment == "language":
            users = users.filtered(lambda user: user._speaks(card.lang)) or users
        deals = self.env["crm.lead"].sudo().with_context(active_test=False)
        mine = [("team_id", "=", self.id), ("user_id", "in", users.ids)]
        # A later deal has a higher number, in one transaction too.
        last = dict(deals._read_group(mine, ["user_id"], ["id:max"]))
        load = {}
        if self.assignment != "turn":
            is_open = [*mine, ("is_open", "=", True)]
            load = dict(deals._read_group(is_open, ["user_id"], ["__count"]))
        return users.sorted(lambda user: (load.get(user, 0), last.get(user, 0)))[:1]
