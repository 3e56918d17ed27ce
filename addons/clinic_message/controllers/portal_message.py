import uuid

from odoo import http
from odoo.exceptions import UserError
from odoo.http import request

from odoo.addons.portal.controllers.portal import CustomerPortal, pager

PAGE = {"type": "http", "auth": "user", "website": True, "sitemap": False}
A_PAGE = 40


class MessagePortal(CustomerPortal):
    """What the clinic and the patient wrote each other, for oneself and the wards.

    Whose messages are shown is decided for today at each request.
    """

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        if "clinic_message_count" in counters:
            partner = request.env.user.partner_id
            # sudo: clinic.message - the domain is the gate
            messages = request.env["clinic.message"].sudo()
            family = partner._portal_family()
            values["clinic_message_count"] = messages.search_count(
                messages._portal_domain(partner, family)
            )
        return values

    @http.route("/my/messages", methods=["GET"], readonly=True, **PAGE)
    def my_messages(self, **_unknown):
        """The conversations, one for each person one reads for."""
        partner = request.env.user.partner_id
        return self._talk_answer(
            "clinic_message.portal_my_messages",
            {
                "page_name": "messages",
                "talks": request.env["clinic.message"]._portal_talks(partner),
            },
        )

    # Reading health data is logged, hence not read-only.
    @http.route(
        [
            "/my/messages/<int:patient_id>",
            "/my/messages/<int:patient_id>/page/<int:page>",
        ],
        methods=["GET"],
        **PAGE,
    )
    def my_message_talk(self, patient_id, page=1, **_unknown):
        """What was written about one person, the newest first."""
        patient = self._talk_gate(patient_id)
        patient._log_opening("portal", "messages")
        return self._talk_page(patient, page)

    @http.route("/my/messages/<int:patient_id>", methods=["POST"], **PAGE)
    def my_message_answer(self, patient_id, text=None, token=None, **_unknown):
        """Write to the clinic in a conversation that is open."""
        patient = self._talk_gate(patient_id)
        partner = request.env.user.partner_id
        messages = request.env["clinic.message"]
        try:
            with request.env.cr.savepoint():
                # sudo: clinic.message - the gate let the visitor in
                messages.sudo()._portal_answer(
                    partner, patient, str(text or ""), str(token or uuid.uuid4())
                )
        except UserError as refusal:
            return self._talk_page(patient, error=str(refusal), text=text)
        return request.redirect(f"/my/messages/{patient.id}", code=303)

    def _talk_gate(self, patient_id):
        """Somebody this visitor may read for today, who has messages; in sudo.

        :raises NotFound: the same for strangers and for nobody at all
        """
        partner = request.env.user.partner_id
        patient = partner._portal_family().filtered(lambda each: each.id == patient_id)
        lines = request.env["clinic.message"]._portal_lines(partner, patient, limit=1)
        if not patient or not lines:
            raise request.not_found()
        return patient

    def _talk_page(self, patient, page=1, error=None, text=None):
        partner = request.env.user.partner_id
        # sudo: clinic.message - the gate let the visitor in
        messages = request.env["clinic.message"].sudo()
        domain = messages._portal_domain(partner, patient)
        pages = pager(
            f"/my/messages/{patient.id}",
            messages.search_count(domain),
            page,
            A_PAGE,
        )
        values = {
            "page_name": "messages",
            "patient": patient,
            "lines": messages._portal_lines(
                partner, patient, limit=A_PAGE, offset=pages["offset"]
            ),
            "pager": pages,
            "is_open": bool(messages._portal_answerable(partner, patient)),
            "channels": dict(
                messages._fields["channel"]._description_selection(request.env)
            ),
            "error": error,
            "text": text or "",
            "token": uuid.uuid4().hex,
        }
        return self._talk_answer(
            "clinic_message.portal_my_message_talk", values, 422 if error else 200
        )

    def _talk_answer(self, template, values, status=200):
        values = self._prepare_portal_layout_values() | values
        response = request.render(template, values, status=status)
        response.headers["Cache-Control"] = "no-store"
        return response
