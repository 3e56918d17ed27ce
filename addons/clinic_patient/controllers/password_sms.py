from odoo import fields, http
from odoo.exceptions import UserError, ValidationError
from odoo.http import request
from odoo.tools.misc import hmac

from odoo.addons.clinic_base.lib.visitor_network import network

PAGE = {"type": "http", "auth": "public", "website": True, "sitemap": False}
#: Guesses of a visitor's network in an hour, beside the tries of each code.
GUESSES = 20


class PasswordSmsController(http.Controller):
    """A new password by a code that comes by SMS, for patients in the portal.

    Neither the words nor the time of an answer tell whether a number belongs to an
    account: whom to write to is looked up after the visitor was answered.
    """

    @http.route("/web/reset_password/sms", methods=["GET"], **PAGE)
    def ask_code_by_sms(self, **_unknown):
        """The form for the telephone number."""
        return self._sms_answer({"step": "phone"})

    @http.route("/web/reset_password/sms", methods=["POST"], **PAGE)
    def send_code_by_sms(self, phone=None, **_unknown):
        """Put the request on record, and ask for the code in any case."""
        try:
            e164 = request.env["clinic.phone"]._normalize(str(phone or ""))
        except ValidationError as error:
            return self._sms_answer(
                {"step": "phone", "phone": phone, "error": str(error)}, 400
            )
        minutes = request.env["clinic.password.request"]._ask(e164, by_sms=True)
        error = minutes and request.env._(
            "A code was asked for several times already. Use the last one, or ask "
            "again in %(minutes)s minutes. If none arrives, please call us.",
            minutes=minutes,
        )
        return self._sms_answer({"step": "code", "phone": e164, "error": error})

    @http.route("/web/reset_password/sms/code", methods=["POST"], **PAGE)
    def reset_by_sms_code(
        self, phone=None, code=None, birth_date=None, password=None, again=None, **_u
    ):
        """Set the password of who has the code and knows the birth date."""
        values = {"step": "code", "phone": str(phone or "")[:40]}
        password = str(password or "")
        if not password or password != again:
            values["error"] = request.env._(
                "The two passwords are not the same; please type them again."
            )
            return self._sms_answer(values, 400)
        wrong = request.env._(
            "The code or the birth date is not right, or the code is too old. You may "
            "ask for a new code."
        )
        if not self._may_guess():
            values["error"] = wrong
            return self._sms_answer(values, 400)
        try:
            born = fields.Date.to_date(str(birth_date or ""))
        except ValueError:
            born = None
        try:
            with request.env.cr.savepoint():
                # sudo: clinic.password.request - the code is the gate
                requests = request.env["clinic.password.request"].sudo()
                done = requests._reset_by_code(values["phone"], code, born, password)
        except UserError as error:
            values["error"] = str(error)
            return self._sms_answer(values, 400)
        if not done:
            values["error"] = wrong
            return self._sms_answer(values, 400)
        return self._sms_answer({"step": "done"})

    def _may_guess(self):
        address = network(request.httprequest.remote_addr)
        # sudo: ir.config_parameter - the key is the secret of the database
        key = hmac(request.env(su=True), "clinic.password.sms", address)
        limit = request.env["clinic.rate.limit"]
        return limit._hit(f"password_sms:ip:{key}", GUESSES, 3600)

    def _sms_answer(self, values, status=200):
        response = request.render(
            "clinic_patient.reset_password_sms", values, status=status
        )
        response.headers["Cache-Control"] = "no-store"
        response.headers["X-Frame-Options"] = "SAMEORIGIN"
        return response
