import secrets

from odoo import fields, models
from odoo.exceptions import AccessError
from odoo.fields import NO_ACCESS
from odoo.tools import consteq

#: Length of ``secrets.token_urlsafe(32)``: 256 bits.
TOKEN_LENGTH = 43


class ClinicPractitioner(models.Model):
    """The practitioner's agenda as a calendar to subscribe to."""

    _inherit = "clinic.practitioner"

    feed_url = fields.Char(
        string="Calendar address",
        compute="_compute_feed_url",
        help="Whoever knows this address sees the agenda. Keep it secret; a new one "
        "stops the old one at once.",
    )
    may_have_feed = fields.Boolean(compute="_compute_feed_url")

    def _compute_feed_url(self):
        for practitioner in self:
            allowed = practitioner._may_have_feed()
            # sudo: clinic.practitioner - the own secret, or an administrator's job
            token = allowed and practitioner.sudo().feed_token
            practitioner.may_have_feed = allowed
            practitioner.feed_url = token and (
                f"{practitioner.get_base_url()}/clinic/feed/{token}.ics"
            )

    def _may_have_feed(self):
        """The practitioner in person, and administrators."""
        self.ensure_one()
        return self.env.user == self.user_id or self.env.user.has_group(
            "clinic_base.group_clinic_administrator"
        )

    def write(self, vals):
        """Stop the calendar address of whoever is no more this practitioner."""
        if "user_id" in vals:
            left = self.filtered(lambda one: one.user_id)
            left = left.filtered(lambda one: one.user_id.id != vals["user_id"])
            # sudo: clinic.practitioner - the address is the former person's
            left.sudo().feed_token = False
        return super().write(vals)

    def action_new_feed(self):
        """Make the calendar address, or another one in its place.

        :raises AccessError: for everybody but the practitioner and administrators
        """
        self._check_may_have_feed()
        # sudo: clinic.practitioner - a practitioner may renew the own address
        self.sudo()._new_feed_token()
        return True

    def action_revoke_feed(self):
        """Stop the calendar address.

        :raises AccessError: for everybody but the practitioner and administrators
        """
        self._check_may_have_feed()
        # sudo: clinic.practitioner - a practitioner may stop the own address
        self.sudo().feed_token = False
        return True

    def _check_may_have_feed(self):
        self.check_access("read")
        for practitioner in self:
            if not practitioner._may_have_feed():
                raise AccessError(
                    self.env._(
                        "Only %(name)s or an administrator may do this.",
                        name=practitioner.name,
                    )
                )

    def _by_feed_token(self, token):
        """The practitioner whose calendar address this is, in sudo; or empty."""
        # sudo: clinic.practitioner - the secret is the right
        found = self.sudo().search([("feed_token", "=", token)], limit=1)
        if not found or not consteq(found.feed_token, token):
            return self.sudo().browse()
        if found.user_id and not found.user_id.active:
            return self.sudo().browse()
        return found


class ResPartner(models.Model):
    """The patient's visits, and the family's, as a calendar to subscribe to."""

    _inherit = "res.partner"

    visit_feed_token = fields.Char(
        copy=False,
        groups=NO_ACCESS,
        help="Secret part of the calendar address; a new one stops the old address.",
    )

    _visit_feed_token_unique = models.UniqueIndex(
        "(visit_feed_token) WHERE visit_feed_token IS NOT NULL"
    )

    def _new_visit_feed(self):
        """Make the person's calendar address, or another one in its place."""
        for partner in self:
            # sudo: res.partner - the caller has checked that it is the own address
            partner.sudo().visit_feed_token = secrets.token_urlsafe(32)

    def _revoke_visit_feed(self):
        """Stop the person's calendar address."""
        # sudo: res.partner - the caller has checked that it is the own address
        self.sudo().visit_feed_token = False

    def _visit_feed_url(self):
        """The person's calendar address, or nothing."""
        self.ensure_one()
        # sudo: res.partner - shown to nobody but the person
        token = self.sudo().visit_feed_token
        return token and f"{self.get_base_url()}/clinic/feed/{token}.ics"

    def _by_visit_feed_token(self, token):
        """The person whose calendar address this is, in sudo; or empty."""
        # sudo: res.partner - the secret is the right
        found = self.sudo().search([("visit_feed_token", "=", token)], limit=1)
        if not found or not consteq(found.visit_feed_token, token):
            return self.sudo().browse()
        return found
