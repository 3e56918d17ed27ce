from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import AgendaCommon


@tagged("post_install", "-at_install")
class TestMergeVisits(AgendaCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.open_week(cls.anna)
        cls.open_week(cls.bruno)
        cls.keep = cls.make_patient("Verdi", "Anna")
        cls.gone = cls.make_patient("Verdi", "Ana")

    def test_visits_move_and_come_back(self):
        """PAT-04, PAT-05: visits and their history follow the card both ways."""
        ours = self.book(self.tuesday(9), patient_id=self.keep.id)
        theirs = self.book(self.tuesday(11), patient_id=self.gone.id)
        events = self.env["clinic.appointment.event"].search(
            [("appointment_id", "=", theirs.id)]
        )
        before = events.read()
        merge = self.env["clinic.merge"]._merge(self.gone, self.keep)
        self.assertEqual((ours | theirs).patient_id, self.keep)
        merge.action_undo()
        self.assertEqual(ours.patient_id, self.keep)
        self.assertEqual(theirs.patient_id, self.gone)
        self.assertEqual(events.read(), before)
        self.assertFalse(merge.undo_report)

    def test_visit_booked_after_the_merge_stays(self):
        """PAT-05: what is new on the card that stayed is not taken from it."""
        merge = self.env["clinic.merge"]._merge(self.gone, self.keep)
        visit = self.book(self.tuesday(9), patient_id=self.keep.id)
        merge.action_undo()
        self.assertEqual(visit.patient_id, self.keep)

    def test_two_visits_at_one_time(self):
        """PAT-05: no visit is lost: the merge is refused until one is cancelled."""
        self.book(self.tuesday(9), patient_id=self.keep.id)
        theirs = self.book(
            self.tuesday(9), patient_id=self.gone.id, practitioner_id=self.bruno.id
        )
        with self.assertRaisesRegex(UserError, "exclude each other"):
            self.env["clinic.merge"]._merge(self.gone, self.keep)
        theirs._cancel("Twice", by="clinic")
        self.env["clinic.merge"]._merge(self.gone, self.keep)
        self.assertEqual(theirs.patient_id, self.keep)
