import re
import secrets

from odoo import http
from odoo.exceptions import UserError, ValidationError
from odoo.http import request
from odoo.tools import email_normalize

from odoo.addons.clinic_base.controllers import secure_pages
from odoo.addons.clinic_patient.lib import person_name
from odoo.addons.clinic_patient.lib.enquiry_life import MOST_TEXT

from . import common

#: What a form key looks like; made by us, sent back by the form.
FORM_KEY = re.compile(r"[\w-]{10,40}", re.ASCII)
TYPED = ("contact_name", "phone", "email", "text", "topic", "privacy")


class EnquiryController(http.Controller):
    """Asking a question and registering for an event, without an account.

    The answer is the same whoever asks: nothing here tells who is a patient.
    """

    @http.route("/clinic/enquiry", **common.SHOWN)
    def enquiry(self, topic=None, **_unknown):
        """The form."""
        return self._enquiry_page({"topic": topic})

    @http.route("/clinic/events", **(common.SHOWN | {"sitemap": True}))
    def events(self, **_unknown):
        """Lectures and open days ahead."""
        return secure_pages.page(
            "clinic_agenda.events_page",
            {"events": request.env["clinic.marketing.event"]._public()},
        )

    @http.route("/clinic/events/<int:event_id>", **common.SHOWN)
    def event(self, event_id, **_unknown):
        """One event, and the form to register."""
        event = request.env["clinic.marketing.event"]._public(event_id)
        if not event:
            return self._no_event()
        return self._enquiry_page({}, event=event)

    @http.route("/clinic/enquiry/send", **common.SENT)
    def send(self, event=None, form_key=None, website=None, **typed):
        """Take a question, or a registration for an event.

        :param event: number of the event, empty for a question
        :param form_key: of the form that was shown: sent twice, it counts once
        :param website: a field that people do not see and programs fill in
        """
        common.limit("enquiry")
        if website:
            return secure_pages.redirect("/clinic/enquiry/done")
        events = request.env["clinic.marketing.event"]
        wanted = common.number(event)
        event = events._public(wanted) if wanted else events
        if wanted and not event:
            return self._no_event()
        typed = {
            name: typed[name][:12000].replace("\x00", "")
            for name in TYPED
            if isinstance(typed.get(name), str)
        }
        vals, errors = self._check_enquiry(typed, event)
        if not errors:
            key = form_key if FORM_KEY.fullmatch(str(form_key or "")) else None
            try:
                with request.env.cr.savepoint():
                    request.env["clinic.enquiry"]._receive(vals, key)
            except (ValidationError, UserError) as problem:
                errors[""] = str(problem)
        if errors:
            return self._enquiry_page(typed, errors, event)
        return secure_pages.redirect("/clinic/enquiry/done")

    @http.route("/clinic/enquiry/done", **common.SHOWN)
    def enquiry_done(self, **_unknown):
        """The last page, the same for everybody."""
        return secure_pages.page("clinic_agenda.enquiry_done_page", {})

    def _no_event(self):
        return secure_pages.page("clinic_agenda.event_gone_page", {}, status=404)

    def _enquiry_page(self, typed, errors=None, event=None):
        return secure_pages.page(
            "clinic_agenda.enquiry_page",
            {
                "typed": typed,
                "errors": errors or {},
                "event": event,
                "topics": self._topics(),
                "patient": self._known_patient(),
                "form_key": secrets.token_urlsafe(18),
            },
            status=422 if errors else 200,
        )

    def _topics(self):
        # sudo: clinic.enquiry.topic - those of the website are for everybody
        topics = request.env["clinic.enquiry.topic"].sudo()
        return topics.search([("is_public", "=", True)])

    def _known_patient(self):
        """The card of a visitor who is logged in as a patient; empty otherwise."""
        partner = common.portal_partner()
        # sudo: res.partner - the visitor's own card
        return partner if partner.sudo().is_patient else partner.browse()

    def _check_enquiry(self, typed, event):
        """Read what was typed.

        :returns: ``(vals of the enquiry, {field: what is wrong with it})``
        """
        errors = {}
        patient = self._known_patient()
        vals = {
            "channel": "event" if event else "web",
            "event_id": event.id if event else False,
            "company_id": (event or request.website).company_id.id,
            "lang": request.env.lang,
            **self._utm_values(),
        }
        if patient:
            vals["patient_id"] = patient.id
            # sudo: res.partner - the visitor's own card
            vals["email"] = patient.sudo().email_normalized
        else:
            self._check_visitor(typed, vals, errors)
        topic = common.number(typed.get("topic"))
        if topic in self._topics().ids:
            vals["topic_id"] = topic
        elif event:
            vals["topic_id"] = event.topic_id.id
        text = (typed.get("text") or "").strip()
        if not text and not event:
            errors["text"] = request.env._("Write what you would like to know.")
        elif len(text) > MOST_TEXT:
            errors["text"] = request.env._(
                "Please write %(limit)s characters at most.", limit=MOST_TEXT
            )
        vals["text"] = text
        return vals, errors

    def _check_visitor(self, typed, vals, errors):
        """Name, and a way to answer."""
        name = person_name.clean(typed.get("contact_name"))
        if not name:
            errors["contact_name"] = request.env._("Write your name.")
        else:
            try:
                request.env["res.partner"]._check_stranger_name(
                    request.env._("The name"), name
                )
                vals["contact_name"] = name
            except ValidationError as problem:
                errors["contact_name"] = str(problem)
        email = (typed.get("email") or "").strip()
        phone = (typed.get("phone") or "").strip()
        if not email and not phone:
            errors["email"] = request.env._(
                "Write an e-mail address or a telephone number."
            )
        if email:
            vals["email"] = email_normalize(email) if len(email) <= 254 else False
            if not vals["email"]:
                errors["email"] = request.env._(
                    "Write a complete e-mail address, for example name@example.com."
                )
        if phone:
            try:
                request.env["clinic.phone"]._normalize(phone)
                vals["phone"] = phone
            except ValidationError as problem:
                errors["phone"] = str(problem)
        if not typed.get("privacy"):
            errors["privacy"] = request.env._(
                "Please accept the privacy notice, or call us with your question."
            )

    def _utm_values(self):
        """Where the visitor came from, as Odoo's links say it."""
        # sudo: utm.mixin - sources are made as visitors bring them, as Odoo does
        utm = request.env["utm.mixin"].sudo()
        values = {}
        for _param, field, cookie in utm.tracking_fields():
            name = request.cookies.get(cookie)
            if name and field in ("source_id", "medium_id", "campaign_id"):
                model = request.env["clinic.enquiry"]._fields[field].comodel_name
                values[field] = utm._find_or_create_record(model, name[:100]).id
        return values
