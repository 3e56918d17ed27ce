from datetime import timedelta

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged

from ..models.clinic_wait_list import WEEKDAYS
from ..models.clinic_wait_online import MOST_OPEN
from .common_website import PHONE, WebsiteCommon

DAYS = dict.fromkeys(WEEKDAYS, "1")


class WishCommon(WebsiteCommon):
    def wishes(self, *domain):
        return self.env["clinic.wait.list"].search([*domain], order="id")

    def form(self):
        return self.get(f"/clinic/book/wait?service={self.service.id}")

    def post(self, url, status=200, **values):
        """What a program sends without looking at the page first."""
        response = self.url_open(url, data={"csrf_token": self.csrf(), **values})
        self.assertEqual(response.status_code, status, response.text[:500])
        return response


@tagged("post_install", "-at_install")
class TestWishOfGuest(WishCommon):
    """Nothing suits on the website: the wait list, without an account."""

    def test_guest_waits_after_proving_the_phone(self):
        """AGD-11: a guest says what suits, proves the phone, and is on the list."""
        page = self.get(f"/clinic/book/times?service={self.service.id}")
        link = page.xpath("//a[starts-with(@href, '/clinic/book/wait?')]/@href")[0]
        page = self.get(link)
        page = self.submit(page, "/clinic/book/wait", self.guest, 422)
        self.assertIn("Choose at least one day", self.words(page))
        wish = {"monday": "1", "part": "morning", "practitioner": str(self.anna.id)}
        page = self.submit(page, "/clinic/book/wait", {**self.guest, **wish})
        self.assertFalse(self.wishes(), "not before the phone is proved")
        code = "/clinic/book/wait/code"
        again = self.submit(page, code, {"code": "000000"}, 422)
        self.assertFalse(self.wishes())
        done = self.submit(again, code, {"code": self.code()})
        self.assertIn("You are on the wait list", self.words(done))
        entry = self.wishes()
        self.assertEqual(
            (entry.patient_id.family_name, entry.source, entry.service_id),
            ("Neri", "website", self.service),
        )
        self.assertEqual(
            (entry.practitioner_ids, entry.hour_to, entry.monday, entry.tuesday),
            (self.anna, 13, True, False),
        )
        self.assertFalse(
            self.env["clinic.appointment"].search(
                [("patient_id", "=", entry.patient_id.id)]
            )
        )

    def wish_as_guest(self, **wish):
        """A guest wishes and proves the phone; returns the words of the last page."""
        page = self.submit(self.form(), "/clinic/book/wait", {**self.guest, **wish})
        code = {"code": self.code()}
        return self.words(self.submit(page, "/clinic/book/wait/code", code))

    def test_a_likely_guest_changes_no_wish_of_the_patient(self):
        """A guest with name, birth date and phone of a patient neither rewrites the
        patient's wish nor learns how many there are; staff read what was typed."""
        known = self.make_patient(
            "Neri", "Giulia", birth_date="1985-04-12", sex="female", phone=PHONE
        )
        wishes = self.env["clinic.wait.list"]
        entry = wishes._wish(known, self.service, {"hour_from": 15.0}, "portal")
        before = entry.read(["hour_from", "monday", "note", "waiting_since"])
        wish = {"monday": "1", "part": "morning", "note": "Only Mondays, please"}
        answer = self.wish_as_guest(**wish)
        self.env.invalidate_all()
        self.assertEqual(
            entry.read(["hour_from", "monday", "note", "waiting_since"]), before
        )
        self.assertEqual(self.wishes().patient_id, known)
        for word in ("Only Mondays, please", "giulia@example.com", "in the morning"):
            self.assertIn(word, entry.guest_words)
        for number in range(MOST_OPEN):
            wishes.create(
                {
                    "patient_id": known.id,
                    "service_id": self.make_service(f"Visit {number}").id,
                }
            )
        entry._close("withdrawn")
        self.assertEqual(self.wish_as_guest(**wish), answer)
        self.assertEqual(len(self.wishes(("state", "=", "waiting"))), MOST_OPEN)
        self.assertIn(
            "Only Mondays, please",
            self.wishes(("guest_words", "!=", False))[-1:].guest_words,
        )

    def test_nothing_by_looking_and_nothing_odd(self):
        """GET changes nothing; services that are closed and odd values are refused."""
        page = self.form()
        hidden = self.env["product.template"].create(
            {"name": "Hidden", "type": "service", "is_healthcare_service": True}
        )
        self.get(f"/clinic/book/wait?service={hidden.id}", 404)
        self.get("/clinic/book/wait?service=1%27", 404)
        answer = self.url_open("/clinic/book/wait/code", allow_redirects=False)
        self.assertEqual(answer.status_code, 303, "it leads to the form")
        page = self.submit(
            page,
            "/clinic/book/wait",
            {**self.guest, **DAYS, "until": "2001-01-01", "practitioner": "999999"},
            422,
        )
        self.assertIn("This day has passed", self.words(page))
        self.assertFalse(self.wishes())


