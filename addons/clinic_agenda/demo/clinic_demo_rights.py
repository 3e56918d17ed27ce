import base64
import csv
import io
from datetime import timedelta

from odoo import models

from odoo.addons.clinic_base.lib import clock


class ClinicDemo(models.AbstractModel):
    _inherit = "clinic.demo"

    def _make_rights(self, patients):
        """Consents, who opened cards, and an import with its errors."""
        adults = patients.filtered(
            lambda card: card.clinic_age and card.clinic_age >= 18
        )
        portal = self.env.ref("clinic_agenda.demo_user_patient").partner_id
        self._make_consents([portal, *adults[5:65]])
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
