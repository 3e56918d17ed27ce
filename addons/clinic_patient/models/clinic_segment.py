from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

from odoo.addons.clinic_base.models.fields import UnknownInteger

#: Changing any of these changes who belongs to a segment.
DEFINITION = {
    "kind",
    "domain",
    "operation",
    "base_id",
    "operand_ids",
    "source_id",
    "active",
}


class ClinicSegment(models.Model):
    """A named group of patients: by a rule, frozen, or made of other segments.

    Who belongs to it is always a query (``_patients_query``), never a list of ids in
    memory, and it is worked out with the rights of the reader: a condition on a field
    that somebody may not read is refused to them, whoever wrote it.
    """

    _name = "clinic.segment"
    _description = "Patient segment"
    _inherit = ["clinic.gate"]
    _clinic_kept = frozenset({"owner_id", "snapshot_ids"})
    _order = "name, id"

    name = fields.Char(required=True, translate=True)
    description = fields.Text(translate=True)
    active = fields.Boolean(default=True)
    kind = fields.Selection(
        [
            ("dynamic", "Rule"),
            ("combined", "Combination"),
            ("snapshot", "Snapshot"),
        ],
        required=True,
        default="dynamic",
        help="Rule: patients come and go by themselves. Combination: made of other "
        "segments. Snapshot: the patients of one moment.",
    )
    domain = fields.Char(string="Rule", default="[]")
    operation = fields.Selection(
        [
            ("union", "In any of them"),
            ("intersection", "In all of them"),
            ("difference", "In the first, in none of the others"),
        ],
        default="intersection",
    )
    base_id = fields.Many2one(
        "clinic.segment",
        string="First segment",
        ondelete="restrict",
        index="btree_not_null",
    )
    operand_ids = fields.Many2many(
        "clinic.segment",
        "clinic_segment_operand_rel",
        "segment_id",
        "operand_id",
        string="Other segments",
    )
    source_id = fields.Many2one(
        "clinic.segment",
        string="Taken from",
        ondelete="restrict",
        readonly=True,
        index="btree_not_null",
        help="The segment whose patients the snapshot holds.",
    )
    owner_id = fields.Many2one(
        "res.users",
        required=True,
        index=True,
        default=lambda self: self.env.user,
        domain="[('share', '=', False)]",
        ondelete="restrict",
    )
    sharing = fields.Selection(
        [("private", "Only me"), ("shared", "All staff")],
        required=True,
        default="private",
        help="Shared segments are read by everybody who may read what their rules ask; "
        "the owner and the managers change them.",
    )
    company_id = fields.Many2one("res.company", index="btree_not_null")
    uses_money = fields.Boolean(
        compute="_compute_uses",
        store=True,
        recursive=True,
        help="Asks for money: only those who see money may use it.",
    )
    uses_health = fields.Boolean(
        compute="_compute_uses",
        store=True,
        recursive=True,
        help="Asks for diagnoses: only those who see them may use it.",
    )
    holds_money = fields.Boolean(
        readonly=True,
        copy=False,
        help="Its snapshots were taken while the rule asked for money.",
    )
    holds_health = fields.Boolean(
        readonly=True,
        copy=False,
        help="Its snapshots were taken while the rule asked for diagnoses.",
    )
    track_members = fields.Boolean(
        string="Record who enters and leaves",
        help="Every night the patients are compared with those of the night before.",
    )
    size = fields.Integer(
        string="Patients at last count", readonly=True, copy=False, aggregator=None
    )
    counted_at = fields.Datetime(string="Last count", readonly=True, copy=False)
    live_size = UnknownInteger(
        string="Patients now",
        compute="_compute_live_size",
        help="With your rights, at this moment; empty while the rule is incomplete.",
    )
    snapshot_ids = fields.One2many("clinic.segment.snapshot", "segment_id")
    size_ids = fields.One2many("clinic.segment.size", "segment_id")

    @api.depends(
        "kind",
        "domain",
        "holds_money",
        "holds_health",
        "base_id.uses_money",
        "base_id.uses_health",
        "operand_ids.uses_money",
        "operand_ids.uses_health",
        "source_id.uses_money",
        "source_id.uses_health",
    )
    def _compute_uses(self):
        for segment in self:
            parts = segment._parts()
            secrets = segment._rule_secrets()
            for secret in ("money", "health"):
                segment[f"uses_{secret}"] = (
                    segment[f"holds_{secret}"]
                    or secret in secrets
                    or any(parts.mapped(f"uses_{secret}"))
                )

    def _parts(self):
        """Return the segments that this one is made of, directly."""
        parts = self.browse()
        for segment in self:
            if segment.kind == "combined":
                parts |= segment.base_id | segment.operand_ids
            elif segment.kind == "snapshot":
                parts |= segment.source_id
        return parts

    @api.depends("kind", "domain", "operation", "base_id", "operand_ids", "source_id")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_live_size(self):
        for segment in self:
            try:
                with self.env.cr.savepoint(flush=False):
                    segment.live_size = segment._count()
            except (UserError, ValueError):
                segment.live_size = None

    # ------------------------------------------------------------
    # Checks
    # ------------------------------------------------------------

    @api.constrains("kind", "base_id", "operand_ids", "source_id", "sharing")
    def _check_parts(self):
        for segment in self:
            if segment.kind == "snapshot" and not segment.source_id:
                raise ValidationError(
                    self.env._(
                        "A snapshot is taken from a segment: open that one and choose "
                        "“Freeze as a snapshot”."
                    )
                )
            hidden = segment._parts().filtered(lambda part: part.sharing == "private")
            if segment.kind == "combined" and segment.sharing == "shared" and hidden:
                raise ValidationError(
                    self.env._(
                        "“%(name)s” is made of segments that only you see: share "
                        "“%(part)s” first.",
                        name=segment.name,
                        part=hidden[0].name,
                    )
                )
            if segment.kind == "combined" and not segment._parts():
                raise ValidationError(
                    self.env._("Choose the segments that this one is made of.")
                )
            seen, level = segment.browse(), segment
            while level:
                seen |= level
                # sudo: clinic.segment - a circle through segments of others is one too
                level = level.sudo()._parts()
                if segment in level:
                    raise ValidationError(
                        self.env._(
                            "“%(name)s” would be made of itself: take out one of the "
                            "segments.",
                            name=segment.name,
                        )
                    )
                level -= seen

    @api.constrains("kind", "domain", "base_id", "operand_ids", "source_id", "owner_id")
    def _check_usable(self):
        """Whoever writes a rule may read what it asks for.

        The scheduled actions count with the rights of the owner: without this check one
        could write a rule for somebody else and read the answer in the count.
        """
        for segment in self:
            segment._check_rule()
            # Odoo runs constraints as superuser; the rights asked for are the writer's.
            if not self.env.user._is_superuser():
                segment.sudo(False)._patients_query()
                if segment.kind == "dynamic":
                    self.sudo(False).env["clinic.health.fields"]._check_may_ask(
                        self.sudo(False).env["res.partner"], segment._rule()
                    )

    # ------------------------------------------------------------
    # Creating and writing
    # ------------------------------------------------------------

    def _sealed_fields(self):
        """A snapshot does not become a definition, nor the other way round."""
        snapshot = any(segment.kind == "snapshot" for segment in self)
        return super()._sealed_fields() | ({"kind"} if snapshot else set())

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_may_hand_over(vals)
        segments = super().create(vals_list)
        segments.filtered(lambda segment: segment.kind != "snapshot")._recount()
        return segments

    def _check_may_hand_over(self, vals):
        """Nobody names somebody else whose rights then answer for them.

        :raises AccessError: only managers give a segment to others
        """
        given = vals.get("owner_id", self.env.uid) != self.env.uid
        if (
            given
            and not self.env.su
            and not self.env.user.has_group("clinic_patient.group_clinic_manager")
        ):
            raise AccessError(
                self.env._("Only managers give a segment to another owner.")
            )

    def write(self, vals):
        self._check_may_hand_over(vals)
        if not DEFINITION & vals.keys():
            return super().write(vals)
        secret = self.filtered(lambda segment: segment.uses_money | segment.uses_health)
        result = super().write(vals)
        # Counts of what few may ask for do not become readable with the new rule.
        # sudo: clinic.segment.size - nobody removes sizes by hand
        secret.sudo().size_ids.unlink()
        self._recount()
        return result

    def copy_data(self, default=None):
        return [
            dict(
                {name: value for name, value in vals.items() if name != "owner_id"},
                name=self.env._("%(name)s (copy)", name=segment.name),
                sharing="private",
            )
            for segment, vals in zip(self, super().copy_data(default), strict=True)
        ]

    # ------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------

    @api.readonly
    def action_open_patients(self):
        """Open the patients of the segment as list, pivot, graph or cards."""
        self.ensure_one()
        self._patients_query()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "clinic_patient.clinic_segment_patients_action"
        )
        return dict(
            action,
            name=self.name,
            display_name=self.name,
            domain=[("is_patient", "=", True), ("segment_ids", "in", self.ids)],
        )

    def action_freeze(self):
        """Make a snapshot segment of the patients of this moment, and open it."""
        self.ensure_one()
        frozen = self._ours().create(
            {
                "name": self.env._(
                    "%(name)s, %(day)s",
                    name=self.name,
                    day=fields.Date.to_string(fields.Date.context_today(self)),
                ),
                "kind": "snapshot",
                "source_id": self.id,
                "company_id": self.company_id.id,
            }
        )
        frozen = frozen.with_env(self.env)
        frozen.action_take_snapshot()
        return frozen._get_records_action()

    def action_take_snapshot(self):
        """Record who belongs to the segment now, and who entered and left since."""
        for segment in self:
            segment.check_access("write")
            segment._take_snapshot()
