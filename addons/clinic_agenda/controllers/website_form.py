import json

from werkzeug.exceptions import TooManyRequests

from odoo import http
from odoo.http import request

from odoo.addons.clinic_patient.lib import person_name
from odoo.addons.website.controllers.form import WebsiteForm

from . import common

#: Kinds of fields that a visitor fills in: words and choices, no records of others.
PLAIN = {"char", "text", "html", "selection", "boolean", "date", "datetime"}
#: Fields whose words a letter of the clinic may repeat.
NAMES = {"name", "contact_name", "partner_name", "first_name", "last_name", "company"}


class ClinicWebsiteForm(WebsiteForm):
    """Forms that the website's editor makes, */contactus* among them: the same gate as
    the page of enquiries. Staff who try their own form are not limited."""

    @http.route()
    def website_form(self, model_name, **kwargs):
        """Odoo's page, for so many in an hour as enquiries, and without files."""
        if not request.env.user._is_internal():
            try:
                common.limit("enquiry")
            except TooManyRequests as refusal:
                return self._form_error(refusal.description)
            if any(file.filename for file in request.httprequest.files.values()):
                return self._form_error(
                    request.env._(
                        "Files are not taken here. Bring them to your visit, or hand "
                        "them in where you are logged in."
                    )
                )
            if problem := self._speaking_name():
                return self._form_error(problem)
        return super().website_form(model_name, **kwargs)

    def _speaking_name(self):
        """What is wrong with a name that was typed, or nothing."""
        for field, text in request.httprequest.form.items():
            if field.lower() in NAMES and person_name.speaks(person_name.clean(text)):
                return request.env._(
                    "Write only your name, without an address of the web or of mail."
                )
        return None

    def _form_error(self, words):
        return request.make_response(
            json.dumps({"error": words}), [("Content-Type", "application/json")]
        )

    def extract_data(self, model_sudo, values):
        """Leave out what names records: whose a lead is, is for staff to say."""
        data = super().extract_data(model_sudo, values)
        if not request.env.user._is_internal():
            fields = request.env[model_sudo.model]._fields
            data["record"] = {
                name: value
                for name, value in data["record"].items()
                if name in fields and fields[name].type in PLAIN
            }
            data["attachments"] = []
        return data
