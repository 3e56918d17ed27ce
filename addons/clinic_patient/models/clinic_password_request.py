import logging

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.http import request
from odoo.tools import email_normalize
from odoo.tools.misc import hmac

from odoo.addons.clinic_base.lib.visitor_network import network

_logger = logging.getLogger(__name__)

LONGEST = 254
#: What the one-time code is asked for; a code for booking resets nothing.
PURPOSE = "password"


class ClinicPasswordRequest(models.Model):
    """Somebody asked for a new password and waits for an e-mail or an SMS.

    Whether there is an account is looked up after the visitor was answered, so neither
    the words nor the time of the answer depend on it.
    """

    _name = "clinic.password.request"
    _description = "Request for a new password"
    _order = "id"
    _rec_name = "id"
    _log_access = False

    login = fields.Char(required=True, help="As typed; forgotten with the answer.")
    by_sms = fields.Boolean(help="The login is a telephone number.")
    lang = fields.Char(help="Language of the page.")

    @api.model
    def _ask(self, login, by_sms=False):
        """Put a request on record, unless there were too many lately.

        Three in 15 minutes for a login, 300 in an hour for a visitor's network, which
        hundreds may share.

        :param login: login or e-mail address as it came from outside; an E.164 number
            with ``by_sms``
        :returns: minutes to wait when there were too many, else 0; the same whether or
            not there is an account
        """
        login = str(login or "").replace("\x00", "").strip()[:LONGEST]
        if not login:
            return 0
        limit = self.env["clinic.rate.limit"]
        address = network(request.httprequest.remote_addr if request else "")
        limits = [
            (f"password:ip:{self._hash(address)}", 300, 3600),
            (f"password:login:{self._hash(login.lower())}", 3, 900),
        ]
        if not all(limit._hit(*each) for each in limits):
            return limit._minutes_to_wait(limits)
        # sudo: clinic.password.request - a visitor has no rights on it
        self.sudo().create(
            {"login": login, "by_sms": by_sms, "lang": self.env.context.get("lang")}
        )
        self.env["ir.cron"]._set_off("clinic_patient.ir_cron_answer_password_requests")
        return 0

    @api.model
    def _hash(self, text):
        # sudo: ir.config_parameter - the key is the secret of the database
        return hmac(self.env(su=True), "clinic.password.request", text)

    @api.model
    def _cron_answer(self):
        """Write to those who have an account; the others hear nothing."""
        while asked := self.search([], limit=1):
            asked._answer()
            remaining = self.search_count([])
            if not self.env["ir.cron"]._commit_progress(1, remaining=remaining):
                break

    def _answer(self):
        """Write to the owner of the account, if there is one, and forget the request.

        One that fails is forgotten too: it must not keep the others waiting.
        """
        self.ensure_one()
        login, lang, by_sms = self.login, self.lang, self.by_sms
        user = self.browse() if by_sms else self._account(login)
        self.unlink()
        try:
            with self.env.cr.savepoint():
                if by_sms and self._accounts_by_phone(login):
                    codes = self.env["clinic.one.time.code"]
                    if not codes._issue(login, PURPOSE, lang=lang):
                        _logger.warning("A limit refused a code for a new password")
                elif user:
                    user.action_reset_password()
        except UserError:
            _logger.warning("No message for a new password of user %s", user.id)

    @api.model
    def _accounts_by_phone(self, phone_e164):
        """The active portal users on whose own card this number stands.

        Staff reset their passwords by e-mail: a number proves too little for what
        they may see.
        """
        # sudo: res.users, clinic.phone - asked by the system or after a one-time code
        users = self.env["res.users"].sudo()
        return users.search(
            [
                ("partner_id.phone_ids.e164", "=", phone_e164),
                ("partner_id.is_patient", "=", True),
                ("share", "=", True),
            ]
        ).filtered(
            lambda user: (
                user._is_portal()
                and phone_e164
                in user.partner_id.phone_ids._getting_codes().mapped("e164")
            )
        )

    @api.model
    def _reset_by_code(self, phone_e164, code, birth_date, password):
        """Set the password of who holds the phone and knows the birth date.

        A family may share the number: the birth date says whose account it is. The
        caller tells the visitor the same whatever was wrong.

        :param str password: that satisfies the rules of the site
        :return: whether it was set
        :raise UserError: the password is too weak; only told to who proved both
        """
        proved = self.env["clinic.one.time.code"]._verify(phone_e164, PURPOSE, code)
        users = self._accounts_by_phone(phone_e164).filtered(
            lambda user: birth_date and user.partner_id.birth_date == birth_date
        )
        if not proved or len(users) != 1:
            return False
        users._change_password(password)
        return True

    @api.model
    def _account(self, login):
        """The one active user with this login, or else e-mail address; or empty."""
        users = self.env["res.users"].sudo()
        found = users.search(users._get_login_domain(login), limit=2)
        if not found and email_normalize(login):
            domain = [("email_normalized", "=", email_normalize(login))]
            found = users.search(domain, limit=2)
        if len(found) != 1 or not found.email:
            return users.browse()
        return found if found.partner_id._gets_mail_links() else users.browse()
