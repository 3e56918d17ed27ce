from datetime import timedelta

from freezegun import freeze_time

from odoo.tests import tagged

from .common import NOW, AgendaCommon


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

    def test_what_the_location_was_told_loses_the_name(self):
        """S17: messages to the location's own people, and its daily list."""
        self.open_week(self.anna)
        self.rome.desk_patient = "name"
        self.env["clinic.location.contact"].create(
            {"location_id": self.rome.id, "address": "d@example.com", "digest": True}
        )
        patient = self.make_patient("Quarantotti", "Zefirina")
        with freeze_time(NOW - timedelta(hours=2)):
            self.book(self.tuesday(9), patient_id=patient.id)
        self.rome._write_digest()
        told = self.env["clinic.message"].search(
            [("kind_id.code", "=like", "location_%")]
        )
        self.assertEqual(len(told), 2)
        for message in told:
            self.assertIn("Quarantotti", message._item().body)
        self.env["clinic.erase"].create(
            {"patient_id": patient.id, "confirmation": "Quarantotti"}
        ).action_erase()
        told.invalidate_recordset()
        for message in told:
            self.assertIn("[erased]", message.body)
            self.assertNotIn("Quarantotti", message.body)

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
