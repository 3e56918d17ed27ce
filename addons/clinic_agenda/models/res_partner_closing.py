from odoo import models
from odoo.exceptions import UserError

from odoo.addons.clinic_base.lib import clock

from ..lib.states import UPCOMING


class ResPartner(models.Model):
    """Visits ahead of who closes the account, or whose card somebody archives."""

    _inherit = "res.partner"

    def _visits_ahead(self):
        """Visits that these people are expected at, the next one first; in sudo."""
        # sudo: clinic.appointment - visits at every location count
        return (
            self.env["clinic.appointment"]
            .sudo()
            .search(
                [
                    ("patient_id", "in", self.ids),
                    ("state", "in", UPCOMING),
                    ("start", ">", clock.now()),
                ],
                order="start",
            )
        )

    def _closing_words(self):
        """The visits ahead stand in the note on the card."""
        words = super()._closing_words()
        visits = self._visits_ahead()
        if visits:
            words.append(
                self.env._(
                    "Visits ahead: %(visits)s.",
                    visits="; ".join(
                        visit.location_id._speak_short(visit.start) for visit in visits
                    ),
                )
            )
        return words

    def _after_account_closed(self, no_offers):
        """Who opens one of the visits ahead reads it there, too."""
        result = super()._after_account_closed(no_offers)
        for visit in self._visits_ahead():
            visit._message_log(
                body=self.env._(
                    "The patient closed the account of the portal. The visit stays "
                    "booked, and reminders are sent."
                )
            )
        return result

    def _check_may_rest(self):
        """A card with visits ahead is needed.

        :raises UserError: says what to do first; to who has no role, not why
        """
        result = super()._check_may_rest()
        visits = self._visits_ahead()
        if visits and not self.with_env(self.env(su=False))._is_staff():
            raise UserError(
                self.env._(
                    "Another application still uses this contact, so it cannot be "
                    "archived now. Ask the administrator."
                )
            )
        if visits:
            raise UserError(
                self.env._(
                    "%(name)s has visits ahead. Cancel or move them first, or merge "
                    "the card with the right one; then archive it.",
                    name=visits[0].patient_id.name,
                )
            )
        return result
