from odoo import api, fields, models

from odoo.addons.clinic_base.lib.visitor_network import coarse

ACTIONS = [
    ("upload", "Uploaded"),
    ("view", "Opened"),
    ("load", "File shown"),
    ("download", "Downloaded"),
    ("code", "Code asked for"),
]
REASONS = [
    ("expired", "The link was too old"),
    ("used_up", "The link was used too often"),
    ("not_online", "Not online, or not this person's"),
    ("code", "Wrong code"),
    ("damaged", "The file is damaged"),
    ("bad_file", "No file of a report"),
    ("no_patient", "No patient chosen"),
]
#: The law wants two years; after that nobody needs to know.
KEEP_MONTHS = "24"


class ClinicReportAccess(models.Model):
    """Who opened which report, when and from where; also what went wrong.

    Rows are added and never changed. Patients see those of their own reports.
    """

    _name = "clinic.report.access"
    _description = "Access to a report"
    _order = "date desc, id desc"
    _rec_name = "id"
    _log_access = False

    report_id = fields.Many2one(
        "clinic.diagnostic.report", index="btree_not_null", ondelete="cascade"
    )
    version_id = fields.Many2one(
        "clinic.diagnostic.report.version",
        index="btree_not_null",
        ondelete="cascade",
    )
    patient_id = fields.Many2one(related="report_id.patient_id")
    company_id = fields.Many2one("res.company", required=True, index=True)
    date = fields.Datetime(required=True, default=fields.Datetime.now, index=True)
    action = fields.Selection(ACTIONS, required=True)
    outcome = fields.Selection(
        [("done", "Done"), ("refused", "Failed")], required=True, default="done"
    )
    reason = fields.Selection(REASONS)
    user_id = fields.Many2one("res.users", index=True)
    partner_id = fields.Many2one("res.partner", string="Who", index=True)
    by_staff = fields.Boolean()
    network = fields.Char(help="From which network; no full address is kept.")
    file_name = fields.Char(string="File")

    _failures = models.Index("(date) WHERE outcome = 'refused'")

    @api.model
    def _log(self, action, report=None, version=None, reason=None, **vals):
        """Add a row about the user of the environment.

        :param str action: one of ``ACTIONS``
        :param report: ``clinic.diagnostic.report``, if it is known
        :param version: its ``clinic.diagnostic.report.version``, if it is known
        :param str reason: one of ``REASONS`` when it was refused
        :param vals: ``address`` of the visitor, ``file_name``
        """
        user = self.env.user
        # sudo: clinic.report.access - nobody writes it, this is its only door
        return self.sudo().create(
            {
                "action": action,
                "report_id": report and report.id,
                "version_id": version and version.id,
                "company_id": (
                    report and report.sudo().company_id or self.env.company
                ).id,
                "outcome": "refused" if reason else "done",
                "reason": reason,
                "user_id": user.id,
                "partner_id": user.partner_id.id,
                "by_staff": user._is_internal(),
                "network": coarse(vals.get("address")),
                "file_name": (vals.get("file_name") or "")[:200] or False,
            }
        )

    def action_open_report(self):
        """The report it is about."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "clinic.diagnostic.report",
            "res_id": self.report_id.id,
            "view_mode": "form",
        }

    @api.autovacuum
    def _gc_old(self):
        """Forget what is older than the law wants."""
        settings = self.env["ir.config_parameter"].sudo()
        months = settings.get_param("clinic_report.report_access_months", KEEP_MONTHS)
        self.search([("date", "<", f"now -{int(months)}m")], limit=10000).unlink()
