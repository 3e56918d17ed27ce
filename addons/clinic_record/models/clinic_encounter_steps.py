from odoo import Command, api, models
from odoo.exceptions import AccessError, UserError, ValidationError

from odoo.addons.clinic_base.lib import clock

from ..lib.encounter_life import TEXTS
from .clinic_encounter import CHIEF_DOCTOR


class ClinicEncounter(models.Model):
    """Writing quickly, signing, reviewing: each a button."""

    _inherit = "clinic.encounter"

    # ------------------------------------------------------------
    # Writing quickly
    # ------------------------------------------------------------

    @api.onchange("template_id")
    def _onchange_template_id(self):
        """Fill what is empty from the template; what was written stays."""
        if self.template_id and self.state == "draft":
            self.update(self._prepare_from_template(self.template_id))

    def _prepare_from_template(self, template):
        """Return values for what is empty here and stands in a template.

        :param template: ``clinic.encounter.template``
        """
        vals = {
            name: template[name]
            for name in TEXTS
            if template[name] and not (self[name] or "").strip()
        }
        missing = template.condition_ids - self.diagnosis_ids.condition_id
        if missing:
            has_main = "main" in self.diagnosis_ids.mapped("rank")
            vals["diagnosis_ids"] = [
                Command.create(
                    {
                        "condition_id": condition.id,
                        "rank": "secondary" if has_main or number else "main",
                        "certainty": "provisional",
                    }
                )
                for number, condition in enumerate(missing)
            ]
        return vals

    def action_copy_last(self):
        """Take over from the last encounter what is still empty here.

        One's own last one if there is any; vital signs are measured anew.

        :raises UserError: there is none
        """
        self.ensure_one()
        self._check_editable()
        earlier = self._previous(limit=20)
        mine = earlier.filtered(lambda one: one.practitioner_id == self.env.user)
        last = (mine or earlier)[:1]
        if not last:
            raise UserError(
                self.env._("This patient has no earlier encounter to copy from.")
            )
        vals = {
            name: last[name]
            for name in TEXTS
            if last[name] and not (self[name] or "").strip()
        }
        if not self.diagnosis_ids:
            vals["diagnosis_ids"] = [
                Command.create(line._copied_vals()) for line in last.diagnosis_ids
            ]
        if not self.medication_ids:
            vals["medication_ids"] = [
                Command.create(line._copied_vals()) for line in last.medication_ids
            ]
        self.write(vals)

    # ------------------------------------------------------------
    # Signing
    # ------------------------------------------------------------

    def action_sign(self):
        """Sign what was written; it goes to the chief doctor's list.

        :raises AccessError: it is a colleague's, or the patient is not treated here
        :raises ValidationError: something is missing, said by name
        """
        now = clock.now()
        for encounter in self:
            encounter._check_editable()
            encounter._check_treated(begun=True)
            encounter._check_complete()
            # sudo: clinic.encounter - a button moves it on; who may was checked above
            encounter.sudo().write(
                {
                    "state": "signed",
                    "signed_on": now,
                    "stop": encounter.stop or max(now, encounter.start),
                }
            )
            encounter._after_signed()

    def _check_complete(self):
        self.ensure_one()
        missing = []
        if not (self.complaint or "").strip():
            missing.append(self.env._("the complaint"))
        if not ((self.examination or "").strip() or (self.plan or "").strip()):
            missing.append(self.env._("findings or a plan"))
        if not self.main_condition_id:
            missing.append(self.env._("a main diagnosis"))
        if missing:
            raise ValidationError(
                self.env._(
                    "Before you sign, write down: %(list)s.", list=", ".join(missing)
                )
            )

    def _after_signed(self):
        """Extension point: this encounter was signed in this transaction.

        Diagnoses that are certain stand on the card from now on.
        """
        certain = self.diagnosis_ids.filtered(
            lambda line: line.certainty == "confirmed"
        )
        # sudo: res.partner - what was signed holds, whoever may change the card
        card = self.patient_id.sudo()
        new = certain.condition_id - card.condition_ids
        if new:
            card.condition_ids = [Command.link(condition.id) for condition in new]

    # ------------------------------------------------------------
    # Review
    # ------------------------------------------------------------

    def _check_reviewable(self):
        if not self.env.user.has_group(CHIEF_DOCTOR):
            raise AccessError(self.env._("Only the chief doctor reviews encounters."))
        for encounter in self:
            if encounter.state != "signed":
                raise UserError(
                    self.env._(
                        "%(number)s does not wait for a review.", number=encounter.name
                    )
                )

    def action_accept(self):
        """The chief doctor has read it and agrees."""
        self._check_reviewable()
        self._note_review("reviewed")

    def action_return(self):
        """The chief doctor sends it back with a remark; the author amends it.

        :raises UserError: without a remark
        """
        self._check_reviewable()
        for encounter in self:
            if not (encounter.review_comment or "").strip():
                raise UserError(
                    self.env._(
                        "Write in the remark what is missing or wrong in %(number)s.",
                        number=encounter.name,
                    )
                )
        self._note_review("returned")
        for encounter in self:
            encounter.activity_schedule(
                "mail.mail_activity_data_todo",
                summary=self.env._("Answer the chief doctor's remark"),
                user_id=encounter.practitioner_id.id,
            )

    def _note_review(self, state):
        # sudo: clinic.encounter - a button moves it on; who may was checked by callers
        self.sudo().write(
            {
                "state": state,
                "reviewed_by_id": self.env.uid,
                "reviewed_on": clock.now(),
            }
        )

    def _after_amended(self):
        """What was reviewed or returned is read again, with its amendment."""
        done = self.filtered(lambda one: one.state in ("returned", "reviewed"))
        # sudo: clinic.encounter, mail.activity - follows from the amendment
        done.sudo().write({"state": "signed"})
        done.sudo().activity_feedback(["mail.mail_activity_data_todo"])

    # ------------------------------------------------------------
    # Printing
    # ------------------------------------------------------------

    def action_print_prescription(self):
        """The prescription on paper.

        :raises UserError: nothing is prescribed
        """
        self.ensure_one()
        if not self.medication_ids:
            raise UserError(self.env._("Nothing is prescribed in this encounter."))
        return self.env.ref("clinic_record.action_report_prescription").report_action(
            self
        )
