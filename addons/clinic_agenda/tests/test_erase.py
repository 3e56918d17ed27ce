from odoo.tests import tagged

from .common import AgendaCommon


@tagged("post_install", "-at_install")
class TestErase(AgendaCommon):
    """Erasing a person who had visits."""

    def test_visits_stay_without_the_name(self):
        """S17: visits and their history stay; nothing in them names the person."""
        self.open_week(self.anna)
        patient = self.make_patient("Quarantotti", "Zefirina", email="z@q.example")
        visit = self.book(
            self.tuesday(9), patient_id=patient.id, note="Quarantotti is deaf"
        )
        visit._cancel("Zefirina Quarantotti is ill")
        self.env["clinic.erase"].create(
            {"patient_id": patient.id, "confirmation": "Quarantotti"}
        ).action_erase()
        self.assertEqual(visit.patient_id, patient)
        self.assertEqual(visit.note, "[erased] is deaf")
        self.env.flush_all()
        for table, columns in self.env["clinic.merge.relations"]._columns().items():
            for name, kind in columns.items():
                if kind in ("varchar", "text", "json", "jsonb"):
                    self.env.cr.execute(
                        f'SELECT count(*) FROM "{table}"'
                        f" WHERE \"{name}\"::text ~* 'quarantotti|zefirina'"
                    )
                    self.assertFalse(self.env.cr.fetchone()[0], (table, name))

    def test_history_is_still_kept(self):
        """After an erasure the database keeps histories as before."""
        self.open_week(self.anna)
        patient = self.make_patient("Quarantotti", "Zefirina")
        visit = self.book(self.tuesday(9), patient_id=patient.id)
        visit._cancel("Quarantotti is ill")
        self.env["clinic.erase"].create(
            {"patient_id": patient.id, "confirmation": "Quarantotti"}
        ).action_erase()
        self.env.cr.execute(
            "SELECT tgenabled FROM pg_trigger"
            " WHERE tgname = 'clinic_appointment_event_keep'"
        )
        self.assertEqual(self.env.cr.fetchone()[0], "O")
