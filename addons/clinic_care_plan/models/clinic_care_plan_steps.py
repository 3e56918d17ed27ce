from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from odoo.addons.clinic_base.lib import clock

from ..lib.care_plan_life import OPEN


class ClinicCarePlan(models.Model):
    """The steps of a plan from draft to contract, each a button or a portal form."""

    _inherit = "clinic.care.plan"

    def action_submit(self):
        """Ask the chief doctor for approval."""
        for plan in self:
            if not plan.line_ids:
                raise ValidationError(
                    self.env._("Add at least one service before asking for approval.")
                )
        self._enter("submitted")
        for plan in self:
            plan._ask_for_approval()

    def _ask_for_approval(self):
        """Put the plan on the chief doctors' lists, one activity for each of them."""
        group = self.env.ref("clinic_patient.group_clinic_chief_doctor")
        # sudo: res.users - who approves is no secret of who asks
        chiefs = group.sudo().user_ids.filtered(
            lambda user: self.company_id in user.company_ids
        )
        for chief in chiefs:
            self.activity_schedule(
                "mail.mail_activity_data_todo",
                summary=self.env._("Approve the treatment plan"),
                user_id=chief.id,
            )

    def action_back_to_draft(self):
        """The chief doctor sends it back; the remark stands in the chatter."""
        self.activity_unlink(["mail.mail_activity_data_todo"])
        self._enter("draft")

    def action_approve(self):
        """The chief doctor approves; nothing of it changes from now on."""
        self._enter(
            "approved",
            approved_by_id=self.env.uid,
            approved_on=clock.now(),
        )
        for plan in self:
            plan.activity_feedback(["mail.mail_activity_data_todo"])

    def action_present(self):
        """Show it to the patient in the portal."""
        self._enter("presented", presented_on=clock.now())
        for plan in self:
            # What is extra is the patient's to add, not to find and take away.
            plan._set_choice(plan._needed_lines())

    def action_accept(self):
        """The patient agreed at the desk to the lines that are ticked."""
        for plan in self:
            plan._accept(plan.line_ids.filtered("accepted"))

    def _accept(self, lines):
        """The patient agrees to some of the lines.

        :param lines: ``clinic.care.plan.line`` of this plan; those that are not
            optional must be among them
        :raises UserError: the plan is not open, or a line that must be is missing
        """
        self._choose(lines)
        if not self.line_ids.filtered("accepted"):
            raise UserError(self.env._("Choose at least one service."))
        if self.state == "presented":
            self._enter("accepted")

    def _accept_shown(self, shown):
        """The patient agrees to the choice that a page showed.

        :param str shown: :meth:`_shown_digest` of that page
        :raises UserError: the plan is not any more what the page showed
        """
        self.ensure_one()
        # Whoever changes a choice at this moment waits, or nothing is agreed to.
        still = all(
            len(records.try_lock_for_update()) == len(records)
            for records in (self, self.line_ids, self.instalment_ids)
        )
        if not still or shown != self._shown_digest():
            raise UserError(
                self.env._(
                    "The plan has changed since you opened this page, and nothing was "
                    "signed or accepted. Load the page again and read it first."
                )
            )
        self._accept(self.line_ids.filtered("accepted"))

    def _choose(self, lines):
        """Keep what the patient ticks, as it is ticked; nothing is agreed to by it.

        :param lines: ``clinic.care.plan.line`` of this plan; those that are not
            optional must be among them
        :raises UserError: the plan is not open, or a line that must be is missing
        """
        self.ensure_one()
        self._check_open()
        chosen = lines & self.line_ids
        missing = self._needed_lines() - chosen
        if missing:
            raise UserError(
                self.env._(
                    "These services belong to the treatment: %(names)s. Ask your "
                    "coordinator if you want it without them.",
                    names=", ".join(missing.mapped("name")),
                )
            )
        self._set_choice(chosen)

    def _needed_lines(self):
        """The services that the patient cannot leave out."""
        return self.line_ids.filtered(lambda line: not line.optional)

    def _set_choice(self, chosen):
        """Mark the chosen lines, and make the payments add up to them as before."""
        before = self.amount_accepted or self.amount_total
        (self.line_ids - chosen).filtered("accepted").accepted = False
        chosen.filtered(lambda line: not line.accepted).accepted = True
        self._fit_instalments(before)

    def _sign(self, name, signature, partner, shown):
        """The patient, or who may sign for the patient, signs what the page showed.

        :param str name: as typed beside the signature
        :param signature: base64 image
        :param partner: ``res.partner`` who signs
        :param str shown: :meth:`_shown_digest` of the page that was signed
        :raises UserError: not open, no name or signature, or the plan is not any more
            what the page showed
        """
        self.ensure_one()
        self._check_open()
        name = (name or "").strip()[:200]
        if not name or not self.env["clinic.document"]._is_drawing(signature):
            raise UserError(self.env._("Write your name and sign in the field."))
        self._check_payments()
        self._accept_shown(shown)
        self._enter(
            "signed",
            signed_by=name,
            signed_by_id=partner.id,
            signed_on=clock.now(),
            signature=signature,
            signed_digest=shown,
        )

    def action_sign_at_desk(self):
        """The patient signed on paper, which is kept with the documents."""
        for plan in self:
            plan._check_open()
            plan._check_payments()
            plan._accept(plan.line_ids.filtered("accepted"))
            plan._enter(
                "signed",
                signed_by=plan.patient_id.name,
                signed_by_id=plan.patient_id.id,
                signed_on=clock.now(),
                signed_digest=plan._shown_digest(),
            )

    def _refuse(self, reason):
        """The patient does not want the treatment.

        :param str reason: why; required
        :raises UserError: not open, or no reason
        """
        self.ensure_one()
        reason = " ".join((reason or "").split())[:500]
        if not reason:
            raise UserError(self.env._("Tell us why, so that we can do better."))
        self._check_open(expired=True)
        self._enter("refused", refusal_reason=reason, refused_on=clock.now())

    def _check_open(self, expired=False):
        """Refuse a decision about a plan that is not the patient's to decide now.

        :param bool expired: also allow one whose offer has ended
        """
        if not (self._is_open() or (expired and self.state in OPEN)):
            raise UserError(
                self.env._(
                    "This plan cannot be changed any more. Ask the clinic for a new "
                    "version."
                )
            )

    def action_finish(self):
        """The treatment is over."""
        self._enter("done")

    def action_new_version(self):
        """Change what was approved, or offer again after a refusal, as a new version.

        :returns: the action that opens it
        """
        self.ensure_one()
        if self.next_ids:
            new = self.next_ids[:1]
        else:
            new = self._ours().copy(
                {
                    "name": self.name,
                    "previous_id": self.id,
                    "version": self.version + 1,
                    "valid_until": False,
                    "stage_ids": False,
                    "line_ids": False,
                }
            )
            new = new.with_env(self.env)
            # Lines without a stage stay without one.
            stages = {self.stage_ids.browse(): self.stage_ids.browse()}
            for stage in self.stage_ids:
                stages[stage] = stage.copy({"plan_id": new.id})
            for line in self.line_ids:
                line.copy(
                    {
                        "plan_id": new.id,
                        "stage_id": stages[line.stage_id].id,
                        "accepted": False,
                        "done_by_hand": line.done_quantity,
                    }
                )
            if self.state != "done":
                self._enter("replaced")
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": new.id,
            "view_mode": "form",
            "views": [[False, "form"]],
        }

    def _init_column(self, column_name):
        """Of plans refused before the date was kept, the last change is all we know."""
        result = super()._init_column(column_name)
        if column_name == "refused_on":
            self.env.cr.execute(
                "UPDATE clinic_care_plan SET refused_on = write_date"
                " WHERE state = 'refused' AND refused_on IS NULL"
            )
        return result

    @api.model
    def _cron_offer_again(self):
        """Remind coordinators of refused plans some days after the refusal, once."""
        days = int(
            self.env["ir.config_parameter"]
            .sudo()
            .get_param("clinic_care_plan.offer_again_days", "30")
        )
        refused = self.search(
            [
                ("state", "=", "refused"),
                ("refused_on", "<", f"today -{days}d"),
                ("next_ids", "=", False),
                ("offer_again_on", "=", False),
            ],
            limit=500,
        )
        for plan in refused:
            plan._ours().offer_again_on = fields.Date.context_today(self)
            plan.activity_schedule(
                "mail.mail_activity_data_todo",
                summary=self.env._("Refused some time ago: offer again?"),
                user_id=(plan.responsible_id or plan.doctor_id or self.env.user).id,
            )
