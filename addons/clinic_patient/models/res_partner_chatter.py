from odoo import api, models
from odoo.exceptions import AccessError
from odoo.fields import Domain

from ..lib.roles import STAFF_GROUPS


class ResPartner(models.Model):
    """Notes, tasks and files on the card of a patient are for the staff.

    Odoo gives them to whoever reads the contact. Who has no role keeps what is by the
    own hand or was sent to them.
    """

    _inherit = "res.partner"

    def _cards_kept_from_user(self):
        """Those that are patients, of whom the user sees the contact only."""
        user = self.env.user
        if self.env.su or not user._is_internal() or user.has_group(STAFF_GROUPS):
            return self.browse()
        # sudo: res.partner - only which ones are patients
        return self.sudo().exists().filtered("is_patient").with_env(self.env)

    @api.model
    def _domain_kept_from_user(self, name="res_id", model="res_model"):
        """Domain of what hangs on no such card.

        :param str name: field with the id of the card
        :param str model: field with the name of the model
        """
        user = self.env.user
        if self.env.su or not user._is_internal() or user.has_group(STAFF_GROUPS):
            return Domain.TRUE
        # sudo: res.partner - only which ones are patients
        patients = self.sudo().with_context(active_test=False)
        patients = patients._search([("is_patient", "=", True)])
        return Domain(model, "!=", self._name) | Domain(name, "not in", patients)

    def _message_subscribe(self, partner_ids=None, subtype_ids=None, customer_ids=None):
        """As Odoo's; colleagues without a role do not follow patients: whoever follows
        is sent all that is written on the card."""
        # sudo: res.partner, res.users - who of these is a colleague without a role
        cards = self.sudo().filtered("is_patient").with_env(self.env)
        if cards:
            people = self.sudo().browse(partner_ids or ())
            kept = set(people._colleagues_without_role().ids)
            super(ResPartner, cards)._message_subscribe(
                [number for number in partner_ids or () if number not in kept],
                subtype_ids,
                customer_ids,
            )
        return super(ResPartner, self - cards)._message_subscribe(
            partner_ids, subtype_ids, customer_ids
        )

    def _colleagues_without_role(self):
        """Those of these people who log in here and have no role of the clinic."""
        return self.filtered(
            lambda person: any(
                user._is_internal() and not user.has_group(STAFF_GROUPS)
                for user in person.user_ids
            )
        )

    @api.constrains("is_patient")
    def _unfollow_without_role(self):
        """A contact that becomes a card loses followers who have no role."""
        # sudo: res.partner, mail.followers - the system's own housekeeping
        for card in self.sudo().filtered("is_patient"):
            strangers = card.message_partner_ids._colleagues_without_role()
            if strangers:
                card.message_unsubscribe(strangers.ids)

    def _mail_get_operation_for_mail_message_operation(self, message_operation):
        """Anybody may leave a note; what others wrote on a patient is for staff."""
        operations = super()._mail_get_operation_for_mail_message_operation(
            message_operation
        )
        if message_operation == "create":
            return operations
        kept = self._cards_kept_from_user()
        return {card: name for card, name in operations.items() if card not in kept}


class MailMessage(models.Model):
    """Odoo's pages give a note to who may read the contact it hangs on."""

    _inherit = "mail.message"

    @api.model
    def _get_with_access(self, message_id, mode="read", **kwargs):
        message = super()._get_with_access(message_id, mode, **kwargs)
        # sudo: mail.message - only on what it hangs
        hangs_on = message.sudo()
        if hangs_on.model == "res.partner":
            card = self.env["res.partner"].browse(hangs_on.res_id)
            if card._cards_kept_from_user() and not message.has_access(mode):
                return self.browse()
        return message


class MailFollowers(models.Model):
    """Who follows what of the clinic, and whose card, is for the staff."""

    _inherit = "mail.followers"

    @api.model
    def _clinic_rule(self, domain, mode):
        domain = super()._clinic_rule(domain, mode)
        others = self.env["res.partner"]._domain_kept_from_user()
        if others.is_true():
            return domain
        others &= Domain("res_model", "not like", "clinic.")
        return domain & (
            Domain("partner_id", "=", self.env.user.partner_id.id) | others
        )


class MailNotification(models.Model):
    """Who was told what of the clinic is for the staff, and for who was told."""

    _inherit = "mail.notification"

    @api.model
    def _clinic_rule(self, domain, mode):
        domain = super()._clinic_rule(domain, mode)
        others = self.env["res.partner"]._domain_kept_from_user(model="model")
        if others.is_true():
            return domain
        # sudo: mail.message - only on what they hang
        messages = self.env["mail.message"].sudo()
        messages = messages._search(others & Domain("model", "not like", "clinic."))
        return domain & (
            Domain("res_partner_id", "=", self.env.user.partner_id.id)
            | Domain("mail_message_id", "in", messages)
        )


class MailActivity(models.Model):
    """Tasks on the card of a patient are for staff and for who has to do them."""

    _inherit = "mail.activity"

    @api.model
    def _search(self, domain, *args, bypass_access=False, **kwargs):
        if not bypass_access:
            others = self.env["res.partner"]._domain_kept_from_user()
            if not others.is_true():
                domain = Domain(domain) & (
                    Domain("user_id", "=", self.env.uid) | others
                )
        return super()._search(domain, *args, bypass_access=bypass_access, **kwargs)


class IrAttachment(models.Model):
    """Files on the card of a patient are for staff and for who put them there."""

    _inherit = "ir.attachment"

    def _check_access(self, operation):
        result = super()._check_access(operation)
        if self.env.su:
            return result
        # sudo: ir.attachment - only what these hang on
        files = self.sudo().filtered(
            lambda file: (
                file.res_model == "res.partner"
                and file.res_id
                and not file.public
                and file.create_uid.id != self.env.uid
            )
        )
        cards = self.env["res.partner"].browse(files.mapped("res_id")).exists()
        kept = cards._cards_kept_from_user().ids
        forbidden = files.filtered(lambda file: file.res_id in kept).with_env(self.env)
        if not forbidden:
            return result
        if result:
            return result[0] | forbidden, result[1]
        return forbidden, lambda: AccessError(
            self.env._("This file is not for you: ask whoever put it there.")
        )

    @api.model
    def _search(self, domain, *args, bypass_access=False, **kwargs):
        if not bypass_access:
            others = self.env["res.partner"]._domain_kept_from_user()
            if not others.is_true():
                own = Domain("create_uid", "=", self.env.uid)
                domain = Domain(domain) & (own | Domain("public", "=", True) | others)
        return super()._search(domain, *args, bypass_access=bypass_access, **kwargs)
