from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..lib.states import CANCELLERS

#: The usual reasons, and who cancels for them.
USUAL_REASONS = (
    ("patient_called", "patient"),
    ("patient_ill", "patient"),
    ("practitioner_away", "clinic"),
    ("mistake", "clinic"),
)


class ClinicAppointment(models.Model):
    """Who cancelled a visit, and why: said here for every way of cancelling.

    Portal, link and answers to messages say it is the patient. At the desk, the person
    says it, and the usual reasons know it. A state that is written and says nothing is
    the clinic's doing.
    """

    _inherit = "clinic.appointment"

    cancel_reason = fields.Char(copy=False)
    cancelled_by = fields.Selection(CANCELLERS, copy=False)

    @api.model
    def _cancel_reasons(self):
        """The usual reasons.

        :returns: ``[(code, words, who cancels), …]``, words in the user's language
        """
        words = {
            "patient_called": self.env._("Patient called"),
            "patient_ill": self.env._("Patient is ill"),
            "practitioner_away": self.env._("Practitioner is absent"),
            "mistake": self.env._("Booked by mistake"),
        }
        return [(code, words[code], who) for code, who in USUAL_REASONS]

    @api.model
    def _who_cancels(self, reason, by=None):
        """Who cancels for a reason.

        :param str reason: in any words
        :param str by: ``patient`` or ``clinic``, when somebody said it
        :raises ValidationError: it was said, and is neither
        """
        if by:
            if by not in dict(CANCELLERS):
                raise ValidationError(
                    self.env._("Say who cancels: the patient or the clinic.")
                )
            return by
        words = (reason or "").strip().casefold()
        for _code, usual, who in self._cancel_reasons():
            if words == usual.casefold():
                return who
        return "clinic"

    def _prepare_change(self, vals):
        """A visit that stands again is cancelled by nobody; its history knows more."""
        vals = super()._prepare_change(vals)
        state = vals.get("state")
        if state == "cancelled":
            by = self._who_cancels(vals.get("cancel_reason"), vals.get("cancelled_by"))
            vals["cancelled_by"] = by
        elif state and any(visit.state == "cancelled" for visit in self):
            vals |= {"cancelled_by": False, "cancel_reason": False}
            # A calendar that has heard of the cancellation looks at later ones only.
            highest = max(self.mapped("change_sequence"))
            vals["change_sequence"] = highest + 2
        return vals

    def _cancel(self, reason, by=None):
        """Cancel with a reason.

        :param str reason: in the words of who cancels
        :param str by: ``clinic`` or ``patient``; if empty, as :meth:`_who_cancels`
        """
        self._ours().write(
            {
                "state": "cancelled",
                "cancel_reason": reason,
                "cancelled_by": self._who_cancels(reason, by),
            }
        )
