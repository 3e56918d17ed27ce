from datetime import timedelta

from freezegun import freeze_time

from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.clinic_base.lib import clock

from .common_website import PHONE, WebsiteCommon


@tagged("post_install", "-at_install")
class TestFormsSurvive(WebsiteCommon):
    """E6, E7: pages look at the state, forms lose nothing and send nothing twice."""

    def book_online(self):
        """A guest books; returns the last page."""
        code_page = self.submit(self.hold(), "/clinic/book/details", self.guest)
        return self.submit(code_page, "/clinic/book/code", {"code": self.code()})

    def codes_sent(self):
        number = self.env["clinic.phone"]._normalize(PHONE)
        return len(self.env["clinic.outbox"]._waiting(number))

    def test_reload_sends_no_second_code(self):
        """E7: the form sent again by a reload finds the code on its way."""
        details = self.hold()
        self.submit(details, "/clinic/book/details", self.guest)
        first = self.code()
        page = self.submit(details, "/clinic/book/details", self.guest)
        self.assertEqual(self.codes_sent(), 1)
        self.submit(page, "/clinic/book/code", {"code": first})
        self.assertIn("booked", self.words(self.get(self.last.url)))

    def test_a_limit_says_when(self):
        """E4: who asked too often hears when to ask again, and keeps the code page."""
        page = self.submit(self.hold(), "/clinic/book/details", self.guest)
        for _time in range(2):
            page = self.submit(page, "/clinic/book/code", {"again": "1"})
        page = self.submit(page, "/clinic/book/code", {"again": "1"}, status=422)
        self.assertIn("ask for a new one in 15 minutes", self.words(page))
        self.submit(page, "/clinic/book/code", {"code": self.code()})

    @mute_logger("odoo.http")
    def test_lost_session_loses_nothing(self):
        """E7: cookies are gone: what was typed is there, one press sends it."""
        details = self.hold()
        visit = self.held()
        self.opener.cookies.clear()
        page = self.submit(details, "/clinic/book/details", self.guest, status=400)
        self.assertIn("What you wrote is still here", self.words(page))
        self.assertEqual(self.codes_sent(), 0)
        page = self.submit(page, "/clinic/book/details", {})
        self.assertEqual(self.codes_sent(), 1)
        self.submit(page, "/clinic/book/code", {"code": self.code()})
        self.env.invalidate_all()
        self.assertEqual(visit.state, "booked")

    @mute_logger("odoo.http")
    def test_addresses_of_forms_lead_on(self):
        """E7: the address of a form, opened by itself, is no dead end."""
        self.hold()
        page = self.get("/clinic/book/code")
        self.assertTrue(page.xpath("//form[@action='/clinic/book/details']"))
        answer = self.url_open("/clinic/book/hold")
        self.assertEqual((answer.status_code, answer.url[-12:]), (200, "/clinic/book"))

    def test_a_second_hold_ends_the_first(self):
        """E7: who chooses another time reads that the first one is free."""
        first = self.hold()
        self.assertNotIn("is free again", self.words(first))
        second = self.hold(self.free(days=5))
        self.assertIn("The time that you held before is free again", self.words(second))

    def test_a_lost_time_keeps_the_details(self):
        """E7: the time was lost while typing: what was typed is in the next form."""
        details = self.hold()
        visit = self.held()
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE clinic_appointment SET hold_expires_at = %s WHERE id = %s",
            [clock.now() - timedelta(seconds=1), visit.id],
        )
        visit.invalidate_recordset()
        self.book(visit.start, visit.practitioner_id)
        taken = self.submit(details, "/clinic/book/details", self.guest, status=409)
        self.assertIn("What you wrote is kept", self.words(taken))
        slot = taken.xpath("//button[@name='slot']/@value")[0]
        again = self.submit(taken, "/clinic/book/hold", {"slot": slot})
        for name in ("family_name", "birth_date", "email"):
            (field,) = again.xpath(f"//input[@name='{name}']")
            self.assertEqual(field.get("value"), self.guest[name])
        again = self.get(self.last.url)
        (field,) = again.xpath("//input[@name='family_name']")
        self.assertFalse(field.get("value"), "kept in no session")

    def hold_with_details(self, **options):
        """Hold a time with details, as after a time that was lost."""
        slot = {"slot": self.slot_value(self.free()), "service": self.service.id}
        return self.url_open(
            "/clinic/book/hold",
            data={"csrf_token": self.csrf(), **slot, **self.guest},
            allow_redirects=False,
            **options,
        )

    def shown_name(self):
        page = self.get(f"/clinic/book/details?visit={self.held().id}")
        return page.xpath("//input[@name='family_name']")[0].get("value") or ""

    def test_details_wait_in_no_session_for_long(self):
        """What was typed waits for the page that follows: not for a program, which
        opens none, not when the hold is over, and not beside another form."""
        answer = self.hold_with_details(headers={"Accept": "application/json"})
        self.assertEqual(answer.json()["visit"], self.held().id)
        self.assertFalse(self.shown_name())
        self.hold_with_details()
        self.assertEqual(self.shown_name(), "Neri")
        self.hold_with_details()
        with freeze_time(clock.now() + timedelta(hours=2), tick=True):
            self.get("/clinic/book")
        self.assertFalse(self.shown_name())

    def test_visitors_without_cookies_leave_no_counters(self):
        """S4: beyond the limit of an address its browsers are not counted."""
        settings = self.env["ir.config_parameter"]
        settings.set_param("clinic_agenda.form_limit_per_ip", "1")
        for _visitor in range(4):
            self.opener.cookies.clear()
            form = {"csrf_token": self.csrf()}
            answer = self.url_open("/clinic/book/details", data=form)
        self.assertEqual(answer.status_code, 429)
        counted = self.env["clinic.rate.limit"].search_count(
            [("key", "like", "booking:form:")]
        )
        self.assertEqual(counted, 2, "the address and its first browser")

    def test_done_after_cancelling(self):
        """E6: the last page of a booking says that the visit was cancelled since."""
        self.book_online()
        address = self.last.url
        visit = self.env["clinic.appointment"].search([], order="id desc", limit=1)
        visit._cancel("desk")
        words = self.words(self.get(address))
        self.assertIn("This visit is cancelled", words)
        self.assertNotIn("Your visit is booked", words)
        self.assertNotIn("Add to calendar", words)

    def test_booked_too_late_to_change(self):
        """E6: "After that, please call" is said only after something."""
        self.env["clinic.location"].search([]).change_notice_hours = 24 * 30
        words = self.words(self.book_online())
        self.assertIn("To move or cancel the visit, please call", words)
        self.assertNotIn("After that", words)

    def test_mail_does_not_promise_the_past(self):
        """E6: a mail names no moment that is over as the last one for a change."""
        self.book_online()
        visit = self.env["clinic.appointment"].search([], order="id desc", limit=1)
        footer = self.env["ir.qweb"]._render(
            "clinic_agenda.mail_visit_footer",
            {"object": visit, "is_html_empty": lambda text: not text},
        )
        self.assertIn("can be changed there until", footer)
        visit.location_id.change_notice_hours = 24 * 30
        footer = self.env["ir.qweb"]._render(
            "clinic_agenda.mail_visit_footer",
            {"object": visit, "is_html_empty": lambda text: not text},
        )
        self.assertNotIn("can be changed there until", footer)
        self.assertIn("please call", footer)

    def test_times_of_a_cancelled_visit(self):
        """E6: a cancelled visit is not moved: its own page says what it is."""
        self.book_online()
        visit = self.env["clinic.appointment"].search([], order="id desc", limit=1)
        address = visit._manage_path()
        self.assertGreater(visit.start, clock.now() + timedelta(hours=1))
        visit._cancel("desk")
        words = self.words(self.get(f"{address}/times"))
        self.assertIn("This visit is cancelled", words)
        self.assertNotIn("It is kept until you choose", words)
