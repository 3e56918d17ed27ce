from odoo import fields, models
from odoo.exceptions import AccessError, UserError

from ..lib.roles import STAFF_GROUPS

#: Who lets patients into the portal, and out of it.
DESK = (
    "clinic_patient.group_clinic_receptionist,"
    "clinic_patient.group_clinic_coordinator,clinic_patient.group_clinic_operator"
)


class ResPartner(models.Model):
    """The patient card: the log-in to the portal."""

    _inherit = "res.partner"

    portal_state = fields.Selection(
        [
            ("none", "No access"),
            ("invited", "Invited"),
            ("active", "Has logged in"),
            ("revoked", "Revoked"),
            ("closed", "Closed by the patient"),
        ],
        string="Portal",
        compute="_compute_portal_state",
        groups=STAFF_GROUPS,
    )
    portal_login = fields.Char(
        string="Log-in", compute="_compute_portal_state", groups=STAFF_GROUPS
    )

    def _compute_portal_state(self):
        # sudo: res.users - whether there is a log-in, for staff who may not see users
        users = self.env["res.users"].sudo().with_context(active_test=False)
        found = {}
        for user in users.search([("partner_id", "in", self.ids)], order="active, id"):
            found[user.partner_id.id] = user
        for partner in self:
            user = found.get(partner._origin.id)
            partner.portal_login = user and user.active and user.login
            if not user:
                partner.portal_state = "none"
            elif user.closed_on:
                partner.portal_state = "closed"
            elif not user.active or not user._is_portal():
                partner.portal_state = "revoked"
            else:
                partner.portal_state = "active" if user.login_date else "invited"

    def _portal_line(self):
        """Return Odoo's dialogue about this one card, in sudo after a check.

        :raises AccessError: the user may not decide about log-ins
        """
        self.ensure_one()
        self.check_access("write")
        self._check_desk()
        if not self.is_patient:
            raise UserError(self.env._("This card is not of a patient."))
        # sudo: portal.wizard - made for who manages all contacts; here for one patient
        wizard = self.env["portal.wizard"].sudo()
        wizard = wizard.with_context(default_partner_ids=self.ids, active_ids=self.ids)
        return wizard.create({"partner_ids": [(6, 0, self.ids)]}).user_ids

    def _check_desk(self):
        """Refuse who has no say about log-ins.

        :raises AccessError: neither reception, coordinator nor operator
        """
        if not (self.env.su or self.env.user.has_groups(DESK)):
            raise AccessError(self.env._("You may not decide about log-ins."))

    def action_portal_grant(self):
        """Let the patient into the portal and mail the link to choose a password.

        :raises UserError: there is no e-mail address, or another log-in has it
        """
        line = self._portal_line()
        if not self.email:
            raise UserError(
                self.env._(
                    "Write the e-mail address on the card first: the link to choose a "
                    "password goes there."
                )
            )
        line.action_grant_access()
        self._note_portal(self.env._("Let into the portal; the link was sent."))
        return True

    def action_portal_revoke(self):
        """Close the portal for the patient; open pages end with the next click."""
        self._portal_line().action_revoke_access()
        self._note_portal(self.env._("The access to the portal was revoked."))
        return True

    def action_portal_send_link(self):
        """Mail a link to choose a new password.

        :raises UserError: the patient has no access
        """
        line = self._portal_line()
        user = line.user_id
        if not line.is_portal:
            raise UserError(self.env._("Give the patient access to the portal first."))
        user.with_context(create_user=False).action_reset_password()
        self._note_portal(self.env._("A link to choose a new password was sent."))
        return True

    def _note_portal(self, text):
        # sudo: mail.message - who decides about log-ins may leave a note about it
        self.sudo().message_post(body=text, author_id=self.env.user.partner_id.id)
        self.invalidate_recordset(["portal_state", "portal_login"])
