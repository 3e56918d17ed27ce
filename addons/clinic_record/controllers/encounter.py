from odoo import http
from odoo.fields import Domain
from odoo.http import content_disposition, request

from odoo.addons.clinic_base.controllers.secure_pages import LOOKED_AT
from odoo.addons.portal.controllers.portal import CustomerPortal


class EncounterPortal(CustomerPortal):
    """Signed encounters in the portal, where the clinic shows them.

    The patient reads diagnoses, plan and prescriptions, not the notes. Who may read is
    decided for today at each request.
    """

    def _encounters_domain(self):
        """Domain of the encounters this visitor may read."""
        partner = request.env.user.partner_id
        return request.env["clinic.shown"]._domain(partner, "clinic.encounter")

    def _encounter_gate(self, encounter_id):
        """An encounter this visitor may read today; in sudo.

        :raises NotFound: the same for those of others and for none at all
        """
        # sudo: clinic.encounter - _encounters_domain is the gate, for staff as well
        encounters = request.env["clinic.encounter"].sudo()
        encounter = encounters.search(
            self._encounters_domain() & Domain("id", "=", encounter_id), limit=1
        )
        if not encounter:
            raise request.not_found()
        return encounter

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        if "encounter_count" in counters:
            # sudo: clinic.encounter - _encounters_domain is the gate
            encounters = request.env["clinic.encounter"].sudo()
            values["encounter_count"] = encounters.search_count(
                self._encounters_domain()
            )
        return values

    @http.route("/my/encounters", **LOOKED_AT)
    def my_encounters(self, **_unknown):
        """What was signed for oneself and the wards, the latest first."""
        # sudo: clinic.encounter - _encounters_domain is the gate
        encounters = request.env["clinic.encounter"].sudo()
        found = encounters.search(self._encounters_domain(), limit=200)
        found.patient_id._log_opening("portal", "encounters")
        values = self._prepare_portal_layout_values() | {
            "page_name": "encounters",
            "encounters": found,
        }
        return self._encounter_answer("clinic_record.portal_my_encounters", values)

    @http.route("/my/encounters/<int:encounter_id>", **LOOKED_AT)
    def my_encounter(self, encounter_id, **_unknown):
        """The summary of one encounter."""
        encounter = self._encounter_gate(encounter_id)
        encounter.patient_id._log_opening("portal", f"encounter {encounter.id}")
        values = self._prepare_portal_layout_values() | {
            "page_name": "encounter",
            "encounter": encounter,
        }
        return self._encounter_answer("clinic_record.portal_my_encounter", values)

    @http.route("/my/encounters/<int:encounter_id>/prescription", **LOOKED_AT)
    def my_prescription(self, encounter_id, **_unknown):
        """The prescription as a file to print."""
        encounter = self._encounter_gate(encounter_id)
        if not encounter.medication_ids:
            raise request.not_found()
        # sudo: ir.actions.report - the encounter was found by the gate
        report = request.env["ir.actions.report"].sudo()
        content = report._render_qweb_pdf(
            "clinic_record.report_prescription", encounter.ids
        )[0]
        name = f"{encounter.name}.pdf".replace("/", "-")
        return request.make_response(
            content,
            headers=[
                ("Content-Type", "application/pdf"),
                ("Content-Disposition", content_disposition(name)),
                ("Cache-Control", "no-store"),
            ],
        )

    def _encounter_answer(self, template, values):
        response = request.render(template, values)
        response.headers["Cache-Control"] = "no-store"
        return response
