from odoo import http
from odoo.fields import Domain
from odoo.http import request

from odoo.addons.clinic_base.controllers.secure_pages import PAGE, SEEN, SENT
from odoo.addons.portal.controllers.portal import CustomerPortal

LONGEST = {"title": 120, "description": 5000}
#: Complaints of one log-in in a day.
PER_DAY = 10


class ComplaintPortal(CustomerPortal):
    """Complaints in the portal: one's own and those about the care of the wards."""

    def _complaints_domain(self):
        """Domain of the complaints this visitor may see today."""
        partner = request.env.user.partner_id
        return request.env["clinic.shown"]._domain(partner, "clinic.complaint")

    def _complaint_gate(self, complaint_id):
        """A complaint this visitor may see; in sudo.

        :raises NotFound: the same for complaints of others and for none at all
        """
        # sudo: clinic.complaint - _complaints_domain is the gate
        complaints = request.env["clinic.complaint"].sudo()
        found = complaints.search(
            self._complaints_domain() & Domain("id", "=", complaint_id), limit=1
        )
        if not found:
            raise request.not_found()
        return found

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        if "complaint_count" in counters:
            # sudo: clinic.complaint - _complaints_domain is the gate
            complaints = request.env["clinic.complaint"].sudo()
            values["complaint_count"] = complaints.search_count(
                self._complaints_domain()
            )
        return values

    @http.route("/my/complaints", **SEEN)
    def my_complaints(self, **_unknown):
        """All complaints, and the form for a new one."""
        return self._complaints_page()

    def _complaints_page(self, error=None, form=None):
        partner = request.env.user.partner_id
        # sudo: clinic.complaint, res.partner, clinic.complaint.category - the domain
        # and _clinic_patients_for are the gates; categories are no secret
        complaints = request.env["clinic.complaint"].sudo()
        return self._complaint_answer(
            "clinic_complaint.portal_my_complaints",
            {
                "page_name": "complaints",
                "complaints": complaints.search(self._complaints_domain(), limit=200),
                "patients": partner._clinic_patients_for("read").sudo(),
                "categories": request.env["clinic.complaint.category"]
                .sudo()
                .search([]),
                "error": error,
                "form": form or {},
            },
            400 if error else 200,
        )

    @http.route("/my/complaints/new", **SENT)
    def make_complaint(
        self, title=None, description=None, patient_id=None, category_id=None, **_u
    ):
        """Take a complaint; who is responsible is told at once."""
        form = {
            "title": self._complaint_text(title, "title"),
            "description": self._complaint_text(description, "description"),
            "patient_id": str(patient_id or ""),
            "category_id": str(category_id or ""),
        }
        if not form["title"] or not form["description"]:
            return self._complaints_page(
                request.env._("Say in a few words what happened."), form
            )
        partner = request.env.user.partner_id
        patients = partner._clinic_patients_for("read")
        patient = patients.filtered(lambda card: str(card.id) == form["patient_id"])
        # sudo: clinic.complaint.category - a category is no secret
        categories = request.env["clinic.complaint.category"].sudo()
        category = categories.search([]).filtered(
            lambda each: str(each.id) == form["category_id"]
        )
        if not category or (form["patient_id"] and not patient):
            raise request.not_found()
        limit = request.env["clinic.rate.limit"]
        if not limit._hit(f"complaint:user:{request.env.uid}", PER_DAY, 86400):
            return self._complaints_page(
                request.env._(
                    "You have written several times today. Please call us, or write "
                    "under one of your complaints."
                ),
                form,
            )
        complaint = patient._open_complaint(
            {
                "title": form["title"],
                "description": form["description"],
                "category_id": category.id,
                "channel": "portal",
                "complainant_id": partner.id,
            }
        )
        return request.redirect(f"/my/complaints/{complaint.id}", code=303)

    def _complaint_text(self, text, name):
        return str(text or "").replace("\x00", "").strip()[: LONGEST[name]]

    # Reading what concerns a patient is logged, hence not read-only.
    @http.route("/my/complaints/<int:complaint_id>", methods=["GET"], **PAGE)
    def my_complaint(self, complaint_id, **_unknown):
        """One complaint, its answer, and what was written about it."""
        complaint = self._complaint_gate(complaint_id)
        complaint.patient_id._log_opening("portal", f"complaint {complaint.id}")
        return self._complaint_answer(
            "clinic_complaint.portal_my_complaint",
            {"page_name": "complaint", "complaint": complaint},
        )

    def _complaint_answer(self, template, values, status=200):
        values = self._prepare_portal_layout_values() | values
        response = request.render(template, values, status=status)
        response.headers["Cache-Control"] = "no-store"
        return response
