from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.clinic_base.lib import clock

from .clinic_phone import WAIT


class ClinicMerge(models.Model):
    """Who may see the card that stays: no merge gives rights that nobody checked.

    A log-in, a relation that somebody declared, a number or a consent on a card that
    a visitor made may be a stranger's. What staff did not confirm is suspended, and
    what staff did confirm is shown before they merge.
    """

    _inherit = "clinic.merge"

    rights_reason = fields.Char(
        string="How the persons were checked",
        readonly=True,
        help="Said by who merged, because somebody gets to see more than before.",
    )

    # ------------------------------------------------------------
    # Before: who would see what
    # ------------------------------------------------------------

    @api.model
    def _default_logins(self, loser, winner):
        """Return what becomes of a log-in of the card that goes, unless staff say.

        A card that a visitor made, and nobody has looked at, brings no log-in along.

        :return: "one" or "archive", as of :meth:`_merge`
        """
        unproven = "to_review" in (loser.identity_state, winner.identity_state)
        return "archive" if unproven else "one"

    @api.model
    def _rights_carried(self, loser, winner, logins):
        """Return who would see the data of both cards and saw those of one before.

        :param str logins: as of :meth:`_merge`
        :return: list of dicts with ``who``, ``what`` and ``kind``: "login", "person"
            (a confirmed relation), or "suspended" (a relation to confirm afterwards)
        """
        carried = []
        # sudo: res.users - who merges cards sees whose log-ins they carry
        ours, theirs = winner.sudo().user_ids, loser.sudo().user_ids
        if theirs and (logins == "both" or (logins == "one" and not ours)):
            ours |= theirs
        for user in ours:
            what = self.env._("logs in and sees both cards")
            carried.append({"kind": "login", "who": user.login, "what": what})
        both = loser | winner
        # sudo: clinic.relationship - shown to who merges both cards
        relations = self.env["clinic.relationship"].sudo()
        for relation in relations.search([("patient_id", "in", both.ids)]):
            if relation.guardian_id in both:
                continue
            if relation.standing != "confirmed":
                kind, what = "suspended", self.env._("has no rights until confirmed")
            elif relation.can_read:
                kind, what = "person", self.env._("reads both cards")
            elif relation.can_book:
                kind, what = "person", self.env._("books visits")
            else:
                continue
            who = relation.display_name
            carried.append({"kind": kind, "who": who, "what": what})
        return carried

    # ------------------------------------------------------------
    # During
    # ------------------------------------------------------------

    def _settle_rights(self, loser, winner):
        """Take away what nobody confirmed, before all leads to the card that stays."""
        self._suspend_relations(loser | winner)
        self._drop_outside_followers(loser)
        self._set_aside_consents(loser, winner)
        self._distrust_phones(loser, winner)

    def _suspend_relations(self, cards):
        """Have declared relations of both cards wait for staff, on either side."""
        redirect = self.env["clinic.merge.redirect"]
        condition = SQL(
            "t.standing = 'declared' AND (t.patient_id IN %s OR t.guardian_id IN %s)",
            tuple(cards.ids),
            tuple(cards.ids),
        )
        for column, value in (("can_book", False), ("standing", "to_confirm")):
            redirect._set_column(self, "clinic_relationship", column, value, condition)

    def _drop_outside_followers(self, loser):
        """Who is no employee does not follow the card that stays."""
        followers = SQL(
            "res_model = 'res.partner' AND res_id = %s AND NOT EXISTS ("
            "SELECT FROM res_users u WHERE u.partner_id = mail_followers.partner_id"
            " AND NOT u.share)",
            loser.id,
        )
        outside = SQL("SELECT id FROM mail_followers WHERE %s", followers)
        redirect = self.env["clinic.merge.redirect"]
        # What hangs on them first, so that an undone merge brings it back as well.
        for table, column in (
            ("mail_followers_mail_message_subtype_rel", "mail_followers_id"),
            ("mail_followers", "id"),
        ):
            condition = SQL("t.%s IN (%s)", SQL.identifier(column), outside)
            redirect._remove(self, table, condition)

    def _set_aside_consents(self, loser, winner):
        """Where the two cards say different things, the stricter one goes on.

        The latest decision of a patient holds. Without this a consent given on one
        card would outlive what was refused or withdrawn earlier on the other.
        """
        self.env["clinic.merge.redirect"]._set_column(
            self,
            "clinic_consent",
            "set_aside",
            True,
            SQL(
                """
                t.decision = 'given' AND t.patient_id IN (%(loser)s, %(winner)s)
                AND EXISTS (
                    SELECT FROM clinic_consent strict
                     WHERE strict.kind_id = t.kind_id
                       AND strict.patient_id IN (%(loser)s, %(winner)s)
                       AND strict.patient_id <> t.patient_id
                       AND strict.decision <> 'given'
                       AND NOT COALESCE(strict.set_aside, FALSE)
                       AND (strict.date, strict.id) < (t.date, t.id)
                       AND NOT EXISTS (
                           SELECT FROM clinic_consent later
                            WHERE later.kind_id = strict.kind_id
                              AND later.patient_id = strict.patient_id
                              AND NOT COALESCE(later.set_aside, FALSE)
                              AND (later.date, later.id) > (strict.date, strict.id)))
                """,
                loser=loser.id,
                winner=winner.id,
            ),
        )

    def _distrust_phones(self, loser, winner):
        """A number that a visitor brought along gets no codes of the other card."""
        if loser.identity_state != "to_review" and winner.identity_state != "to_review":
            return
        unproven = loser if loser.identity_state == "to_review" else winner
        known = (loser | winner) - unproven
        # As PostgreSQL writes it into JSON: what was changed since is told by that.
        until = (clock.now() + WAIT).isoformat()
        redirect = self.env["clinic.merge.redirect"]
        for phone in unproven.phone_ids:
            if phone.e164 in known.phone_ids.mapped("e164"):
                continue
            if known._tell_new_contact(phone.display_name, but=phone.browse()):
                condition = SQL("t.id = %s", phone.id)
                redirect._set_column(
                    self, "clinic_phone", "codes_from", until, condition
                )

    # ------------------------------------------------------------
    # After it was undone
    # ------------------------------------------------------------

    def _suspend_since(self, cards):
        """What staff confirmed on the one card may not be true of the two."""
        since = self.env["clinic.relationship"].search(
            [
                ("patient_id", "in", cards.ids),
                ("confirmed_at", ">=", self.date),
                ("standing", "=", "confirmed"),
            ]
        )
        since.write(
            {
                "can_book": False,
                "can_read": False,
                "can_sign": False,
                "standing": "to_confirm",
            }
        )
