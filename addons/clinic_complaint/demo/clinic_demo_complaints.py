from datetime import timedelta

from odoo import api, models

from odoo.addons.clinic_base.lib import clock

#: (title, category, channel, days ago, how far it came, what was answered)
COMPLAINTS = (
    (
        "Waited an hour without a word",
        "waiting",
        "desk",
        2,
        "new",
        "",
    ),
    (
        "The bill names a visit I never had",
        "price",
        "email",
        5,
        "in_progress",
        "",
    ),
    (
        "Nobody called back about my results",
        "service",
        "phone",
        20,
        "in_progress",
        "",
    ),
    (
        "My neighbour was told when my visit is",
        "privacy",
        "letter",
        1,
        "new",
        "",
    ),
    (
        "Pain for days after the treatment",
        "care",
        "phone",
        35,
        "resolved",
        "The doctor saw you again the same week and changed the medicine.",
    ),
    (
        "The waiting room was cold",
        "premises",
        "survey",
        60,
        "closed",
        "The heating was repaired on the same day. Thank you for telling us.",
    ),
    (
        "Moved twice within a week",
        "waiting",
        "website",
        80,
        "closed",
        "We now call before a second move, and offered you the time of your choice.",
    ),
)
CAUSES = ("procedure", "system", "planning")


class ClinicDemo(models.AbstractModel):
    _inherit = "clinic.demo"

    @api.model
    def _load_complaints(self):
        """Complaints at every step, of people who came here."""
        self = self.with_context(tracking_disable=True, mail_notrack=True)
        if self.env["clinic.complaint"].search_count([], limit=1):
            return
        if not self.env["clinic.appointment"].search_count([], limit=1):
            return
        adults = self.env["res.partner"].search(
            [("is_patient", "=", True), ("clinic_age", ">=", 18)], order="id", limit=100
        )
        portal = self.env.ref("clinic_agenda.demo_user_patient").partner_id
        self._make_complaints([portal, *(adults - portal)[70:90:3]])

    def _make_complaints(self, people):
        manager = self.env.ref("clinic_agenda.demo_user_manager")
        coordinator = self.env.ref("clinic_agenda.demo_user_coordinator")
        receptionist = self.env.ref("clinic_agenda.demo_user_receptionist")
        prefix = "clinic_complaint.clinic_complaint_category_"
        for name, user in (
            ("service", receptionist),
            ("waiting", receptionist),
            ("price", coordinator),
            ("care", manager),
            ("privacy", manager),
            ("premises", receptionist),
        ):
            self.env.ref(prefix + name).write(
                {"responsible_id": user.id, "escalate_to_id": manager.id}
            )
        closed = 0
        for (title, category, channel, days, state, answer), patient in zip(
            COMPLAINTS, people, strict=False
        ):
            complaint = patient._open_complaint(
                {
                    "title": title,
                    "description": f"{title}. I expected better of you.",
                    "category_id": self.env.ref(prefix + category).id,
                    "channel": channel,
                    "received_on": clock.now() - timedelta(days=days),
                }
            )
            if state != "new":
                complaint.action_begin()
            if answer:
                cause = CAUSES[closed % len(CAUSES)]
                complaint.write(
                    {
                        "resolution": answer,
                        "is_justified": "yes",
                        "cause_id": self.env.ref(
                            f"clinic_complaint.clinic_complaint_cause_{cause}"
                        ).id,
                    }
                )
                complaint.action_resolve()
                complaint.resolved_on = complaint.received_on + timedelta(
                    days=2 + 3 * closed
                )
                closed += 1
            if state == "closed":
                complaint.action_close()
        self.env["clinic.complaint"]._cron_escalate()
