import time

from odoo import http
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.http import content_disposition, request

from odoo.addons.clinic_base.controllers.codes import send_code
from odoo.addons.clinic_base.controllers.secure_pages import LOOKED_AT, SEEN, SENT
from odoo.addons.clinic_patient.controllers.home import HomePortal

from ..lib import report_file

#: For how long a code opens reports, in seconds.
CODE_HOLDS = 900
PURPOSE = "report"
#: What a file is sent with: kept by nobody, shown as what it is, running nothing.
FILE_HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
}
#: Asking for pages changes nothing, save for the count and the log of a link's uses.
USED = SEEN | {"readonly": False, "multilang": False}


class ReportPortal(HomePortal):
    """Reports in the portal: one's own and those of the wards.

    Which they are is decided at each request. A file is reached in two steps: a form
    makes a link, and the link is checked, counted and logged each time it is used.
    """

    def _family_pages(self):
        return super()._family_pages() | {"/my/reports"}

    def _reports_found(self, domain=Domain.TRUE, limit=None):
        partner = request.env.user.partner_id
        reports = request.env["clinic.diagnostic.report"]
        return reports._search_readable(partner, domain, limit)

    def _report_gate(self, report_id):
        """A report this visitor may read now; in sudo.

        :raises NotFound: the same for reports of others and for none at all
        """
        report = self._reports_found(Domain("id", "=", report_id), limit=1)
        if not report:
            raise request.not_found()
        return report

    def _report_log(self, action, report=None, version=None, reason=None):
        if report and not reason and action in ("view", "load", "download"):
            report.patient_id._log_opening("report", str(report.id))
        request.env["clinic.report.access"]._log(
            action,
            report,
            version,
            reason,
            address=request.httprequest.remote_addr,
            file_name=version and version.file_name,
        )

    def _report_answer(self, template, values, status=200):
        values = self._prepare_portal_layout_values() | values
        response = request.render(f"clinic_report.{template}", values, status=status)
        response.headers["Cache-Control"] = "no-store"
        response.headers["Referrer-Policy"] = "no-referrer"
        return response

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        if "report_count" in counters:
            values["report_count"] = len(self._reports_found(limit=200))
        return values

    @http.route("/my/reports", **LOOKED_AT)
    def my_reports(self, **_unknown):
        """All reports that are online, those not read yet marked."""
        shown = Domain("patient_id", "in", self._family_shown().ids)
        reports = self._reports_found(shown, limit=200)
        reports.patient_id._log_opening("report", "list")
        return self._report_answer(
            "portal_my_reports",
            {
                "page_name": "reports",
                "family": self._family_all(),
                "family_chosen": self._family_chosen(),
                "reports": reports,
                "unread": reports._unread_by(request.env.user.partner_id),
            },
        )

    @http.route("/my/reports/<int:report_id>", **LOOKED_AT)
    def my_report(self, report_id, **_unknown):
        """One report: what it is, a button to open it, who has opened it."""
        report = self._report_gate(report_id)
        report.patient_id._log_opening("report", str(report.id))
        return self._report_page(report)

    def _report_page(self, report, **more):
        phone = self._report_phone()
        return self._report_answer(
            "portal_my_report",
            {
                "page_name": "report",
                "report": report,
                "version": report.current_version_id,
                "inline": self._report_inline(report.current_version_id),
                "accesses": report.access_ids.filtered(
                    lambda row: (
                        row.action in ("view", "download") and row.outcome == "done"
                    )
                )[:50],
                "code_wanted": self._report_code_wanted(),
                "phone_end": phone and phone[-3:],
                **more,
            },
            409 if more.get("error") else 200,
        )

    def _report_inline(self, version):
        return report_file.KINDS[version.mimetype].inline

    @http.route("/my/reports/<int:report_id>/open", **SENT)
    def open_report(self, report_id, how=None, **_unknown):
        """Make a link for this visitor and go there."""
        report = self._report_gate(report_id)
        if self._report_code_wanted():
            return self._report_page(
                report, error=request.env._("Type the code from the SMS first.")
            )
        token = request.env["clinic.report.link"]._issue(report.current_version_id)
        if how == "download" or not self._report_inline(report.current_version_id):
            address = f"/my/reports/file/{token}?download=1"
        else:
            address = f"/my/reports/view/{token}"
        return request.redirect(address, code=303)

    @http.route("/my/reports/view/<string:token>", **USED)
    def view_report(self, token, **_unknown):
        """A page that shows the file, also on phones, and what the doctor writes."""
        link = request.env["clinic.report.link"]._find(token)
        if not link:
            raise request.not_found()
        version = link.version_id
        if reason := link._why_refused():
            self._report_log("view", version.report_id, version, reason)
            return self._report_refused(link)
        self._report_log("view", version.report_id, version)
        return self._report_answer(
            "portal_my_report_view",
            {
                "page_name": "report",
                "report": version.report_id,
                "version": version,
                "token": token,
            },
        )

    @http.route("/my/reports/file/<string:token>", **USED)
    def report_file(self, token, download=None, **_unknown):
        """The file itself; each use is counted and logged."""
        link = request.env["clinic.report.link"]._find(token)
        if not link:
            # Not this visitor's link: who guesses learns nothing.
            raise request.not_found()
        version = link.version_id
        action = "download" if download else "load"
        if reason := link._use():
            self._report_log(action, version.report_id, version, reason)
            return self._report_refused(link)
        try:
            content = version._read_content()
        except UserError as damage:
            self._report_log(action, version.report_id, version, "damaged")
            version.report_id._tell_damaged()
            return self._report_refused(link, str(damage))
        self._report_log(action, version.report_id, version)
        version.report_id._was_read()
        return self._report_send(version, content, bool(download))

    def _report_send(self, version, content, as_attachment):
        kind = report_file.KINDS[version.mimetype]
        name = content_disposition(version.file_name)
        if not as_attachment and kind.inline:
            name = name.replace("attachment", "inline", 1)
        headers = FILE_HEADERS | {
            "Content-Type": kind.mimetype,
            "Content-Disposition": name,
        }
        return request.make_response(content, headers=list(headers.items()))

    def _report_refused(self, link, words=None):
        """Tell the link's owner that it ended, and how to get another one."""
        report = self._reports_found(
            Domain("id", "=", link.version_id.report_id.id), limit=1
        )
        return self._report_answer(
            "portal_report_link_ended",
            {"page_name": "report_ended", "report": report, "words": words},
            status=410,
        )

    # A code by SMS before the first report, where the clinic wants it.

    def _report_phone(self):
        """The number that the code goes to: the visitor's own preferred one."""
        # sudo: clinic.phone - one's own
        phones = request.env.user.partner_id.sudo().phone_ids
        return phones._getting_codes()[:1].e164

    def _report_code_wanted(self):
        # sudo: ir.config_parameter - a setting of the site
        settings = request.env["ir.config_parameter"].sudo()
        if settings.get_param("clinic_report.report_code") != "1":
            return False
        return time.time() - request.session.get("clinic_report_code", 0) > CODE_HOLDS

    @http.route("/my/reports/<int:report_id>/code", **SENT)
    def send_report_code(self, report_id, code=None, **_unknown):
        """Send a code, or take the one that was sent."""
        report = self._report_gate(report_id)
        phone = self._report_phone()
        if not phone:
            return self._report_page(
                report,
                error=request.env._(
                    "We have no mobile number of yours that gets codes yet: a new one "
                    "does after a day. The clinic can add it at once."
                ),
            )
        codes = request.env["clinic.one.time.code"]
        if code is None:
            self._report_log("code", report)
            refusal = send_code(phone, PURPOSE)
            return self._report_page(report, code_sent=True, error=refusal)
        if not codes._verify(phone, PURPOSE, code):
            self._report_log("code", report, reason="code")
            return self._report_page(
                report,
                code_sent=True,
                error=request.env._("This code is not right. Ask for a new one."),
            )
        request.session["clinic_report_code"] = time.time()
        return request.redirect(f"/my/reports/{report.id}", code=303)

    # Staff.

    @http.route("/clinic/report/<int:version_id>", **USED)
    def staff_report_file(self, version_id, **_unknown):
        """A file for staff who read reports; their rights decide, the log remembers."""
        user = request.env.user
        versions = request.env["clinic.diagnostic.report.version"]
        version = versions.browse(version_id).exists() if user._is_internal() else None
        if not (
            version
            and user.has_group("clinic_report.group_clinic_report")
            and version.has_access("read")
            and version.report_id.has_access("read")
        ):
            raise request.not_found()
        try:
            content = version._read_content()
        except UserError as damage:
            self._report_log("view", version.report_id, version, "damaged")
            version.report_id._tell_damaged()
            return request.make_response(str(damage), status=410)
        self._report_log("view", version.report_id, version)
        return self._report_send(version, content, False)
