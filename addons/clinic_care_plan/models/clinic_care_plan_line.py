from odoo import api, fields, models
from odoo.exceptions import UserError

from ..lib.care_plan_life import OPEN

#: What changes after the approval: the patient's choice, and what was done.
LATER = {"accepted", "done_by_hand"}
#: States of visits in which a line was done.
DONE = ("done", "closed")


class ClinicCarePlanLine(models.Model):
    """One service of a treatment plan, with its place on the body and its price."""

    _name = "clinic.care.plan.line"
    _description = "Line of a treatment plan"
    _inherit = ["clinic.gate"]
    _order = "plan_id, stage_sequence, sequence, id"
    #: A line of a draft does not become one of a plan that was signed.
    _clinic_sealed = frozenset({"plan_id"})

    plan_id = fields.Many2one(
        "clinic.care.plan", required=True, index=True, ondelete="cascade"
    )
    state = fields.Selection(related="plan_id.state")
    stage_id = fields.Many2one(
        "clinic.care.plan.stage",
        domain="[('plan_id', '=', plan_id)]",
        index="btree_not_null",
        ondelete="set null",
    )
    stage_sequence = fields.Integer(
        related="stage_id.sequence", store=True, string="Order of the stage"
    )
    sequence = fields.Integer(default=10)
    service_id = fields.Many2one(
        "product.template",
        required=True,
        index=True,
        domain=[("type", "=", "service")],
        ondelete="restrict",
    )
    name = fields.Char(
        string="Description",
        required=True,
        compute="_compute_from_service",
        store=True,
        readonly=False,
        precompute=True,
    )
    site = fields.Char(
        string="Tooth or site",
        help="Tooth by ISO 3950 (11 to 85), or site of the body.",
    )
    quantity = fields.Float(default=1, required=True, digits=(16, 2))
    price_unit = fields.Monetary(
        string="Price",
        required=True,
        compute="_compute_from_service",
        store=True,
        readonly=False,
        precompute=True,
    )
    discount = fields.Float(string="Discount %", digits=(5, 2))
    subtotal = fields.Monetary(compute="_compute_subtotal", store=True, precompute=True)
    currency_id = fields.Many2one(related="plan_id.currency_id")
    optional = fields.Boolean(help="The patient may leave it out.")
    accepted = fields.Boolean(copy=False, help="The patient wants it.")
    done_by_hand = fields.Float(
        string="Done before",
        digits=(16, 2),
        help="Done outside the visits of this plan, for example in an older version.",
    )
    done_quantity = fields.Float(
        string="Done", compute="_compute_done_quantity", digits=(16, 2)
    )

    appointment_ids = fields.One2many("clinic.appointment", "plan_line_id")

    _quantity_positive = models.Constraint(
        "CHECK (quantity > 0 AND quantity <= 1000)",
        "A quantity lies between 0 and 1,000.",
    )
    _discount_range = models.Constraint(
        "CHECK (discount >= 0 AND discount <= 100)",
        "A discount lies between 0 and 100 %.",
    )
    _price_not_negative = models.Constraint(
        "CHECK (price_unit >= 0)", "A price cannot be negative."
    )

    @api.depends("service_id")
    def _compute_from_service(self):
        for line in self:
            line.name = line.service_id.name
            line.price_unit = line._service_price()

    def _service_price(self):
        """The price of the service today; a price list may be put here by extension."""
        return self.service_id.list_price

    @api.depends("quantity", "price_unit", "discount")
    def _compute_subtotal(self):
        for line in self:
            amount = line.quantity * line.price_unit * (1 - line.discount / 100)
            currency = line.currency_id or self.env.company.currency_id
            line.subtotal = currency.round(amount)

    @api.depends("done_by_hand")
    def _compute_done_quantity(self):
        done = self._done_in_visits()
        for line in self:
            line.done_quantity = line.done_by_hand + done.get(line.id, 0)

    def _done_in_visits(self):
        """Extension point: how much of each line was done, one in each finished visit.

        :returns: ``{line id: quantity}``
        """
        # sudo: clinic.appointment - visits at every location count
        return {
            line.id: count
            for line, count in self.env["clinic.appointment"]
            .sudo()
            ._read_group(
                [("plan_line_id", "in", self.ids), ("state", "in", DONE)],
                ["plan_line_id"],
                ["__count"],
            )
        }

    @api.constrains("stage_id", "plan_id")
    def _check_stage(self):
        for line in self:
            if line.stage_id and line.stage_id.plan_id != line.plan_id:
                raise UserError(self.env._("Choose a stage of this plan."))

    @api.model_create_multi
    def create(self, vals_list):
        """Lines belong to a draft."""
        lines = super().create(vals_list)
        lines.plan_id._check_editable()
        return lines

    def write(self, vals):
        """What was approved is not rewritten; only the choice and the progress are."""
        if vals.keys() - LATER:
            self.plan_id._check_editable()
        if "accepted" in vals and any(plan.state not in OPEN for plan in self.plan_id):
            raise UserError(
                self.env._("The patient chooses while the plan is presented.")
            )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_only_of_drafts(self):
        self.plan_id._check_editable()
