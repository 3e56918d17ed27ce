from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..lib.channels import CHANNELS


class ClinicMessageSwitch(models.Model):
    """One cell of the switchboard: a kind of message on a channel."""

    _name = "clinic.message.switch"
    _description = "Switch of the message board"
    _order = "kind_id, sequence, id"
    _rec_name = "channel"

    kind_id = fields.Many2one(
        "clinic.message.kind", required=True, index=True, ondelete="cascade"
    )
    channel = fields.Selection(CHANNELS, required=True)
    is_on = fields.Boolean(string="Switched on", default=True)
    sequence = fields.Integer(
        default=10, help="The first channel a patient can be reached by is taken."
    )
    template_id = fields.Many2one(
        "clinic.message.template",
        string="Text",
        ondelete="restrict",
        index="btree_not_null",
        domain="[('kind_id', '=', kind_id), ('channel', 'in', (False, channel))]",
    )
    patience_minutes = fields.Integer(
        string="Then the next channel after (minutes)",
        help="If it is not delivered until then, the next channel is tried. "
        "0: only when it fails.",
    )
    company_id = fields.Many2one("res.company", index="btree_not_null")

    _patience = models.Constraint(
        "CHECK (patience_minutes >= 0)", "The time to wait cannot be negative."
    )

    @api.constrains("template_id", "kind_id", "channel")
    def _check_template(self):
        for switch in self:
            template = switch.template_id
            if template and (
                template.kind_id != switch.kind_id
                or template.channel not in (False, switch.channel)
            ):
                raise ValidationError(
                    self.env._(
                        "The text “%(text)s” is for another kind or channel.",
                        text=template.name,
                    )
                )

    @api.model
    def _scope(self, company, record=None, location=None):
        """Extension point: what narrows the choice of switches.

        :param company: res.company
        :param record: origin of the message, perhaps none
        :param location: place of the message, perhaps none
        :returns: dict that :meth:`_fits` and :meth:`_weight` look at
        """
        return {"company": company, "location": location}

    def _fits(self, scope):
        """Extension point: whether this switch is meant for a scope."""
        self.ensure_one()
        return not self.company_id or self.company_id == scope["company"]

    def _weight(self):
        """Extension point: how special this switch is; the most special one counts."""
        self.ensure_one()
        return 1 if self.company_id else 0

    @api.model
    def _chosen(self, kind, scope):
        """Return the switches that count for a kind: one a channel, those that are on.

        An override that is off switches its channel off for its scope.
        """
        best = {}
        for switch in kind.switch_ids:
            if not switch._fits(scope):
                continue
            held = best.get(switch.channel)
            if not held or switch._weight() > held._weight():
                best[switch.channel] = switch
        chosen = self.browse(switch.id for switch in best.values())
        return chosen.filtered("is_on").sorted(lambda each: (each.sequence, each.id))
