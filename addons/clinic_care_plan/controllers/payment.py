from odoo import http
from odoo.exceptions import UserError, ValidationError
from odoo.http import request

from odoo.addons.clinic_base.controllers.secure_pages import SEEN
from odoo.addons.payment.controllers.portal import PaymentPortal

from .care_plan import CarePlanPortal


class InstalmentPortal(PaymentPortal, CarePlanPortal):
    """Paying instalments of treatment plans online, with Odoo's payment form.

    Amount and currency are those of the instalment, whatever the browser sends.
    """

    def _instalment_gate(self, plan_id, instalment_id):
        """An instalment of a plan that this visitor may see; in sudo.

        :raises NotFound: the same for those of others and for none at all
        """
        plan = self._plan_gate(plan_id)
        found = plan.instalment_ids.filtered(lambda each: each.id == instalment_id)
        if not found:
            raise request.not_found()
        return found

    def _plan_payable(self, plan):
        """What can be paid, where there is a way to pay it."""
        instalments = plan._payable_instalments()
        return (
            instalments if instalments and self._pay_providers(plan) else plan.browse()
        )

    def _pay_providers(self, plan, amount=0.0, **kwargs):
        partner = request.env.user.partner_id
        # sudo: payment.provider - whether there is one for this payment
        providers = request.env["payment.provider"].sudo()
        return providers._get_compatible_providers(
            plan.company_id.id,
            partner.id,
            amount,
            currency_id=plan.currency_id.id,
            **kwargs,
        )

    @http.route("/my/care-plans/<int:plan_id>/pay/<int:instalment_id>", **SEEN)
    def pay_instalment(self, plan_id, instalment_id, **_unknown):
        """The payment form of one instalment."""
        instalment = self._instalment_gate(plan_id, instalment_id)
        plan = instalment.plan_id
        try:
            instalment._check_payable()
        except UserError as refusal:
            return self._plan_page(plan, str(refusal))
        return self._plan_answer(
            "clinic_care_plan.portal_pay_instalment",
            self._prepare_portal_layout_values()
            | {"page_name": "care_plan", "plan": plan, "instalment": instalment}
            | self._instalment_form(instalment),
        )

    def _instalment_form(self, instalment):
        """What Odoo's payment form needs."""
        plan, partner = instalment.plan_id, request.env.user.partner_id
        report = {}
        providers = self._pay_providers(plan, instalment.amount, report=report)
        # sudo: payment.method, payment.token - the form reads what it offers
        methods = request.env["payment.method"].sudo()
        tokens = request.env["payment.token"].sudo()
        return {
            "amount": instalment.amount,
            "currency": plan.currency_id,
            "partner_id": partner.id,
            "providers_sudo": providers,
            "payment_methods_sudo": methods._get_compatible_payment_methods(
                providers.ids,
                partner.id,
                currency_id=plan.currency_id.id,
                report=report,
            ),
            "tokens_sudo": tokens._get_available_tokens(providers.ids, partner.id),
            "availability_report": report,
            "show_tokenize_input_mapping": dict.fromkeys(providers.ids, False),
            "company_mismatch": not self._can_partner_pay_in_company(
                partner, plan.company_id
            ),
            "transaction_route": (
                f"/my/care-plans/{plan.id}/pay/{instalment.id}/transaction"
            ),
            "landing_route": f"/my/care-plans/{plan.id}#payments",
            "access_token": "",
        }

    @http.route(
        "/my/care-plans/<int:plan_id>/pay/<int:instalment_id>/transaction",
        type="jsonrpc",
        auth="user",
        website=True,
    )
    def instalment_transaction(self, plan_id, instalment_id, **kwargs):
        """Begin a payment; answers as Odoo's payment form expects.

        :raises ValidationError: it cannot be paid now
        """
        instalment = self._instalment_gate(plan_id, instalment_id)
        plan, partner = instalment.plan_id, request.env.user.partner_id
        try:
            instalment._check_payable()
        except UserError as refusal:
            raise ValidationError(str(refusal)) from None
        kwargs.pop("access_token", None)
        self._validate_transaction_kwargs(kwargs)
        provider_id = kwargs.get("provider_id")
        if provider_id not in self._pay_providers(plan, instalment.amount).ids:
            raise ValidationError(request.env._("Choose another way to pay."))
        kwargs |= {
            "amount": instalment.amount,
            "currency_id": plan.currency_id.id,
            "partner_id": partner.id,
            "tokenization_requested": False,
            "is_validation": False,
            "landing_route": f"/my/care-plans/{plan.id}#payments",
            "reference_prefix": f"{plan.name}-{instalment.id}",
        }
        transaction = self._create_transaction(
            custom_create_values={"care_plan_instalment_id": instalment.id}, **kwargs
        )
        return transaction._get_processing_values()
