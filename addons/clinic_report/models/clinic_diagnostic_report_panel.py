from odoo import api, models
from odoo.fields import Domain


class ClinicDiagnosticReport(models.Model):
    """The panel above the reports: what waits for somebody."""

    _inherit = "clinic.diagnostic.report"

    @api.model
    @api.readonly
    def retrieve_dashboard(self):
        """Return the tiles of the panel, of the reports that the user may see.

        :returns: list of dicts with ``name`` (of the filter in the search view),
            ``label``, ``help``, ``color``, ``count``; ``action`` instead of a filter
        """
        self.browse().check_access("read")
        deliveries = dict(self._read_group([], ["delivery"], ["__count"]))
        late = Domain("delivery", "=", "ready") & Domain("reminded_on", "!=", False)
        untold = Domain("announcement", "in", ("failed", "nobody"))
        untold &= Domain("delivery", "=", "ready")
        failures = Domain("outcome", "=", "refused") & Domain("date", ">=", "now -30d")
        return [
            {
                "name": "review",
                "label": self.env._("To review"),
                "help": self.env._("Complete, and waiting for a doctor"),
                "color": "info",
                "count": deliveries.get("review", 0),
            },
            {
                "name": "ready",
                "label": self.env._("Ready, not read"),
                "help": self.env._("The patient was told and has not opened it"),
                "color": "primary",
                "count": deliveries.get("ready", 0),
            },
            {
                "name": "late",
                "label": self.env._("Not read for long"),
                "help": self.env._("Somebody was asked to call the patient"),
                "color": "warning",
                "count": self.search_count(late),
            },
            {
                "name": "untold",
                "label": self.env._("Patient not told"),
                "help": self.env._("The e-mail failed, or there is no address"),
                "color": "danger",
                "count": self.search_count(untold),
            },
            {
                "name": "desk",
                "label": self.env._("To hand over"),
                "help": self.env._(
                    "Never online, or no longer: the patient fetches it"
                ),
                "color": "info",
                "count": deliveries.get("desk", 0) + deliveries.get("ended", 0),
            },
            {
                "name": "failures",
                "label": self.env._("Failures in 30 days"),
                "help": self.env._("Uploads and openings that did not work"),
                "color": "danger",
                "count": self.env["clinic.report.access"].search_count(failures),
                "action": "clinic_report.clinic_report_access_action_failures",
            },
        ]
