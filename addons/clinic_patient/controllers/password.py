from odoo import http
from odoo.http import request

from odoo.addons.auth_signup.controllers.main import AuthSignupHome


class PasswordController(AuthSignupHome):
    """Odoo's pages about passwords, without telling visitors who has an account."""

    @http.route()
    def web_auth_signup(self, *args, **kw):
        """Odoo's page, deaf to an address it would be asked about."""
        self._ask_nothing_about_addresses()
        return super().web_auth_signup(*args, **kw)

    @http.route()
    def web_auth_reset_password(self, *args, **kw):
        """Odoo's page: the answer is the same whether or not there is an account.

        The request is only put on record; see ``clinic.password.request``.
        """
        self._ask_nothing_about_addresses()
        response = super().web_auth_reset_password(*args, **kw)
        values = response.qcontext
        if values.get("message") and not values.get("token"):
            values["message"] = request.env._(
                "If there is an account with this address, an e-mail with a link to "
                "set a new password is on its way to it."
            )
        return response

    def _ask_nothing_about_addresses(self):
        """With this parameter Odoo goes on to the log-in page for known addresses and
        stays here for others."""
        request.params.pop("signup_email", None)
