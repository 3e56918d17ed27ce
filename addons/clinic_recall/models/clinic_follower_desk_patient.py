from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.clinic_base.lib import clock

from .clinic_follower_desk import BY_FOLLOWER


class ClinicFollowerDesk(models.AbstractModel):
    """The right side of the desk: one patient, and what the follower does."""

    _inherit = "clinic.follower.desk"

    @api.model
    def get_item(self, kind, item_id):
        """One line of the list in full.

        :param str kind: ``step``, ``answer``, ``message`` or ``visit``
        :param int item_id: of its record
        :raises AccessError: the reader may not see it
        """
        self._check_follower()
        if kind == "visit":
            return self._visit_detail(self.env["clinic.appointment"].browse(item_id))
        if kind == "message":
            message = self.env["clinic.message"].browse(item_id)
            message.check_access("read")
            followup = message.patient_id.followup_ids.sorted("id", reverse=True)[:1]
            return {
                **self._followup_detail(followup),
                "patient": self._patient_detail(message.patient_id),
                "message": {"id": message.id, "body": message.shown_body or ""},
            }
        if kind == "answer":
            answer = self.env["clinic.followup.answer"].browse(item_id)
            answer.check_access("read")
            return {
                **self._followup_detail(answer.followup_id),
                "answer": self._answer_lines(answer),
            }
        step = self.env["clinic.followup.step"].browse(item_id)
        step.check_access("read")
        answered = step.answer_ids[:1]
        return {
            **self._followup_detail(step.followup_id, step),
            "step": {
                "id": step.id,
                "name": step.name,
                "kind": step.kind,
                "state": step.state,
                "attempts": step.attempts,
                "max_attempts": step.max_attempts,
                "script": step.script or "",
                "note": step.note or "",
                "due": fields.Datetime.to_string(step.due),
                "questionnaire": (
                    step.questionnaire_id._describe()
                    if step.questionnaire_id and not answered
                    else False
                ),
            },
            "answer": self._answer_lines(answered) if answered else False,
        }

    @api.model
    def _patient_detail(self, patient):
        """The head of a patient: who it is and how to reach them."""
        last, ahead = patient.last_visit_date, patient.next_visit_start
        return {
            "id": patient.id,
            "name": patient.name,
            "age": patient.age_text or "",
            "sex": patient.sex or "",
            "phones": [
                {
                    "number": phone.number,
                    "e164": phone.e164,
                    "preferred": phone.is_preferred,
                }
                for phone in patient.phone_ids.filtered("allow_call")
            ],
            "email": patient.email or "",
            "lang": patient.lang or "",
            "warning": patient.patient_warning_text or "",
            "last_visit": fields.Date.to_string(last) if last else "",
            "next_visit": fields.Datetime.to_string(ahead) if ahead else "",
        }

    @api.model
    def _followup_detail(self, followup, current=None):
        steps = followup.step_ids.sorted(lambda step: (step.planned_due, step.id))
        states = dict(steps._fields["state"]._description_selection(self.env))
        results = dict(steps._fields["result"]._description_selection(self.env))
        return {
            "patient": self._patient_detail(followup.patient_id),
            "followup": {
                "id": followup.id,
                "name": followup.name,
                "state": followup.state,
                "anchor": fields.Date.to_string(followup.anchor_date),
                "practitioner": followup.practitioner_id.name or "",
                "department": followup.specialty_id.name or "",
                "description": followup.plan_id.description or "",
            },
            "dots": [
                {
                    "id": step.id,
                    "name": step.name,
                    "icon": step._icon(),
                    "state": step.state,
                    "result": results.get(step.result) or states[step.state],
                    "current": step == current,
                    "due": fields.Datetime.to_string(step.due),
                    "note": step.note or "",
                }
                for step in steps
            ],
        }

    @api.model
    def _visit_detail(self, visit):
        visit.check_access("read")
        states = dict(visit._fields["state"]._description_selection(self.env))
        followup = visit.patient_id.followup_ids.filtered(
            lambda one: one.state in ("active", "paused")
        )[:1]
        return {
            **self._followup_detail(followup),
            "patient": self._patient_detail(visit.patient_id),
            "visit": {
                "id": visit.id,
                "name": visit.service_id.name,
                "practitioner": visit.practitioner_id.name,
                "location": visit.location_id.name,
                "when": visit.local_start,
                "state": states[visit.state],
            },
        }

    @api.model
    def _answer_lines(self, answer):
        return {
            "id": answer.id,
            "questionnaire": answer.questionnaire_id.name,
            "score": answer.score,
            "is_alert": answer.is_alert,
            "seen": bool(answer.seen_on),
            "lines": [
                {
                    "id": line.id,
                    "question": line.question_id.name,
                    "value": line.value,
                    "is_alert": line.is_alert,
                }
                for line in answer.line_ids
            ],
        }

    # ------------------------------------------------------------
    # What the follower does
    # ------------------------------------------------------------

    @api.model
    def _step(self, step_id):
        self._check_follower()
        step = self.env["clinic.followup.step"].browse(int(step_id)).exists()
        if not step:
            raise UserError(self.env._("This step is gone: look at the list again."))
        step.check_access("write")
        return step

    @api.model
    def done(self, step_id, note=None, answers=None, result="reached"):
        """The call was made: with what was said and answered, whole or not at all.

        :param dict answers: ``{question id: answer}``, when there are questions
        :param str result: ``reached``, ``booked`` or ``refused``
        :raises UserError: an answer is missing, or somebody was quicker
        """
        step = self._step(step_id)
        step._check_open()
        if result not in ("reached", "booked", "refused"):
            raise UserError(self.env._("Choose how the call ended."))
        if step.questionnaire_id and not step.answer_ids and answers is not None:
            self.env["clinic.followup.answer"]._record(step, answers, "call")
            result = "answered" if result == "reached" else result
        step._finish(result, (note or "").strip()[:2000])

    @api.model
    def no_answer(self, step_id, next_try):
        """Nobody answered; try again at a moment.

        :param str next_try: UTC, as Odoo writes it
        """
        self._step(step_id)._no_answer(self._ahead(next_try))

    @api.model
    def call_later(self, step_id, moment, note=None):
        """The patient asked for another time.

        :param str moment: UTC, as Odoo writes it
        """
        step = self._step(step_id)
        if note:
            step.note = note.strip()[:2000]
        step._put_off(self._ahead(moment))

    @api.model
    def _ahead(self, moment):
        """:raises UserError: it is no moment to come within a year"""
        try:
            moment = fields.Datetime.to_datetime(moment)
        except (TypeError, ValueError):
            moment = None
        now = clock.now()
        if not moment or not now < moment < fields.Datetime.add(now, years=1):
            raise UserError(
                self.env._("Choose a time that is still to come, within a year.")
            )
        return moment

    @api.model
    def stop_plan(self, step_id, reason, note=None):
        """End the follow-up of this step."""
        if reason not in BY_FOLLOWER:
            raise UserError(self.env._("Choose why the plan is stopped."))
        step = self._step(step_id)
        step.followup_id.check_access("write")
        step.followup_id._stop(reason, (note or "").strip()[:500])

    @api.model
    def seen(self, answer_id):
        """The follower has looked at an answer."""
        self.env["clinic.followup.answer"].browse(int(answer_id)).action_seen()
