import hashlib
import json

from odoo import models
from odoo.exceptions import UserError

from ..lib import instalments
from ..lib.care_plan_life import SHOWN

REPORT = "clinic_care_plan.action_report_care_plan"


class ClinicCarePlan(models.Model):
    """What the patient sees of a plan, and that this is what is signed."""

    _inherit = "clinic.care.plan"

    def _agreed_amount(self):
        """What the chosen services cost; of all, before the patient may choose."""
        self.ensure_one()
        return self.amount_accepted if self.state in SHOWN else self.amount_total

    def _shown_digest(self):
        """SHA-256 of everything the patient agrees to, as hexadecimal text.

        The page carries it, and a signature is taken only with the digest of what
        stands here at that moment.
        """
        self.ensure_one()
        lines = [
            [
                line.id,
                line.stage_id.name or "",
                line.name,
                line.site or "",
                line.quantity,
                line.price_unit,
                line.discount,
                line.subtotal,
                line.optional,
                line.accepted,
            ]
            for line in self.line_ids.sorted()
        ]
        dues = [
            [str(each.due_date), each.amount, each.is_deposit]
            for each in self.instalment_ids.sorted()
        ]
        facts = [
            self.name,
            self.version,
            self.title,
            self.patient_id.id,
            self.diagnosis or "",
            str(self.description or ""),
            str(self.valid_until or ""),
            self.currency_id.name,
            self.amount_accepted,
            lines,
            dues,
        ]
        return hashlib.sha256(json.dumps(facts).encode()).hexdigest()

    def _fit_instalments(self, before):
        """Make payments that added up to the price add up to it again.

        Payments that never did were agreed otherwise and stay.

        :param float before: what the chosen services cost before the choice changed
        """
        dues = self.instalment_ids.sorted()
        currency = self.currency_id
        total = self.amount_accepted
        if not currency.compare_amounts(total, before):
            return
        if not dues or currency.compare_amounts(sum(dues.mapped("amount")), before):
            return
        if currency.is_zero(total):
            # Only extras, none of them ticked yet: the first tick divides it anew.
            return
        open_dues = dues.filtered(lambda each: not each._is_settled())
        rest = total - sum((dues - open_dues).mapped("amount"))
        try:
            amounts = instalments.fit(
                rest,
                [(each.amount, each.is_deposit) for each in open_dues],
                currency.decimal_places,
            )
        except ValueError:
            raise UserError(
                self.env._(
                    "The payments cannot be divided for this choice: ask your "
                    "coordinator to plan them anew."
                )
            ) from None
        for each, amount in zip(open_dues, amounts, strict=True):
            if currency.compare_amounts(each.amount, amount):
                # sudo: clinic.care.plan.instalment - follows from the choice, whoever
                # may make it
                each.sudo().amount = amount

    def _check_payments(self):
        """Refuse a contract whose payments are more than its price.

        :raises UserError: they are
        """
        planned = sum(self.instalment_ids.mapped("amount"))
        if self.currency_id.compare_amounts(planned, self.amount_accepted) > 0:
            raise UserError(
                self.env._(
                    "The payments add up to more than the chosen services cost: the "
                    "coordinator must plan them anew before the plan is signed."
                )
            )

    def _file_name(self):
        """Name of the PDF of the plan, another one once it is signed."""
        self.ensure_one()
        return self._kept_file_name() if self.signed_on else self._paper("")

    def _kept_file_name(self):
        """Name under which the signed PDF is stored and never made anew, or None."""
        return self._paper("-signed") if self.signed_on else None

    def _paper(self, mark):
        return f"{self.name}-{self.version}{mark}.pdf".replace("/", "-")

    def _is_kept_file(self, name):
        """Whether a file of this name is the contract, which nobody but us writes."""
        return name == self._paper("-signed")

    def _keep_pdf(self):
        """Store the PDF of a plan that has just been signed.

        :returns: ``ir.attachment``
        """
        self.ensure_one()
        self._pdf()
        # sudo: ir.attachment - the file that was made in this step
        return (
            self.env["ir.attachment"]
            .sudo()
            .search(
                [
                    ("res_model", "=", self._name),
                    ("res_id", "=", self.id),
                    ("name", "=", self._file_name()),
                ],
                limit=1,
            )
        )

    def _pdf(self):
        """The plan on paper; of a signed one what was stored as it was signed."""
        self.ensure_one()
        # sudo: ir.actions.report - of a plan that the caller was shown
        report = self.env["ir.actions.report"].sudo()
        return report._render_qweb_pdf(REPORT, self.ids)[0]
