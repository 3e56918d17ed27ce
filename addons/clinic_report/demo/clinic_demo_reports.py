from datetime import timedelta

from odoo import api, fields, models

from odoo.addons.clinic_base.lib import clock

#: (kind, what it is called, days ago, how far it came, needs attention)
REPORTS = (
    ("laboratory", "Blood count and lipids", 3, "ready", False),
    ("letter", "Letter after the visit", 12, "read", False),
    ("imaging", "X-ray of the knee", 20, "read", False),
    ("laboratory", "Thyroid values", 5, "ready", True),
    ("pathology", "Removed mole", 8, "late", False),
    ("imaging", "Ultrasound of the abdomen", 1, "review", False),
    ("laboratory", "Blood sugar over three months", 1, "scheduled", False),
    ("genetic", "Carrier test", 6, "desk", False),
    ("hiv", "HIV test", 4, "desk", False),
    ("laboratory", "Vitamin D", 60, "ended", False),
    ("imaging", "X-ray of the hand", 2, "withdrawn", False),
    ("sexual_health", "Swab", 2, "review", False),
    ("laboratory", "Iron and ferritin", 2, "untold", False),
)
CONCLUSION = (
    "All values lie in the range that is normal for your age. Nothing has to be done; "
    "we look again in a year."
)


def one_page(lines):
    """A PDF of one page with these lines of plain text."""
    words = "".join(
        f"1 0 0 1 60 {770 - 26 * number} Tm ({line}) Tj\n"
        for number, line in enumerate(lines)
    )
    body = f"BT /F1 14 Tf\n{words}ET"
    parts = [
        "<</Type/Catalog/Pages 2 0 R>>",
        "<</Type/Pages/Kids[3 0 R]/Count 1>>",
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources"
        "<</Font<</F1<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>>>",
        f"<</Length {len(body)}>>stream\n{body}\nendstream",
    ]
    text, places = "%PDF-1.4\n", []
    for number, part in enumerate(parts, 1):
        places.append(len(text))
        text += f"{number} 0 obj{part}endobj\n"
    start = len(text)
    text += f"xref\n0 {len(parts) + 1}\n0000000000 65535 f \n"
    text += "".join(f"{place:010} 00000 n \n" for place in places)
    text += f"trailer<</Size {len(parts) + 1}/Root 1 0 R>>\nstartxref\n{start}\n%%EOF"
    return text.encode("latin-1", "replace")


class ClinicDemo(models.AbstractModel):
    _inherit = "clinic.demo"

    @api.model
    def _load_reports(self):
        """Reports of the patients that were made."""
        self = self.with_context(
            tracking_disable=True, mail_create_nolog=True, mail_notrack=True
        )
        if self.env["clinic.diagnostic.report"].search_count([], limit=1):
            return
        if not self.env["clinic.appointment"].search_count([], limit=1):
            return
        self._make_reports(
            self.env["res.partner"].search([("is_patient", "=", True)], order="id")
        )

    def _make_reports(self, patients):
        """Reports at every step; the portal patient and a child have some to read."""
        portal = self.env.ref("clinic_agenda.demo_user_patient").partner_id
        wards = portal._clinic_patients_for("read") - portal
        adults = (
            patients.filtered(lambda card: card.clinic_age and card.clinic_age >= 18)
            - portal
        )
        people = [portal, wards[:1] or portal, portal]
        people += adults[5 : 5 + 19 * len(REPORTS) : 19]
        for (kind, title, days, state, attention), patient in zip(
            REPORTS, people, strict=False
        ):
            report = self._make_report(kind, title, days, patient)
            report.is_abnormal = attention
            self._lead_report(report, state, days)

    def _make_report(self, kind, title, days, patient):
        doctor = self.env.ref("clinic_agenda.demo_user_practitioner")
        day = fields.Date.today() - timedelta(days=days + 1)
        report = self.env["clinic.diagnostic.report"].create(
            {
                "patient_id": patient.id,
                "kind_id": self.env.ref(f"clinic_report.report_kind_{kind}").id,
                "doctor_id": doctor.id,
                "effective_date": day,
                "conclusion": CONCLUSION,
            }
        )
        page = ["Aurora Clinic", "", title, "", "Fictional report of the demo clinic"]
        report._add_version(f"{title}.pdf", one_page(page))
        return report

    def _lead_report(self, report, state, days):
        """Take a report through its steps, until the one it is at."""
        report._complete("final")
        if state in ("review", "scheduled", "desk"):
            return
        if not report.issued:
            report.with_user(report.doctor_id).action_review()
        issued = clock.now() - timedelta(days=days)
        online = timedelta(days=report.kind_id.online_days)
        report._set(issued=issued, announced_on=issued, online_until=issued + online)
        told = [
            ("res_model", "=", report._name),
            ("res_id", "=", report.id),
            ("state", "=", "queued"),
        ]
        # One that fails has another channel stand in for it.
        while message := self.env["clinic.message"].search(told, limit=1):
            message._apply_state(
                "failed" if state == "untold" else "sent", source="sender"
            )
        if state == "read":
            report._was_read()
        elif state == "late":
            report._remind_unread()
        elif state == "ended":
            report._end_online()
        elif state == "withdrawn":
            report._withdraw("The picture is of the other hand")
