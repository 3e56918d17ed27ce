from odoo import fields, http
from odoo.exceptions import AccessDenied, UserError
from odoo.http import request
from odoo.tools import email_normalize

from odoo.addons.clinic_base.controllers.codes import send_code
from odoo.addons.clinic_base.controllers.secure_pages import SEEN, SENT
from odoo.addons.clinic_base.lib import clock
from odoo.addons.portal.controllers.portal import CustomerPortal

from ..models.clinic_identity_request import IDENTITY

PENDING = "clinic_phone_pending"
#: Numbers a person may have on the own card.
MOST_PHONES = 10
#: Passwords that are tried for a new e-mail address, in a quarter of an hour.
GUESSES = 5


class DataPortal(CustomerPortal):
    """The own data: changed at once with checks, or asked for when it is identity."""

    def _data_page(self, error=None, **more):
        partner = request.env.user.partner_id
        # sudo: res.partner - the visitor's own card
        card = partner.sudo()
        requests = request.env["clinic.identity.request"].sudo()
        values = self._prepare_portal_layout_values() | {
            "page_name": "my_data",
            "card": card,
            "phones": card.phone_ids,
            "countries": card._portal_options("country_id"),
            "languages": request.env["res.lang"].sudo().get_installed(),
            "channels": card._fields["preferred_channel"]._description_selection(
                request.env
            ),
            "pending": request.session.get(PENDING),
            "identity_request": requests.search(
                [("patient_id", "=", card.id), ("state", "=", "open")], limit=1
            ),
            "error": error,
            **more,
        }
        response = request.render(
            "clinic_patient.portal_my_data", values, status=422 if error else 200
        )
        response.headers["Cache-Control"] = "no-store"
        return response

    def _data_gate(self):
        """The visitor's own card, if it is one of a patient.

        :raises NotFound: the visitor is no patient here
        """
        partner = request.env.user.partner_id
        if not partner.is_patient:
            raise request.not_found()
        return partner

    def _data_try(self, work, done="/my/data?saved=1"):
        """Do what a form asks, or show the page with what is wrong with it."""
        try:
            with request.env.cr.savepoint():
                work()
        except UserError as refusal:
            return self._data_page(str(refusal), form=request.params)
        return request.redirect(done, code=303)

    @http.route("/my/data", **SEEN)
    def my_data(self, saved=None, **_unknown):
        """What we know, with forms to change it."""
        self._data_gate()
        return self._data_page(saved=bool(saved))

    @http.route("/my/data/contact", **SENT)
    def change_contact(self, **form):
        """E-mail, address, language, channel: changed at once.

        Links for new passwords go to the e-mail address: whoever finds an open browser
        does not change it without the password.
        """
        card = self._data_gate()

        def change():
            old = email_normalize(card.email)
            card._portal_write(form)
            if email_normalize(card.email) != old:
                self._ask_password(form.get("password"))

        return self._data_try(change)

    def _ask_password(self, password):
        """Let only who knows the password of this log-in go on.

        :raises UserError: it is missing or wrong, or was tried too often
        """
        user = request.env.user
        limit = request.env["clinic.rate.limit"]
        if not limit._hit(f"address_password:{user.id}", GUESSES, 900):
            raise UserError(
                request.env._("Too many tries: come back in a quarter of an hour.")
            )
        try:
            if not password:
                raise AccessDenied()
            user._check_credentials(
                {"type": "password", "login": user.login, "password": str(password)},
                {"interactive": True},
            )
        except AccessDenied:
            raise UserError(
                request.env._(
                    "Write your password to change the e-mail address. If you have "
                    "none, ask at the reception."
                )
            ) from None

    @http.route("/my/data/identity", **SENT)
    def ask_identity(self, note=None, birth_date=None, **form):
        """Name, birth date, tax code: staff compare with a document."""
        card = self._data_gate()

        def ask():
            vals = {
                name: " ".join(str(form.get(name) or "").replace("\x00", "").split())[
                    :100
                ]
                for name in IDENTITY
            }
            try:
                vals["birth_date"] = fields.Date.to_date(str(birth_date or ""))
            except ValueError:
                raise UserError(
                    request.env._("Write the birth date as year-month-day.")
                ) from None
            vals["tax_code"] = vals["tax_code"].upper()
            requests = request.env["clinic.identity.request"]
            requests._ask(card, vals, str(note or "").replace("\x00", ""))

        return self._data_try(ask, "/my/data?saved=1#identity")

    # Telephone numbers

    def _own_phone(self, phone_id):
        """A number of the visitor's own card.

        :raises NotFound: of somebody else, or none
        """
        # sudo: clinic.phone - the visitor's own
        phones = self._data_gate().sudo().phone_ids
        found = phones.filtered(lambda each: str(each.id) == str(phone_id))
        if not found:
            raise request.not_found()
        return found

    @http.route("/my/data/phone", **SENT)
    def add_phone(self, number=None, **_unknown):
        """Send a code to a new number, or to one that was never confirmed."""
        card = self._data_gate()

        def send():
            phones = request.env["clinic.phone"]
            e164 = phones._normalize(str(number or ""), card.sudo().country_id)
            known = card.sudo().phone_ids
            if len(known) >= MOST_PHONES and e164 not in known.mapped("e164"):
                raise UserError(
                    request.env._("Remove a number that you do not use any more first.")
                )
            request.session[PENDING] = e164
            if refusal := send_code(e164, self._phone_purpose()):
                raise UserError(refusal)

        return self._data_try(send, "/my/data#code")

    def _phone_purpose(self):
        return f"portal_phone:{request.env.user.partner_id.id}"

    @http.route("/my/data/phone/code", **SENT)
    def confirm_phone(self, code=None, **_unknown):
        """A number is taken, and trusted, when its code was typed."""
        card = self._data_gate().sudo()
        e164 = request.session.get(PENDING)
        codes = request.env["clinic.one.time.code"]
        if not e164 or not codes._verify(e164, self._phone_purpose(), code):
            return self._data_page(
                request.env._("This code is not right. Ask for a new one.")
            )
        known = card.phone_ids.filtered(lambda phone: phone.e164 == e164)
        phone = known or card.phone_ids.create(
            {
                "partner_id": card.id,
                "number": e164,
                "is_preferred": not card.phone_ids,
            }
        )
        phone._ours().verified_on = clock.now()
        request.session[PENDING] = False
        return request.redirect("/my/data?saved=1#phones", code=303)

    @http.route("/my/data/phone/forget", **SENT)
    def forget_code(self, **_unknown):
        """The number that waits for its code was a mistake."""
        self._data_gate()
        request.session[PENDING] = False
        return request.redirect("/my/data#phones", code=303)

    @http.route("/my/data/phone/<int:phone_id>/<string:what>", **SENT)
    def change_phone(self, phone_id, what, **_unknown):
        """Prefer a number, or remove it."""
        phone = self._own_phone(phone_id)

        def change():
            if what == "prefer":
                phone.is_preferred = True
            elif what != "remove":
                raise request.not_found()
            elif len(phone.partner_id.phone_ids) == 1:
                raise UserError(
                    request.env._(
                        "This is the only number we have. Add another one first."
                    )
                )
            else:
                phone.unlink()

        return self._data_try(change, "/my/data?saved=1#phones")

    # Odoo's own forms would change a name without a document.

    @http.route()
    def account(self, **kwargs):
        if request.env.user.partner_id.is_patient:
            return request.redirect("/my/data", code=303)
        return super().account(**kwargs)

    @http.route()
    def portal_address_submit(self, partner_id=None, **form_data):
        partner = request.env.user.partner_id
        try:
            own = int(partner_id or 0) == partner.id
        except ValueError:
            own = True
        if own and partner.is_patient:
            raise request.not_found()
        return super().portal_address_submit(partner_id=partner_id, **form_data)
