from odoo import http
from odoo.exceptions import UserError
from odoo.http import content_disposition, request

from odoo.addons.clinic_base.controllers.secure_pages import PAGE, SEEN, SENT
from odoo.addons.portal.controllers.portal import CustomerPortal

#: Lines of the access log on a page.
LINES = 200


class DataRightsPortal(CustomerPortal):
    """Consents, and who opened the card, in the portal: one's own and of the wards."""

    def _rights_patient(self, patient_id, scope):
        """A patient for whom this visitor has ``scope`` today; in sudo.

        :raises NotFound: the same for others and for none at all
        """
        patients = request.env.user.partner_id._clinic_patients_for(scope)
        if not str(patient_id).isdigit() or int(patient_id) not in patients.ids:
            raise request.not_found()
        # sudo: res.partner - _clinic_patients_for is the gate
        return patients.sudo().browse(int(patient_id))

    def _rights_answer(self, template, values, status=200):
        values = self._prepare_portal_layout_values() | values
        response = request.render(template, values, status=status)
        response.headers["Cache-Control"] = "no-store"
        return response

    # Looking at a card is logged, hence not read-only.
    @http.route("/my/consents", methods=["GET"], **PAGE)
    def my_consents(self, **_unknown):
        """What was decided for oneself and the wards, and what may be decided."""
        return self._consents_page()

    def _consents_page(self, error=None):
        partner = request.env.user.partner_id
        # sudo: res.partner - _clinic_patients_for is the gate
        patients = partner._clinic_patients_for("read").sudo()
        signable = partner._clinic_patients_for("sign").ids
        # sudo: clinic.consent.kind - kinds are no secret
        kinds = (
            request.env["clinic.consent.kind"].sudo().search([("in_portal", "=", True)])
        )
        shown = request.env["clinic.shown"]
        held = {
            (consent.patient_id.id, consent.kind_id.id): consent
            for consent in shown._find(partner, "clinic.consent")
        }
        texts = {kind.id: kind._text(request.env.lang) for kind in kinds}
        copies = request.env["clinic.access.export"]._offered_to(partner)
        patients._log_opening("portal", "consents")
        return self._rights_answer(
            "clinic_patient.portal_my_consents",
            {
                "page_name": "consents",
                "patients": patients,
                "signable": signable,
                "kinds": kinds,
                "held": held,
                "texts": texts,
                "copies": copies,
                "error": error,
            },
            409 if error else 200,
        )

    @http.route("/my/consents/decide", **SENT)
    def decide_consent(
        self, patient_id=None, kind=None, text=None, decision=None, **_u
    ):
        """Give, refuse or withdraw; the text decided about is the one shown."""
        patient = self._rights_patient(patient_id or "", "sign")
        # sudo: clinic.consent.kind, clinic.consent.text - read to be checked
        kind = (
            request.env["clinic.consent.kind"]
            .sudo()
            .search([("code", "=", str(kind)), ("in_portal", "=", True)], limit=1)
        )
        if not kind or decision not in ("given", "refused", "withdrawn"):
            raise request.not_found()
        shown = kind._text(request.env.lang)
        if decision == "given" and shown._shown_mark() != str(text):
            return self._consents_page(
                request.env._("The text has changed meanwhile: please read it again.")
            )
        try:
            with request.env.cr.savepoint():
                request.env["clinic.consent"]._decide(
                    patient,
                    kind.code,
                    decision,
                    "portal",
                    giver=request.env.user.partner_id,
                    text=shown,
                )
        except UserError as refusal:
            return self._consents_page(str(refusal))
        return request.redirect("/my/consents", code=303)

    @http.route("/my/access-log", **SEEN)
    def my_access_log(self, **_unknown):
        """Who opened the card of oneself and of the wards, the latest first."""
        partner = request.env.user.partner_id
        # sudo: res.partner - _clinic_patients_for is the gate
        patients = partner._clinic_patients_for("read").sudo()
        lines = request.env["clinic.shown"]._find(
            partner, "clinic.access.log", limit=LINES
        )
        return self._rights_answer(
            "clinic_patient.portal_my_access_log",
            {"page_name": "access_log", "lines": lines, "patients": patients},
        )

    @http.route(
        "/clinic/access-export/<int:export_id>/download",
        type="http",
        auth="user",
        methods=["GET"],
    )
    def download_access_export(self, export_id, **_unknown):
        """The copy of a patient's data; each download is logged.

        For managers; and in the portal for the very person it was made for, while that
        person may still see all that is in it.

        :raises NotFound: the same for others, for none at all and when it is over
        """
        # sudo: clinic.access.export - the gate follows
        export = request.env["clinic.access.export"].sudo().browse(export_id).exists()
        mine = request.env["clinic.access.export"].browse(export.id)
        allowed = export and (
            mine.has_access("read")
            or export in mine._offered_to(request.env.user.partner_id)
        )
        if not allowed:
            raise request.not_found()
        try:
            content = export._download()
        except UserError:
            raise request.not_found() from None
        name = request.env._("Patient data %(number)s.zip", number=export.id)
        return request.make_response(
            content,
            [
                ("Content-Type", "application/zip"),
                ("Content-Disposition", content_disposition(name)),
                ("Cache-Control", "no-store"),
                ("X-Content-Type-Options", "nosniff"),
            ],
        )
