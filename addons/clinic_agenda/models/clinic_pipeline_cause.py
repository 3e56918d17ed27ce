from odoo import fields, models

from ..lib.states import HERE, STATES

AHEAD = ("booked", "rescheduled", "confirmed")


class ClinicPipelineCause(models.Model):
    """Visits move deals."""

    _inherit = "clinic.pipeline.cause"

    kind = fields.Selection(
        selection_add=[("visit", "Visit")], ondelete={"visit": "cascade"}
    )
    appointment_id = fields.Many2one(
        "clinic.appointment", readonly=True, ondelete="cascade"
    )
    old_state = fields.Selection(STATES, readonly=True)
    new_state = fields.Selection(STATES, readonly=True)

    def _apply(self):
        if self.kind == "visit":
            return self._apply_visit()
        return super()._apply()

    def _apply_visit(self):
        """Move the deals of the patient as this change of the visit says."""
        visit, old, new = self.appointment_id, self.old_state, self.new_state
        patient = visit.patient_id
        if not patient:
            return
        Deal = self.env["crm.lead"]
        why = self._visit_words()
        if (old in HERE and new not in HERE) or (old == "no_show" and new != old):
            Deal._undo_visit(visit, why)
        if new == "arrived":
            self._close_deal("visit_arrived", visit, why, {})
        elif new == "no_show":
            reason = self.env.ref("clinic_patient.lost_reason_missed")
            self._close_deal("visit_missed", visit, why, {"lost_reason_id": reason.id})
        elif new == "cancelled" and not Deal._next_visit(patient):
            deal = Deal._open_deals(patient, "appointments")
            if deal.appointment_id == visit:
                no_visit = {"appointment_id": False, "appointment_start": False}
                Deal._apply_rule("visit_cancelled", patient, why, no_visit)
        Deal._follow_next_visit(patient, why, began=old not in AHEAD)

    def _close_deal(self, key, visit, why, vals):
        """Close the deal of this visit, unless it is closed that way already."""
        Deal = self.env["crm.lead"]
        rule = self.env["clinic.pipeline.rule"]._enabled(key)
        # sudo: crm.lead - whether it is done, whoever may see the deal
        done = Deal.sudo().search_count(
            [
                ("appointment_id", "=", visit.id),
                ("stage_id", "=", rule.to_stage_id.id),
                ("patient_id", "=", visit.patient_id.id),
            ],
            limit=1,
        )
        if rule and not done:
            Deal._apply_rule(key, visit.patient_id, why, visit._deal_facts() | vals)

    def _visit_words(self):
        """What happened to the visit, in words, with the location's time."""
        visit = self.appointment_id
        when = visit.local_start
        sentences = {
            "booked": self.env._("The visit of %(when)s was booked", when=when),
            "rescheduled": self.env._("The visit was moved to %(when)s", when=when),
            "confirmed": self.env._("The visit of %(when)s was confirmed", when=when),
            "arrived": self.env._(
                "The patient arrived for the visit of %(when)s", when=when
            ),
            "no_show": self.env._(
                "The patient did not come to the visit of %(when)s", when=when
            ),
            "cancelled": self._cancelled_words(when),
        }
        if self.old_state in HERE and self.new_state not in HERE:
            return self.env._("The arrival of %(when)s was taken back", when=when)
        if self.old_state == "no_show":
            return self.env._("“Did not come” of %(when)s was taken back", when=when)
        return sentences[self.new_state]

    def _cancelled_words(self, when):
        by = self.appointment_id.cancelled_by
        if not by:
            # It stands again by now.
            return self.env._("The visit of %(when)s was cancelled", when=when)
        return self.env._(
            "The visit of %(when)s was cancelled by the %(who)s",
            when=when,
            who=self.env._("patient") if by == "patient" else self.env._("clinic"),
        )
