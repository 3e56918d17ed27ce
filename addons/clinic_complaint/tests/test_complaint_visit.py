from odoo.exceptions import ValidationError
from odoo.tests import tagged

from odoo.addons.clinic_agenda.tests.common import AgendaCommon


@tagged("post_install", "-at_install")
class TestComplaint(AgendaCommon):
    """A complaint about a visit names its practitioner."""

    def test_visit_and_practitioner(self):
        """The practitioner comes with the visit; a visit of others is refused."""
        self.open_week(self.anna)
        patient, other = (
            self.make_patient("Verdi", name) for name in ("Luca", "Maria")
        )
        visit = self.book(self.tuesday(9), patient_id=patient.id)
        complaint = patient._open_complaint({"title": "Late", "visit_id": visit.id})
        self.assertEqual(complaint.practitioner_id, visit.practitioner_id)
        with self.assertRaises(ValidationError):
            other._open_complaint({"title": "Late", "visit_id": visit.id})
