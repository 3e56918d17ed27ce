import time

from odoo import SUPERUSER_ID, Command, fields, models

from odoo.addons.clinic_base.lib import clock

from ..lib.roles import STAFF_GROUPS

#: How Odoo renames the log-in of an account that its owner closed.
CLOSED = "__deleted_user_"


class ResUsers(models.Model):
    """The owner of an account closes it: the log-in goes, the medical record stays."""

    _inherit = "res.users"

    closed_on = fields.Datetime(
        string="Closed by the owner",
        readonly=True,
        copy=False,
        groups=STAFF_GROUPS,
        help="When the patient closed the account of the portal.",
    )

    def _deactivate_portal_user(self, **post):
        """Close accounts of patients and guardians in a way that keeps their cards.

        Odoo archives the contact and deletes it at night; a card is kept as long as the
        law asks, and its visits take place. Other accounts go as in Odoo.

        :param post: the form of */my/security*; ``request_blacklist`` ends all offers
        :raises AccessDenied: one of the accounts is an employee's
        """
        ours = self.filtered(
            # sudo: res.partner - whether the clinic knows the person
            lambda user: user.share and user.sudo().partner_id._is_of_clinic()
        )
        for user in ours:
            user.sudo()._close_account(bool(post.get("request_blacklist")))
        if self - ours:
            return super(ResUsers, self - ours)._deactivate_portal_user(**post)
        return None

    def _close_account(self, no_offers):
        """Take away everything that opens the portal, and tell the staff.

        :param bool no_offers: whether the consent to news and offers is withdrawn, too
        """
        self.ensure_one()
        partner = self.partner_id
        self.write(
            {
                "login": f"{CLOSED}{self.id}_{time.time()}",
                "password": "",
                "totp_secret": False,
                "closed_on": clock.now(),
                # As Odoo does with a log-in that is taken away.
                "group_ids": [
                    Command.unlink(self.env.ref("base.group_portal").id),
                    Command.link(self.env.ref("base.group_public").id),
                ],
            }
        )
        self.api_key_ids._remove()
        self._action_revoke_all_devices()
        self._forget_ways_in()
        partner.signup_type = False
        # Nobody archives the own account.
        self.with_user(SUPERUSER_ID).action_archive()
        if no_offers and partner._has_consent("marketing"):
            self.env["clinic.consent"]._decide(
                partner, "marketing", "withdrawn", "portal"
            )
        partner._after_account_closed(no_offers)

    def _forget_ways_in(self):
        """Extension point: what else opens or reaches the account of this user."""

    def _reopen_account(self, email):
        """Give an account that its owner closed its log-in back, for a new invitation.

        :param str email: normalized address
        """
        for user in self.filtered("closed_on"):
            user.write({"login": email, "closed_on": False})
