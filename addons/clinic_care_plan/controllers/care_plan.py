from odoo import http
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.http import content_disposition, request

from odoo.addons.clinic_base.controllers.secure_pages import LOOKED_AT, SENT
from odoo.addons.clinic_patient.controllers.document import LARGEST
from odoo.addons.clinic_patient.controllers.home import HomePortal


class CarePlanPortal(HomePortal):
    """Treatment plans in the portal: one's own and those of the wards.

    Who may read or sign is decided for today at each request. All portal controllers
    become one class in Odoo: the names of the methods must not meet.
    """

    def _plans_domain(self, scope="read"):
        """Domain of the plans this visitor may see, or see and sign."""
        partner = request.env.user.partner_id
        shown = request.env["clinic.shown"]._domain(partner, "clinic.care.plan")
        return shown & partner._clinic_access_domain(scope, "patient_id")

    def _plans_apart(self):
        """The plans in sudo, with rights that begin and end on the clinic's clock."""
        # sudo: clinic.care.plan - _plans_domain is the gate, for staff as well
        plans = request.env["clinic.care.plan"].sudo()
        return plans.with_context(tz=request.env["res.partner"]._clinic_tz())

    def _plan_gate(self, plan_id, scope="read"):
        """A plan this visitor may see, or sign, today; in sudo.

        :raises NotFound: the same for plans of others and for none at all
        """
        plan = self._plans_apart().search(
            self._plans_domain(scope) & Domain("id", "=", plan_id), limit=1
        )
        if not plan:
            raise request.not_found()
        return plan

    def _may_sign_plan(self, plan):
        patients = request.env.user.partner_id._clinic_patients_for("sign")
        return plan.patient_id.id in patients.ids

    def _family_pages(self):
        return super()._family_pages() | {"/my/care-plans"}

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        if "care_plan_count" in counters:
            count = self._plans_apart().search_count(self._plans_domain())
            values["care_plan_count"] = count
        return values

    @http.route("/my/care-plans", **LOOKED_AT)
    def my_care_plans(self, **_unknown):
        """All plans, those that wait for a decision first."""
        plans = self._plans_apart().search(self._plans_domain(), limit=200)
        plans.patient_id._log_opening("portal", "care plans")
        values = self._prepare_portal_layout_values() | {
            "page_name": "care_plans",
            "plans": plans.sorted(lambda plan: (not plan._is_open(), -plan.id)),
        }
        return self._plan_answer("clinic_care_plan.portal_my_care_plans", values)

    @http.route("/my/care-plans/<int:plan_id>", **LOOKED_AT)
    def my_care_plan(self, plan_id, **_unknown):
        """One plan: read, choose, ask, sign."""
        plan = self._plan_gate(plan_id)
        plan.patient_id._log_opening("portal", f"care plan {plan.id}")
        return self._plan_page(plan)

    @http.route("/my/care-plans/<int:plan_id>/choose", **SENT)
    def choose_lines(self, plan_id, **form):
        """Keep which optional services are ticked.

        The page sends the form whenever a tick changes: what it shows is always what
        stands here.
        """
        plan = self._plan_gate(plan_id, "sign")
        chosen = plan.line_ids.filtered(
            lambda line: not line.optional or form.get(f"line_{line.id}")
        )
        return self._plan_step(plan, "choice", lambda: plan._choose(chosen))

    @http.route("/my/care-plans/<int:plan_id>/accept", **SENT)
    def accept_plan(self, plan_id, shown=None, **_unknown):
        """The patient agrees to what the page showed, and may sign later.

        :param str shown: digest of what the page showed
        """
        plan = self._plan_gate(plan_id, "sign")
        return self._plan_step(plan, "sign", lambda: plan._accept_shown(shown))

    @http.route("/my/care-plans/<int:plan_id>/refuse", **SENT)
    def refuse_plan(self, plan_id, reason=None, **_unknown):
        """The patient says no, and why."""
        plan = self._plan_gate(plan_id, "sign")
        reason = str(reason or "").replace("\x00", "")
        return self._plan_step(plan, "", lambda: plan._refuse(reason))

    def _plan_step(self, plan, part, step):
        """Take a step of the patient and come back to the page, or say why not.

        :param str part: of the page, to come back to
        :param step: callable without arguments
        """
        try:
            with request.env.cr.savepoint():
                step()
        except UserError as refusal:
            return self._plan_page(plan, str(refusal))
        return request.redirect(f"/my/care-plans/{plan.id}#{part}", code=303)

    @http.route(
        "/my/care-plans/<int:plan_id>/sign/<string:shown>",
        type="jsonrpc",
        auth="user",
        website=True,
    )
    def sign_plan(self, plan_id, shown, name=None, signature=None, **_unknown):
        """Take the signature of Odoo's form; answers as that form expects.

        :param str shown: digest of what the page showed to who signs
        """
        if self._is_superseded(plan_id):
            return {
                "error": request.env._(
                    "This plan was replaced by a newer version, and nothing was "
                    "signed. Open your treatment plans and read the new one."
                )
            }
        plan = self._plan_gate(plan_id, "sign")
        if not isinstance(signature, str) or len(signature) > LARGEST:
            return {"error": request.env._("Draw your signature in the field.")}
        partner = request.env.user.partner_id
        try:
            with request.env.cr.savepoint():
                plan._sign(str(name or ""), signature, partner, shown)
                self._tell_signed(plan, partner)
        except UserError as refusal:
            return {"error": str(refusal)}
        return {"force_refresh": True, "redirect_url": f"/my/care-plans/{plan.id}"}

    def _is_superseded(self, plan_id):
        """Whether it was a plan this visitor may sign, and has a newer version."""
        partner = request.env.user.partner_id
        return self._plans_apart().search_count(
            partner._clinic_access_domain("sign", "patient_id")
            & Domain("id", "=", plan_id)
            & Domain("state", "=", "replaced")
        )

    def _tell_signed(self, plan, partner):
        """Store the paper as it was signed, in the language it was read in."""
        message = plan.message_post(
            body=request.env._("Signed in the portal by %(name)s", name=plan.signed_by),
            author_id=partner.id,
        )
        message.attachment_ids = plan._keep_pdf()

    @http.route("/my/care-plans/<int:plan_id>/pdf", **LOOKED_AT)
    def care_plan_pdf(self, plan_id, **_unknown):
        """The plan as a file to print."""
        plan = self._plan_gate(plan_id)
        plan.patient_id._log_opening("portal", f"care plan {plan.id}")
        return request.make_response(
            plan._pdf(),
            headers=[
                ("Content-Type", "application/pdf"),
                (
                    "Content-Disposition",
                    content_disposition(plan._file_name()),
                ),
                ("Cache-Control", "no-store"),
            ],
        )

    def _plan_page(self, plan, error=None):
        values = self._prepare_portal_layout_values() | {
            "page_name": "care_plan",
            "plan": plan,
            "groups": self._plan_groups(plan),
            "may_sign": plan._is_open() and self._may_sign_plan(plan),
            "payable": self._plan_payable(plan),
            "error": error,
        }
        status = 409 if error else 200
        return self._plan_answer("clinic_care_plan.portal_my_care_plan", values, status)

    def _plan_payable(self, plan):
        """Instalments that can be paid online; extended by the payments."""
        return plan.instalment_ids.browse()

    def _plan_groups(self, plan):
        """``[(stage, lines)]`` in the order of treatment."""
        return list(plan.line_ids.sorted().grouped("stage_id").items())

    def _plan_answer(self, template, values, status=200):
        response = request.render(template, values, status=status)
        response.headers["Cache-Control"] = "no-store"
        return response
