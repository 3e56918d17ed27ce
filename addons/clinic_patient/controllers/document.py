from odoo import http
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.http import content_disposition, request

from odoo.addons.clinic_base.controllers.secure_pages import LOOKED_AT
from odoo.addons.portal.controllers.portal import CustomerPortal

#: The largest drawing of a name that is taken.
LARGEST = 500_000


class DocumentPortal(CustomerPortal):
    """Issued papers in the portal: read, download, sign; one's own and the wards'.

    Who may read or sign is decided for today at each request.
    """

    def _documents_domain(self, scope="read"):
        """Domain of the documents this visitor may see, or see and sign."""
        partner = request.env.user.partner_id
        shown = request.env["clinic.shown"]._domain(partner, "clinic.document")
        return shown & partner._clinic_access_domain(scope, "patient_id")

    def _document_gate(self, document_id, scope="read"):
        """A document this visitor may see, or sign, today; in sudo.

        :raises NotFound: the same for those of others and for none at all
        """
        # sudo: clinic.document - _documents_domain is the gate, for staff as well
        documents = request.env["clinic.document"].sudo()
        document = documents.search(
            self._documents_domain(scope) & Domain("id", "=", document_id), limit=1
        )
        if not document:
            raise request.not_found()
        return document

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        if "clinic_document_count" in counters:
            # sudo: clinic.document - _documents_domain is the gate
            documents = request.env["clinic.document"].sudo()
            values["clinic_document_count"] = documents.search_count(
                self._documents_domain()
            )
        return values

    @http.route("/my/documents", **LOOKED_AT)
    def my_documents(self, **_unknown):
        """All papers, those to be signed first."""
        # sudo: clinic.document - _documents_domain is the gate
        documents = request.env["clinic.document"].sudo()
        found = documents.search(self._documents_domain(), limit=200)
        found.patient_id._log_opening("portal", "documents")
        values = self._prepare_portal_layout_values() | {
            "page_name": "clinic_documents",
            "documents": found.sorted(
                lambda one: (not one._waits_for_signature(), -one.id)
            ),
        }
        return self._document_answer("clinic_patient.portal_my_documents", values)

    @http.route("/my/documents/<int:document_id>", **LOOKED_AT)
    def my_document(self, document_id, **_unknown):
        """One paper, with the field to sign when it waits for that."""
        document = self._document_gate(document_id)
        document.patient_id._log_opening("portal", f"document {document.id}")
        signers = request.env.user.partner_id._clinic_patients_for("sign")
        values = self._prepare_portal_layout_values() | {
            "page_name": "clinic_document",
            "document": document,
            "may_sign": document._waits_for_signature()
            and document.patient_id.id in signers.ids,
        }
        return self._document_answer("clinic_patient.portal_my_document", values)

    @http.route(
        "/my/documents/<int:document_id>/sign",
        type="jsonrpc",
        auth="user",
        website=True,
    )
    def sign_document(self, document_id, name=None, signature=None, **_unknown):
        """Take the signature of Odoo's form; answers as that form expects."""
        if self._is_void_document(document_id):
            return {
                "error": request.env._(
                    "The clinic took this document back, and nothing was signed. Open "
                    "your documents: there may be a newer one."
                )
            }
        document = self._document_gate(document_id, "sign")
        if not isinstance(signature, str) or len(signature) > LARGEST:
            return {"error": request.env._("Draw your signature in the field.")}
        partner = request.env.user.partner_id
        try:
            with request.env.cr.savepoint():
                document._sign(str(name or ""), signature, partner)
        except UserError as refusal:
            return {"error": str(refusal)}
        document.message_post(
            body=request.env._(
                "Signed in the portal by %(name)s", name=document.signed_by
            ),
            author_id=partner.id,
        )
        return {
            "force_refresh": True,
            "redirect_url": f"/my/documents/{document.id}",
        }

    def _is_void_document(self, document_id):
        """Whether it was a paper this visitor might have signed, and was taken back."""
        partner = request.env.user.partner_id
        # sudo: clinic.document - the domain is the gate
        return (
            request.env["clinic.document"]
            .sudo()
            .search_count(
                partner._clinic_access_domain("sign", "patient_id")
                & Domain("id", "=", document_id)
                & Domain("state", "=", "void")
                & Domain("confidential", "=", False)
            )
        )

    @http.route("/my/documents/<int:document_id>/pdf", **LOOKED_AT)
    def document_pdf(self, document_id, **_unknown):
        """The paper as a file."""
        document = self._document_gate(document_id)
        # sudo: ir.actions.report - the document was found by the gate
        report = request.env["ir.actions.report"].sudo()
        content = report._render_qweb_pdf(
            "clinic_patient.action_report_document", document.ids
        )[0]
        return request.make_response(
            content,
            headers=[
                ("Content-Type", "application/pdf"),
                ("Content-Disposition", content_disposition(document._file_name())),
                ("Cache-Control", "no-store"),
            ],
        )

    def _document_answer(self, template, values):
        response = request.render(template, values)
        response.headers["Cache-Control"] = "no-store"
        return response
