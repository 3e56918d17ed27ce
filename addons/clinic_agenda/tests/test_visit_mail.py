from datetime import datetime

import vobject

from odoo.tests import tagged

from odoo.addons.clinic_base.lib.ours import OURS

from .common import AgendaCommon

CHANGED = [("Your visit has changed", "REQUEST")]
CANCELLED = [("Your visit is cancelled", "CANCEL")]


@tagged("post_install", "-at_install")
class TestVisitMail(AgendaCommon):
    """Who hears by e-mail what the desk and the patient do with a visit."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.open_week(cls.anna)
        cls.open_week(cls.bruno)
        cls.patient.write({"email": "maria@example.com", "lang": "en_US"})
        cls.receptionist = cls.env["res.users"].create(
            {
                "name": "Rita",
                "login": "mail_receptionist",
                "group_ids": [
                    (6, 0, cls.env.ref("clinic_patient.group_clinic_receptionist").ids)
                ],
            }
        )

    def waiting(self, visit):
        """Mails about a visit that have not left."""
        return self.mails(("res_id", "=", visit.id), ("state", "=", "outgoing"))

    def leave(self, visit):
        """The mails leave: they are gone from the queue."""
        self.waiting(visit).unlink()

    def at_desk(self, start, **vals):
        """A visit as the receptionist books it."""
        visits = self.env["clinic.appointment"].with_user(self.receptionist)
        return visits.create(
            {
                "patient_id": self.patient.id,
                "practitioner_id": self.anna.id,
                "service_id": self.service.id,
                "location_id": self.rome.id,
                "start": start,
                **vals,
            }
        )

    def subject_of(self, visit):
        """(subject, method of the calendar entry) of each waiting mail."""
        found = []
        for mail in self.waiting(visit):
            calendar = vobject.readOne(mail.attachment_ids.raw.decode())
            found.append((mail.subject.split(":")[0], calendar.method.value))
        return found

    def test_desk_tells_the_patient(self):
        """AGD-14: booked, moved and cancelled at the desk: a mail with the entry."""
        visit = self.at_desk(self.tuesday(9))
        mail = self.waiting(visit)
        self.assertEqual(mail.email_to, "maria@example.com")
        self.assertIn("Dear Rossi Maria", mail.body_html)
        self.assertIn(visit.sudo()._manage_path(), mail.body_html)
        self.assertEqual(self.subject_of(visit), [("Your visit", "REQUEST")])
        self.leave(visit)
        visit._move(self.tuesday(10))
        self.assertEqual(self.subject_of(visit), CHANGED)
        self.leave(visit)
        visit._cancel("Doctor is ill")
        self.assertEqual(self.subject_of(visit), CANCELLED)

    def test_corrections_are_not_heard(self):
        """Moved twice before the mail left: one mail; taken back: none."""
        visit = self.at_desk(self.tuesday(9))
        visit._move(self.tuesday(10))
        visit._move(self.tuesday(11))
        notice = self.env["clinic.appointment.notice"].search([])
        self.assertEqual(notice.due, datetime(2026, 3, 2, 6, 2), "not at once")
        self.assertEqual(self.subject_of(visit), [("Your visit", "REQUEST")])
        self.assertIn(
            self.rome._speak_time(self.tuesday(11)), self.waiting(visit).body_html
        )
        other = self.at_desk(self.tuesday(8))
        other._cancel("Taken back")
        self.assertFalse(self.waiting(other))

    def test_a_cancellation_taken_back_is_not_heard(self):
        """A wrong click at the desk, undone before the mail left, reaches nobody."""
        visit = self.at_desk(self.tuesday(9))
        self.leave(visit)
        visit._cancel("Wrong line")
        visit.action_back_to_booked()
        self.assertFalse(self.waiting(visit))

    def test_a_mail_that_fails_is_tried_again(self):
        """One broken mail neither stops the others nor is lost at the first try."""
        broken, other = self.at_desk(self.tuesday(9)), self.at_desk(self.tuesday(8))
        template = self.env.ref("clinic_agenda.mail_template_visit_booked")
        whole = template.body_html
        self.write_unchecked(
            template, f'<p t-out="1 / int(object.id != {broken.id})"/>'
        )
        with self.assertLogs("odoo.addons.clinic_message", "WARNING") as logs:
            self.assertTrue(self.waiting(other))
        self.assertNotIn("Rossi", "".join(logs.output))
        [message] = self.env["clinic.message"].search([("res_id", "=", broken.id)])
        self.assertEqual((message.state, message.wait_reason), ("queued", "retry"))
        self.assertGreater(message.due, datetime(2026, 3, 2, 6, 0))
        template.body_html = whole
        message.due = datetime(2026, 3, 2, 6, 0)
        self.assertTrue(self.waiting(broken))

    def write_unchecked(self, template, body):
        """A template that fails for some visits, which Odoo does not find on saving."""
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE mail_template SET body_html = jsonb_build_object('en_US', %s)"
            " WHERE id = %s",
            [body, template.id],
        )
        template.invalidate_recordset()

    def test_another_doctor_at_the_same_time(self):
        """AGD-14: the patient hears of another doctor, a new room is no news."""
        visit = self.at_desk(self.tuesday(9))
        self.leave(visit)
        room = self.env["clinic.room"].create(
            {"name": "Room 7", "location_id": self.rome.id}
        )
        visit.room_id = room
        self.assertFalse(self.waiting(visit))
        visit._move(self.tuesday(9), practitioner=self.bruno)
        self.assertIn("Bruno Conti", self.waiting(visit).body_html)

    def test_not_telling(self):
        """A receptionist may say nothing, and a location may never say anything."""
        quiet = self.at_desk(self.tuesday(9), tell_patient=False)
        quiet._cancel("Error")
        self.assertFalse(self.waiting(quiet))
        self.rome.tell_desk_visits = False
        silent = self.at_desk(self.tuesday(9))
        self.assertFalse(self.waiting(silent))
        online = self.book(self.tuesday(10), channel="portal")
        self.assertTrue(self.waiting(online), "online bookings are always confirmed")

    def test_past_and_history_are_silent(self):
        """Imports of history send nothing, nor do changes of visits that are over."""
        history = (
            self.env["clinic.appointment"].sudo().with_context(clinic_history=OURS)
        )
        vals = {
            "patient_id": self.patient.id,
            "practitioner_id": self.anna.id,
            "service_id": self.service.id,
            "location_id": self.rome.id,
        }
        coming = history.create({**vals, "start": self.tuesday(9)})
        over = history.create({**vals, "start": datetime(2026, 2, 23, 9)})
        over.with_context(clinic_history=False)._cancel("Entered by mistake")
        self.assertFalse(self.waiting(coming) | self.waiting(over))

    def test_guardians_hear_of_a_child(self):
        """Both parents get a mail of their own; the child's own address gets none."""
        child = self.make_patient(
            "Rossi", "Luca", birth_date="2020-05-05", email="child@example.com"
        )
        parents = self.env["res.partner"].create(
            [
                {"name": "Clara", "email": "clara@example.com"},
                {"name": "Dario", "email": "dario@example.com"},
                {"name": "Elsa", "email": "elsa@example.com"},
            ]
        )
        for parent in parents:
            self.env["clinic.relationship"].create(
                {
                    "patient_id": child.id,
                    "guardian_id": parent.id,
                    "kind": "parent",
                    "date_start": "2021-01-01",
                    "date_end": "2025-01-01" if parent.name == "Elsa" else False,
                }
            )
        visit = self.at_desk(self.tuesday(9), patient_id=child.id)
        mails = self.waiting(visit)
        self.assertEqual(
            mails.mapped("email_to"), ["clara@example.com", "dario@example.com"]
        )
        for mail in mails:
            self.assertIn("Rossi Luca", mail.body_html)
            entry = mail.attachment_ids.raw.decode().replace("\r\n ", "")
            self.assertIn(f"mailto:{mail.email_to}", entry)

    def test_former_guardian_hears_nothing(self):
        """S1: who booked for a patient and may no more gets no mail and no link."""
        grown = self.make_patient(
            "Rossi", "Luca", birth_date="2008-03-10", email="luca@example.com"
        )
        mother = self.make_patient("Rossi", "Clara", email="clara@example.com")
        bond = self.env["clinic.relationship"].create(
            {
                "patient_id": grown.id,
                "guardian_id": mother.id,
                "kind": "parent",
                "date_start": "2021-01-01",
            }
        )
        visit = self.book(
            self.tuesday(9),
            patient_id=grown.id,
            channel="portal",
            booked_by_id=mother.id,
            contact_email="clara@example.com",
        )
        self.assertEqual(self.waiting(visit).email_to, "clara@example.com")
        self.assertTrue(visit._link_works())
        hers = visit._manage_path(mother)
        self.assertIn(hers, self.waiting(visit).body_html)
        self.leave(visit)
        bond.date_end = "2026-03-01"
        self.assertFalse(visit._link_works(mother))
        self.assertFalse(visit._by_link(hers.rpartition("/")[2])[0])
        visit._move(self.tuesday(10))
        mail = self.waiting(visit)
        self.assertEqual(mail.email_to, "luca@example.com")
        self.assertNotIn(hers, mail.body_html)
        self.assertIn(visit._manage_path(grown), mail.body_html, "his own")

    def test_awkward_names(self):
        """Quotes and line ends in names stay within their place in the entry."""
        self.rome.company_id.name = 'Centro "San Marco"; ACTION:x'
        self.patient.name = 'Rossi "Mary"\r\nATTENDEE:mailto:evil@example.com'
        visit = self.at_desk(self.tuesday(9))
        entry = self.waiting(visit).attachment_ids.raw.decode()
        people = [line for line in entry.splitlines() if line.startswith("ATTENDEE")]
        self.assertEqual(len(people), 1)
        self.assertIn("'San Marco'", entry.replace("\r\n ", ""))

    def test_form_of_the_desk_leaks_no_defaults(self):
        """Defaults of the screen that books do not become values of the mail."""
        visit = self.env["clinic.appointment"].with_context(
            default_state="arrived", default_email_to="x@example.com"
        )
        visit = visit.create(
            {
                "patient_id": self.patient.id,
                "practitioner_id": self.anna.id,
                "service_id": self.service.id,
                "location_id": self.rome.id,
                "start": self.tuesday(9),
                "state": "booked",
            }
        )
        self.assertEqual(self.waiting(visit).email_to, "maria@example.com")
