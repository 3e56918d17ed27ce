import secrets
from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.clinic_base.lib import clock

from ..lib.report_life import COMPLETE
from .clinic_diagnostic_report_steps import TODO

BATCH = 200
#: By this word the outbox knows what tells a patient of a report.
ANNOUNCEMENT = "report_ready"


class ClinicDiagnosticReport(models.Model):
    """When a report is shown, who is told, and who is asked when it is not read."""

    _inherit = "clinic.diagnostic.report"

    announcement = fields.Selection(
        [
            ("waiting", "Not sent yet"),
            ("sent", "Sent"),
            ("failed", "Could not be sent"),
            ("nobody", "Nobody to tell"),
        ],
        compute="_compute_announcement",
        search="_search_announcement",
        help="What tells the patient of the report.",
    )

    def _compute_announcement(self):
        came = self.env["clinic.outbox"]._came_sql(ANNOUNCEMENT, self._name)
        found = dict(
            self.env.execute_query(
                SQL(
                    "SELECT res_id, array_agg(word) FROM (%s) came"
                    " WHERE res_id = ANY(%s) GROUP BY res_id",
                    came,
                    self.ids,
                )
            )
        )
        for report in self:
            report.announcement = report._find_announcement(found.get(report.id, ()))

    def _find_announcement(self, words):
        if not self.announced_on:
            return False
        return next(
            (each for each in ("failed", "waiting", "sent") if each in words), "nobody"
        )

    def _search_announcement(self, operator, value):
        if operator != "in":
            return NotImplemented
        came = self.env["clinic.outbox"]._came_sql(ANNOUNCEMENT, self._name)

        def told(*words):
            rows = SQL("SELECT res_id FROM (%s) came WHERE word IN %s", came, words)
            return Domain("id", "in", rows)

        announced = Domain("announced_on", "!=", False)
        failed, waiting = told("failed"), told("waiting")
        somebody = told("waiting", "sent", "failed")
        domains = {
            "failed": announced & failed,
            "waiting": announced & waiting & ~failed,
            "sent": announced & somebody & ~waiting & ~failed,
            "nobody": announced & ~somebody,
            False: ~announced,
        }
        return Domain.OR(domains[state] for state in value)

    # ------------------------------------------------------------
    # Showing
    # ------------------------------------------------------------

    def _may_be_online(self):
        """Whether the law and the patient allow the report to be shown online.

        :rtype: bool
        """
        self.ensure_one()
        if self.kind_id.never_online:
            return False
        # sudo: ir.config_parameter - a setting of the site
        settings = self.env["ir.config_parameter"].sudo()
        if settings.get_param("clinic_report.report_needs_consent") != "1":
            return True
        # sudo: res.partner - whether a consent holds, whoever looks at the report
        return self.sudo().patient_id._has_consent("online_reports")

    def _release(self):
        """Show complete reports that may be, or note the day on which they will be."""
        now = clock.now()
        for report in self:
            kind = report.kind_id
            desk_only = not report._may_be_online()
            if report.is_desk_only != desk_only:
                report._set(is_desk_only=desk_only)
            if desk_only:
                continue
            if report.reviewed_on or kind.release_policy == "at_once":
                report._publish()
            elif kind.release_policy == "after_days":
                release_on = (report.final_on or now) + timedelta(
                    days=kind.release_days
                )
                report._set(release_on=release_on)

    def _publish(self):
        """Show reports to their patients from now on, unread, and tell them."""
        now = clock.now()
        self.env["clinic.outbox"]._take_back(ANNOUNCEMENT, self)
        for report in self:
            report._set(
                issued=now,
                release_on=False,
                online_until=now + timedelta(days=report.kind_id.online_days),
                first_viewed_on=False,
                handed_over_on=False,
                reminded_on=False,
                announced_on=now,
            )
            report._announce()

    def _announce(self):
        """Tell who may read it that a document is ready.

        The message names no kind and no result: mails are read by others.
        """
        self.ensure_one()
        # sudo: mail.template - the text is the clinic's, whoever caused the sending
        template = self.env.ref("clinic_report.mail_template_report_ready").sudo()
        # One word for all who are told now; another one when they are told again.
        step = f"{clock.now().isoformat()}/{secrets.token_hex(4)}"
        for person in self._audience():
            self.env["clinic.outbox"]._tell(
                ANNOUNCEMENT,
                self,
                template,
                person=person,
                step=step,
            )

    def _message_is_obsolete(self, message):
        """Whether who would be told may not open the report any more."""
        self.ensure_one()
        return not self._is_shown_to(message.recipient_id)

    def _audience(self):
        """Return who is told: the patient, and guardians of a minor.

        Others who may read are told when there is no way to tell the patient.
        """
        self.ensure_one()
        # sudo: res.partner - the addresses, whoever caused the sending
        patient = self.patient_id.sudo()
        reaches = self.env["clinic.outbox"]._reaches
        people = patient.filtered(reaches)
        if patient.is_minor or not people:
            people |= self._guardians().filtered(reaches)
        return people.filtered(self._is_shown_to)

    def _is_shown_to(self, person):
        """Whether a person may open the report in the portal now."""
        self.ensure_one()
        return bool(self._search_readable(person, Domain("id", "=", self.id)))

    def _guardians(self):
        """Return who may read for the patient today, this report or others."""
        self.ensure_one()
        partners = self.env["res.partner"]
        domain = partners._clinic_relationship_domain("read") & Domain(
            "patient_id", "=", self.patient_id.id
        )
        # sudo: clinic.relationship - who is told does not depend on the user
        return self.env["clinic.relationship"].sudo().search(domain).guardian_id

    # ------------------------------------------------------------
    # Scheduled
    # ------------------------------------------------------------

    @api.model
    def _cron_release(self):
        """Show what is due, end what was online long enough, remind of the rest."""
        for domain, step in (
            (self._due_domain(), "_release_due"),
            (self._over_domain(), "_end_online"),
            (self._unread_domain(), "_remind_unread"),
        ):
            troubles = self.env["clinic.trouble"]
            job = f"Reports online ({step.strip('_')})"
            while True:
                due = domain & Domain(
                    "id", "not in", list(troubles._waiting(self._name, job))
                )
                reports = self.search(due, limit=BATCH)
                if not reports:
                    break
                troubles._each(
                    reports, job, lambda report, step=step: getattr(report, step)()
                )
                left = self.search_count(due)
                if not self.env["ir.cron"]._commit_progress(
                    len(reports), remaining=left
                ):
                    return

    @api.model
    def _due_domain(self):
        return Domain("issued", "=", False) & Domain("release_on", "<=", "now")

    def _release_due(self):
        for report in self:
            if report.status in COMPLETE and report._may_be_online():
                report._publish()
            else:
                report._set(release_on=False, is_desk_only=True)

    @api.model
    def _over_domain(self):
        return Domain("delivery", "=", "ready") & Domain("online_until", "<=", "now")

    def _end_online(self):
        """Nobody read it in time; the panel shows it as such."""
        self.env.add_to_compute(self._fields["delivery"], self)
        self.flush_recordset(["delivery"])

    @api.model
    def _unread_domain(self):
        """Reports that were not read for longer than the settings allow."""
        # sudo: ir.config_parameter - settings of the site
        settings = self.env["ir.config_parameter"].sudo()
        late = settings.get_param("clinic_report.report_unread_days", "7")
        soon = settings.get_param("clinic_report.report_abnormal_days", "3")
        return (
            Domain("delivery", "=", "ready")
            & Domain("reminded_on", "=", False)
            & (
                Domain("issued", "<=", f"now -{int(late)}d")
                | (
                    Domain("is_abnormal", "=", True)
                    & Domain("issued", "<=", f"now -{int(soon)}d")
                )
            )
        )

    def _remind_unread(self):
        """One task for who is responsible: the patient has not opened the report."""
        now = clock.now()
        for report in self.sudo():
            report._ours().reminded_on = now
            report.activity_schedule(
                TODO,
                summary=self.env._("The report was not read: call the patient"),
                user_id=(report.doctor_id or report.create_uid).id,
            )
