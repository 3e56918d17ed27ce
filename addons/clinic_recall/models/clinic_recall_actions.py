from datetime import timedelta

from odoo import fields, models
from odoo.exceptions import UserError

from ..lib.recall_life import REACHED


class ClinicRecall(models.Model):
    """What people do with a recall: each a button, and harmless to repeat."""

    _inherit = "clinic.recall"

    def _today(self):
        """The day it is where the patient is expected."""
        self.ensure_one()
        zone = self.location_id.tz or self.env["res.partner"]._clinic_tz()
        return fields.Date.context_today(self.with_context(tz=zone))

    def _attempted(self, result, kind="call", later_on=False, reason=None, note=False):
        """Write an attempt down, and what follows from it.

        :param str result: of ``recall_life.RESULTS``
        :param str kind: ``call``, ``message`` or ``desk``
        :param date later_on: when the patient wants to be called again
        :param reason: ``clinic.recall.reason``
        :param str note: in the words of who called
        :raises UserError: the recall is closed or booked
        """
        self._check_workable()
        self.env["clinic.recall.attempt"].create(
            [
                {
                    "recall_id": recall.id,
                    "kind": kind,
                    "result": result,
                    "reason_id": reason.id if reason else False,
                    "note": note,
                }
                for recall in self
            ]
        )
        for recall in self:
            today = recall._today()
            vals = {
                "last_attempt_on": today,
                "last_result": result,
                "attempt_count": recall.attempt_count + 1,
                "steps_done": recall.steps_done + 1,
                "later_on": later_on,
                "contacted_on": recall.contacted_on or today,
            }
            if result in REACHED:
                vals["reached_on"] = recall.reached_on or today
            if result == "declined":
                vals["declined_on"] = today
            if reason:
                vals["reason_id"] = reason.id
            recall._ours().write(vals)

    def _check_workable(self):
        for recall in self:
            if recall.state in ("booked", "closed"):
                raise UserError(
                    self.env._(
                        "%(recall)s is “%(state)s”: there is nothing to call for. Open "
                        "it again first.",
                        recall=recall.display_name,
                        state=dict(
                            self._fields["state"]._description_selection(self.env)
                        )[recall.state],
                    )
                )

    # ------------------------------------------------------------
    # One click each
    # ------------------------------------------------------------

    def action_no_answer(self):
        """Called, nobody answered; the next attempt waits for the rule's cool-down."""
        self._attempted("no_answer")

    def action_later(self):
        """Called; the patient asks to be called in a week."""
        for recall in self:
            recall._attempted("later", later_on=recall._today() + timedelta(days=7))

    def action_outcome(self, result="declined"):
        """Ask for what goes with the result of a call: a reason, a day."""
        self._check_workable()
        return dict(
            self.env["ir.actions.act_window"]._for_xml_id(
                "clinic_recall.clinic_recall_outcome_action"
            ),
            context={"default_recall_ids": self.ids, "default_result": result},
        )

    def action_declined(self):
        """Called; the patient does not want to come: ask why."""
        return self.action_outcome("declined")

    def action_book(self):
        """Open the day sheet, ready to book this service for this patient."""
        self.ensure_one()
        action = self.patient_id.action_book_appointment()
        context = {
            **action["context"],
            "clinic_service_id": self.service_id.id,
            "clinic_practitioner_id": self.practitioner_id.id,
        }
        if self.location_id:
            context["clinic_location_id"] = self.location_id.id
        return {**action, "context": context}

    def action_close(self):
        """Ask why no next attempt is needed."""
        return dict(
            self.env["ir.actions.act_window"]._for_xml_id(
                "clinic_recall.clinic_recall_outcome_action"
            ),
            context={"default_recall_ids": self.ids, "default_result": "close"},
        )

    def _close(self, reason=None, note=False):
        """Close by hand, for ever.

        :param reason: ``clinic.recall.reason``
        """
        vals = {"close_reason": "hand", "state": "closed", "next_attempt_on": False}
        if reason:
            vals["reason_id"] = reason.id
        if note:
            vals["note"] = note
        for recall in self.filtered(lambda recall: recall.close_reason != "hand"):
            recall._ours().write(
                {**vals, "closed_on": recall._today(), "next_action": False}
            )

    def action_reopen(self):
        """Try again: attempts begin anew today, whatever had ended them."""
        for recall in self.filtered(
            lambda recall: recall.state in ("declined", "unreachable", "closed")
        ):
            if recall.state == "closed" and recall.close_reason != "hand":
                raise UserError(
                    self.env._(
                        "%(recall)s ended by itself: it opens again when its visit "
                        "falls through.",
                        recall=recall.display_name,
                    )
                )
            recall._ours().write(
                {
                    "close_reason": False,
                    "closed_on": False,
                    "declined_on": False,
                    "later_on": False,
                    "steps_done": 0,
                    "anchor_date": recall._today(),
                }
            )

    def action_assign_to_me(self):
        """I see to these."""
        self.responsible_id = self.env.user

    def action_open_patient(self):
        """The card of the patient."""
        self.ensure_one()
        return dict(
            self.env["ir.actions.act_window"]._for_xml_id(
                "clinic_patient.clinic_patient_action"
            ),
            views=[(False, "form")],
            res_id=self.patient_id.id,
        )

    def action_open_visit(self):
        """The visit that fulfils the recall."""
        self.ensure_one()
        return self.appointment_id._get_records_action()