@tagged("post_install", "-at_install")
class TestWishInPortal(WishCommon):
    """Patients and guardians who are logged in; nobody else."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.child, cls.former, cls.read_only, cls.stranger = (
            cls.make_patient("Rossi", name)
            for name in ("Luca", "Gone", "Seen", "Nobody")
        )
        today = fields.Date.today()
        for ward, rights in (
            (cls.child, {"can_book": True}),
            (
                cls.former,
                {"can_book": True, "date_end": today - timedelta(days=2)},
            ),
            (cls.read_only, {"can_book": False}),
        ):
            cls.env["clinic.relationship"].create(
                {
                    "patient_id": ward.id,
                    "guardian_id": cls.patient.id,
                    "kind": "parent",
                    "can_read": True,
                    "date_start": today - timedelta(days=30),
                    **rights,
                }
            )
        cls.make_portal_user("maria", cls.patient)
        cls.make_portal_user("other", cls.stranger)

    def visit_of(self, patient, days=5):
        slot = self.free(days)
        return self.book(slot["start"], patient_id=patient.id)

    def wish(self, patient):
        return self.env["clinic.wait.list"]._wish(
            patient, self.service, {"hour_to": 24.0}, "portal"
        )

    def test_for_oneself_and_for_a_child(self):
        """AGD-11: logged in without a code, for oneself and for those one may book
        for; nobody else, whatever is sent."""
        self.authenticate("maria", "maria")
        for patient in (self.patient, self.child):
            self.submit(
                self.form(), "/clinic/book/wait", {**DAYS, "patient": str(patient.id)}
            )
        self.assertEqual(self.wishes().patient_id, self.patient | self.child)
        for patient in (self.former, self.read_only, self.stranger):
            page = self.submit(
                self.form(),
                "/clinic/book/wait",
                {**DAYS, "patient": str(patient.id)},
                422,
            )
            self.assertIn("Choose one of the list", self.words(page))
        self.assertEqual(len(self.wishes()), 2)
        # Once more, with other terms: the same place, the new terms.
        since = self.wishes().mapped("waiting_since")
        self.submit(
            self.form(),
            "/clinic/book/wait",
            {"monday": "1", "patient": str(self.patient.id)},
        )
        self.assertEqual(self.wishes().mapped("waiting_since"), since)
        self.assertFalse(self.wishes()[0].tuesday)

    def test_earlier_time_and_withdrawal(self):
        """AGD-11: an earlier time for a visit; listed and taken back in the portal."""
        visit = self.visit_of(self.patient)
        self.authenticate("maria", "maria")
        page = self.get(f"/my/appointments/{visit.id}")
        action = f"/my/appointments/{visit.id}/earlier"
        page = self.submit(page, action, {"part": "morning", **DAYS})
        entry = self.wishes()
        self.assertEqual(
            (entry.appointment_id, entry.kind, entry.practitioner_ids),
            (visit, "earlier", self.anna),
        )
        self.assertIn("Waiting for a time", self.words(page))
        self.assertIn("earlier than", self.words(page))
        self.assertIn("in the morning", self.words(page))
        self.assertFalse(
            self.get(f"/my/appointments/{visit.id}").xpath(
                f"//form[@action='{action}']"
            )
        )
        withdraw = f"/my/appointments/wait/{entry.id}/withdraw"
        self.assertEqual(
            self.url_open(withdraw, allow_redirects=False).status_code, 303
        )
        self.assertEqual(entry.state, "waiting")
        page = self.submit(page, withdraw, {})
        self.assertEqual(entry.state, "withdrawn")
        self.assertNotIn("Waiting for a time", self.words(page))
        self.post(withdraw)
        self.assertEqual(entry.state, "withdrawn", "again is harmless")
        self.assertEqual(visit.state, "booked")

    def test_others_and_former_guardians(self):
        """Patient B, a former guardian and one who may only read change nothing."""
        # Before the wishes: a booking ends the wish for the same service.
        visits = {
            patient: self.visit_of(patient, days)
            for patient, days in ((self.former, 6), (self.read_only, 7))
        }
        entries = {
            patient: self.wish(patient)
            for patient in (self.patient, self.former, self.read_only)
        }
        self.authenticate("maria", "maria")
        listed = self.words(self.get("/my/appointments"))
        self.assertIn("Waiting for a time", listed)
        for patient in (self.former, self.read_only):
            self.post(f"/my/appointments/wait/{entries[patient].id}/withdraw", 404)
            self.post(f"/my/appointments/{visits[patient].id}/earlier", 404, **DAYS)
        self.authenticate("other", "other")
        self.assertNotIn("Waiting for a time", self.words(self.get("/my/appointments")))
        for entry in entries.values():
            self.post(f"/my/appointments/wait/{entry.id}/withdraw", 404)
        self.post("/my/appointments/wait/999999999/withdraw", 404)
        self.assertEqual({entry.state for entry in entries.values()}, {"waiting"})
        self.authenticate(None, None)
        response = self.url_open(
            f"/my/appointments/wait/{entries[self.patient].id}/withdraw",
            data={"csrf_token": self.csrf()},
        )
        self.assertIn("/web/login", response.url)

    def test_not_more_than_a_few(self):
        """Whoever waits for many times already is told so, and nothing is lost."""
        for number in range(MOST_OPEN):
            service = self.make_service(f"Visit {number}")
            self.env["clinic.wait.list"]._wish(self.patient, service, {}, "portal")
        with self.assertRaises(UserError):
            self.wish(self.patient)
        self.authenticate("maria", "maria")
        page = self.submit(
            self.form(),
            "/clinic/book/wait",
            {**DAYS, "patient": str(self.patient.id)},
            422,
        )
        self.assertIn(f"wait for {MOST_OPEN} times already", self.words(page))
        self.assertEqual(len(self.wishes()), MOST_OPEN)
