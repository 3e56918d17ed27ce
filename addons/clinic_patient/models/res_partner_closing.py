from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import ormcache


class ResPartner(models.Model):
    """What ends a contact in Odoo does not end a card: refused in words, or done so
    that nothing of the patient is lost."""

    _inherit = "res.partner"

    def _is_of_clinic(self):
        """Whether the clinic knows this person: a patient, or who acts for one."""
        self.ensure_one()
        # sudo: clinic.relationship - whether there is one, whoever asks
        relations = self.env["clinic.relationship"].sudo()
        return self.is_patient or bool(
            relations.search_count([("guardian_id", "=", self.id)], limit=1)
        )

    def _after_account_closed(self, no_offers):
        """Extension point: the person closed the account of the portal.

        :param bool no_offers: the consent to offers was withdrawn with it
        """
        lines = [self.env._("The patient closed the account of the portal.")]
        if no_offers:
            lines.append(self.env._("News and offers are not wanted any more."))
        self._message_log(body=" ".join([*lines, *self._closing_words()]))

    def _closing_words(self):
        """Extension point: what the staff should know of who closed the account.

        :returns: list of sentences
        """
        return [
            self.env._(
                "The card stays; visits, reminders and reports go on without it."
            )
        ]

    # ------------------------------------------------------------
    # Archiving and deleting
    # ------------------------------------------------------------

    def write(self, vals):
        """A card with visits ahead is not archived by Odoo's menu of contacts.

        :raises UserError: says what to do first
        """
        if "active" in vals and not self.env.su:
            # sudo: res.partner - only whether they are cards, and erased
            cards = self.sudo().filtered("is_patient")
            if vals["active"]:
                cards._check_may_return()
            else:
                cards._check_may_rest()
        if "is_patient" in vals and not vals["is_patient"] and not self.env.su:
            self._check_holds_nothing(
                self.env._(
                    "Visits, plans, reports or papers belong to this contact: it stays "
                    "a patient. Archive the card if it is not needed any more."
                )
            )
        return super().write(vals)

    def _check_may_rest(self):
        """Extension point: refuse to archive cards that are still needed.

        :raises UserError: says what to do first
        """

    def _check_may_return(self):
        """Refuse to bring back what is no card any more.

        :raises UserError: it was erased
        """
        if any(self.mapped("erased_at")):
            raise UserError(
                self.env._(
                    "This card was erased at the patient's request and cannot come "
                    "back. Make a new card if the patient does."
                )
            )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_with_records(self):
        """A card that holds something is not deleted, whoever asks, nights included."""
        self._check_holds_nothing(
            self.env._(
                "Visits, plans, reports or papers belong to this contact, so it is not "
                "deleted. Archive it, merge it with the right one, or have its data "
                "erased."
            )
        )

    def _check_holds_nothing(self, words):
        """Refuse a step that would leave records of patients behind.

        :param str words: why, and what to do instead
        :raises UserError: with these words
        """
        # sudo: res.partner - only whether they are cards
        cards = self.sudo().filtered("is_patient")
        for model, field in self._record_links() if cards else ():
            # sudo: records of any room - only whether there are any
            records = self.env[model].sudo().with_context(active_test=False)
            if records.search_count([(field, "in", cards.ids)], limit=1):
                raise UserError(words)

    @api.model
    @ormcache()
    def _record_links(self):
        """``((model, field), …)``: what belongs to a patient and must not be lost."""
        return tuple(
            (name, field.name)
            for name, model in self.env.registry.items()
            if name.startswith("clinic.") and not model._abstract
            for field in model._fields.values()
            if field.type == "many2one"
            and field.comodel_name == "res.partner"
            and field.store
            and field.ondelete == "restrict"
            and not model._transient
        )
