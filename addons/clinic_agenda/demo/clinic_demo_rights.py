import base64
import csv
import io
from datetime import timedelta

from odoo import models

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

    def _make_rights(self, patients):
        """Consents, complaints, who opened cards, and an import with its errors."""
        adults = patients.filtered(
            lambda card: card.clinic_age and card.clinic_age >= 18
        )
        portal = self.env.ref("clinic_agenda.demo_user_patient").partner_id
        self._make_consents([portal, *adults[5:65]])
        self._make_complaints([portal, *adults[70:90:3]])
        self._make_access(portal, adults[5:12])
        self._make_import(adults)

    def _make_consents(self, people):
        kinds = self.env["clinic.consent.kind"].search([("in_portal", "=", True)])
        now = clock.now()
        vals_list = []
        for number, patient in enumerate(people):
            for place, kind in enumerate(kinds):
                if place and (number + place) % 3 == 0:
                    continue
                decision = "refused" if place and (number + place) % 5 == 0 else "given"
                vals_list.append(
                    {
                        "patient_id": patient.id,
                        "kind_id": kind.id,
                        "decision": decision,
                        "channel": "portal" if number % 4 == 0 else "paper",
                        "date": now - timedelta(days=30 + number % 28),
                    }
                )
            if number % 10 == 1:
                vals_list.append(
                    {
                        "patient_id": patient.id,
                        "kind_id": kinds[1].id,
                        "decision": "withdrawn",
                        "channel": "message",
                        "date": now - timedelta(days=3),
                    }
                )
        self.env["clinic.consent"].create(vals_list)

    def _make_complaints(self, people):
        manager = self.env.ref("clinic_agenda.demo_user_manager")
        coordinator = self.env.ref("clinic_agenda.demo_user_coordinator")
        receptionist = self.env.ref("clinic_agenda.demo_user_receptionist")
        prefix = "clinic_patient.clinic_complaint_category_"
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
                            f"clinic_patient.clinic_complaint_cause_{cause}"
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

    def _make_access(self, portal, others):
        """Who looked at cards during the last days."""
        log = self.env["clinic.access.log"]
        for name in ("receptionist", "practitioner", "coordinator"):
            user = self.env.ref(f"clinic_agenda.demo_user_{name}")
            log.with_user(user).sudo()._append([portal.id, *others.ids], "open")
        log.with_user(portal.user_ids).sudo()._append([portal.id], "portal")
        # Spread over the last days; a real log is never changed.
        self.env.cr.execute(
            "UPDATE clinic_access_log SET date = date - (id % 9) * interval '1 day'"
            " - (id * 37 % 400) * interval '1 minute'"
        )

    def _make_import(self, adults):
        """A list of patients that was checked and waits for the manager."""
        known = adults[40]
        rows = [
            ("Cognome", "Nome", "Data di nascita", "Sesso", "Cellulare", "Email"),
            ("Tramonti", "Elsa", "14/02/1981", "F", "333 5550101", "elsa@mail.example"),
            ("Nevegal", "Bruno", "03/11/1969", "M", "333 5550102", ""),
            ("Nevegal", "Bruno", "03/11/1969", "M", "333 5550102", ""),
            ("Ombrosi", "Licia", "31/02/1990", "F", "333 5550103", ""),
            ("Pratolin", "Saverio", "09/07/1954", "M", "12", ""),
            (
                known.family_name,
                known.given_name,
                known.birth_date.strftime("%d/%m/%Y"),
                "",
                "",
                "",
            ),
            ("Quercetti", "Ilaria", "21/05/1999", "F", "333 5550104", ""),
        ]
        buffer = io.StringIO()
        csv.writer(buffer, delimiter=";").writerows(rows)
        manager = self.env.ref("clinic_agenda.demo_user_manager")
        job = (
            self.env["clinic.patient.import"]
            .with_user(manager)
            .create(
                {
                    "name": "pazienti-studio-bianchi.csv",
                    "data": base64.b64encode(buffer.getvalue().encode()),
                }
            )
        )
        job.action_read()
        job.action_check()
        for _batch in job._begin_work():
            pass
        job._end_work("checking")
