import json
import logging
import re
from datetime import datetime, timedelta

import vobject

from odoo import fields
from odoo.tests import tagged

from .common_website import PHONE, WebsiteCommon


@tagged("post_install", "-at_install", "slow")
class TestWebsiteBooking(WebsiteCommon):
    """From the search box to the confirmation, as a guest."""

    def test_guest_books(self):
        """AGD-08: found by a synonym, held, registered with a code, booked, written."""
        page = self.get("/clinic/book?q=CUORE")
        link = page.xpath("//a[contains(@class, 'o_clinic_entry')]/@href")[0]
        page = self.get(link)
        self.assertIn("Bring earlier reports", self.words(page))
        details = self.hold()
        visit = self.held()
        self.assertRegex(self.words(details), r"kept for you for (10:00|9:5\d) minutes")
        code_page = self.submit(details, "/clinic/book/details", self.guest)
        self.assertIn("+39 333 000 1234", self.words(code_page))
        done = self.submit(code_page, "/clinic/book/code", {"code": self.code()})
        visit.invalidate_recordset()
        words = self.words(done)
        for part in (
            "Your visit is booked",
            "Neri Giulia",
            "Cardiology visit",
            "Rome",
            self.rome._speak_time(visit.start),
            "Bring earlier reports",
            visit.reference,
        ):
            self.assertIn(part, words)
        self.assertEqual((visit.state, visit.channel), ("booked", "website"))
        patient = visit.patient_id
        self.assertEqual(patient.name, "Neri Giulia")
        self.assertEqual(patient.phone_ids.e164, "+393330001234")
        self.assertEqual(patient.identity_state, "confirmed")
        self.assertTrue(visit.privacy_accepted_at)
        self.check_mail(visit)
        calendar = done.xpath("//a[@download]/@href")[0]
        entry = vobject.readOne(self.url_open(calendar).text).vevent
        self.assertEqual(entry.dtstart.value.replace(tzinfo=None), visit.start)

    def check_mail(self, visit):
        """The mail waits in the queue with the calendar entry and the secret link."""
        mail = self.mails(("email_to", "=", "giulia@example.com"))
        self.assertEqual((len(mail), mail.state), (1, "outgoing"))
        body = str(mail.body_html)
        self.assertIn(visit._manage_path(), body)
        self.assertIn("Dear Neri Giulia", body)
        self.assertIn(self.rome._speak_time(visit.start), body)
        attachment = mail.attachment_ids
        self.assertEqual(attachment.name, "visit.ics")
        calendar = vobject.readOne(attachment.raw.decode())
        self.assertEqual(calendar.method.value, "REQUEST")
        self.assertIn(visit.reference, calendar.vevent.uid.value)

    def test_pages_keep_secrets(self):
        """No page is stored or told to others, and no address holds the secret."""
        details = self.hold()
        self.submit(details, "/clinic/book/details", self.guest)
        token = self.held().access_token
        for response in (self.last, *self.last.history):
            self.assertNotIn(token, response.url)
        for url in ("/clinic/book", f"/clinic/book/details?visit={self.held().id}"):
            headers = self.url_open(url).headers
            self.assertIn("no-store", headers["Cache-Control"])
            self.assertEqual(headers["Referrer-Policy"], "no-referrer")
            self.assertEqual(headers["X-Content-Type-Options"], "nosniff")
            self.assertIn("frame-ancestors 'self'", headers["Content-Security-Policy"])
            self.assertIn("default-src 'self'", headers["Content-Security-Policy"])

    def test_secret_does_not_reach_the_log(self):
        """The links of mails and calendars carry a secret: the log gets a mask."""
        handler = logging.getLogger().handlers[0]
        path = "/clinic/visit/7/" + "s" * 43
        for logger in ("werkzeug", "odoo.http"):
            record = logging.LogRecord(
                logger, logging.INFO, "", 0, '"GET %s" %s', (path, 200), None
            )
            self.assertTrue(handler.filter(record))
            self.assertEqual(record.getMessage(), '"GET /clinic/visit/7/***" 200')
        feed = logging.makeLogRecord({"msg": f"/clinic/feed/{'s' * 43}.ics"})
        handler.filter(feed)
        self.assertEqual(feed.getMessage(), "/clinic/feed/***")

    def test_taken_offers_three_others(self):
        """AGD-08: who comes second is told so, with three alternatives."""
        slot = self.free()
        self.env["clinic.booking"]._hold(
            self.service.id, slot["start"], practitioner_ids=self.anna.ids
        )
        page = self.get(f"/clinic/book/times?service={self.service.id}")
        values = {"slot": self.slot_value(slot)}
        taken = self.submit(page, "/clinic/book/hold", values, status=409)
        self.assertIn("just taken", self.words(taken))
        self.assertEqual(len(taken.xpath("//button[@name='slot']")), 3)
        accept = {"Accept": "application/json"}
        form = {**values, "csrf_token": self.csrf(), "service": self.service.id}
        answer = self.url_open("/clinic/book/hold", data=form, headers=accept)
        self.assertEqual(answer.status_code, 409)
        told = answer.json()
        self.assertEqual((told["error"], len(told["alternatives"])), ("taken", 3))
        form["slot"] = self.slot_value(self.free(practitioner=self.bruno))
        answer = self.url_open("/clinic/book/hold", data=form, headers=accept)
        visit = self.env["clinic.appointment"].browse(answer.json()["visit"])
        self.assertEqual(answer.json()["token"], visit.access_token)

    def test_another_choice_frees_the_first(self):
        """A visitor holds one time: choosing another gives the first one back."""
        self.hold()
        first = self.held()
        self.hold(self.free(days=5))
        first.invalidate_recordset()
        self.assertEqual(first.state, "expired")

    def test_forged_choices_hold_nothing(self):
        """Times no page offered, odd numbers, other services: refused, nothing held."""
        slot = self.free()
        good = self.slot_value(slot)
        page = self.get(f"/clinic/book/times?service={self.service.id}")
        past = fields.Datetime.now() - timedelta(days=2)
        odd = slot["start"] + timedelta(minutes=7)
        for value, service, status in (
            (good, "999999999", 404),
            (good, "1 OR 1=1", 404),
            ("", self.service.id, 404),
            ("yesterday/1/1", self.service.id, 404),
            ("2026-02-30T08:00:00Z//", self.service.id, 404),
            ("9999-12-31T23:59:59Z//", self.service.id, 404),
            (good.replace("Z/", "+02:00/"), self.service.id, 404),
            (f"{past.isoformat()}Z//", self.service.id, 409),
            (f"{odd.isoformat()}Z//", self.service.id, 409),
            (good.rsplit("/", 1)[0] + "/99999999", self.service.id, 409),
        ):
            with self.subTest(value=value, service=service):
                values = {"slot": value, "service": service}
                self.submit(page, "/clinic/book/hold", values, status=status)
                self.assertFalse(self.held())

    def test_form_needs_csrf_token(self):
        """A page of somebody else cannot book for a visitor."""
        form = {"service": self.service.id, "slot": self.slot_value(self.free())}
        with self.assertLogs("odoo.http", "WARNING"):
            answer = self.url_open("/clinic/book/hold", data=form)
        self.assertEqual(answer.status_code, 400)
        self.assertFalse(self.held())

    def test_wrong_details_say_what_to_do(self):
        """Bad input: a message beside the field, what was typed stays, no trace."""
        details = self.hold()
        cards = self.env["res.partner"].search_count([])
        messages = self.env["sms.sms"].search_count([])
        for field, text, message in (
            ("given_name", "", "as it is on the document"),
            ("family_name", "N" * 10000, "is too long"),
            ("family_name", "Neri 😀", "not part of a name"),
            ("family_name", "Neri\u202egpj", "not part of a name"),
            ("birth_date", "2999-01-01", "in the future"),
            ("birth_date", "1701-01-01", "too long ago"),
            ("birth_date", "31/04/1985", "Write the whole date"),
            ("sex", "yes", "Choose one of the list"),
            ("tax_code", "NREGLI85D52H501X", "check character"),
            ("tax_code", "ABC", "wrong number of characters"),
            ("phone", "12", "cannot be a phone number"),
            ("phone", "+39" + "3" * 5000, "cannot be a phone number"),
            ("email", "giulia@", "complete e-mail address"),
            ("email", "a@b.c\nBcc: x@y.z", "complete e-mail address"),
            ("privacy", "", "accept the privacy notice"),
        ):
            with self.subTest(field=field, text=text[:20]):
                values = {**self.guest, field: text}
                page = self.submit(details, "/clinic/book/details", values, status=422)
                problem = page.xpath(f"//*[@id='clinic_{field}_problem']")
                self.assertIn(message, problem[0].text_content())
                box = page.xpath(f"//*[@id='clinic_{field}']")[0]
                self.assertIn(problem[0].get("id"), box.get("aria-describedby"))
        self.assertEqual(self.env["res.partner"].search_count([]), cards)
        self.assertEqual(self.env["sms.sms"].search_count([]), messages)

    def test_names_of_the_world(self):
        """Right-to-left and accented names are taken as they are, and escaped."""
        details = self.hold()
        values = {**self.guest, "given_name": "Zoë", "family_name": "بن علي"}
        code_page = self.submit(details, "/clinic/book/details", values)
        done = self.submit(code_page, "/clinic/book/code", {"code": self.code()})
        self.assertIn("بن علي Zoë", self.words(done))

    def test_nothing_typed_runs(self):
        """S9: mark-up in names, notes and questions is shown, never run."""
        self.anna.name = "<img src=x onerror=alert(1)>"
        self.service.name = "<script>alert(2)</script>"
        attack = '"><svg onload=alert(3)>'
        for url in (
            f"/clinic/book?q={attack}",
            f"/clinic/book?practitioner={self.anna.id}",
            f"/clinic/book/times?service={self.service.id}&day={attack}",
        ):
            text = self.url_open(url).text
            for live in ("<img src=x", "<script>alert", "<svg onload"):
                self.assertNotIn(live, text)
        details = self.hold()
        values = {**self.guest, "note": attack, "phone": attack}
        page = self.submit(details, "/clinic/book/details", values, status=422)
        self.assertEqual(page.xpath("//textarea[@name='note']")[0].text, attack)
        self.assertFalse(page.xpath("//svg[@onload]"))

    def test_code_is_needed(self):
        """S4: a wrong code books nothing; after five tries the right one is late."""
        details = self.hold()
        code_page = self.submit(details, "/clinic/book/details", self.guest)
        right = self.code()
        wrong = f"{(int(right) + 1) % 10**6:06}"
        for _try in range(5):
            page = self.submit(
                code_page, "/clinic/book/code", {"code": wrong}, status=422
            )
            self.assertIn("not the code", self.words(page))
        self.submit(page, "/clinic/book/code", {"code": right}, status=422)
        self.assertEqual(self.held().state, "held")
        again = self.submit(page, "/clinic/book/code", {"again": "1"})
        self.assertNotEqual(self.code(), "")
        self.submit(again, "/clinic/book/code", {"code": self.code()})
        self.assertFalse(self.held())

    def test_another_phone_needs_another_code(self):
        """The code proves the number it went to and no other."""
        details = self.hold()
        code_page = self.submit(details, "/clinic/book/details", self.guest)
        values = {"code": self.code(), "phone": "+39 333 000 9999"}
        self.submit(code_page, "/clinic/book/code", values, status=422)
        self.assertEqual(self.held().state, "held")

    def test_known_person_looks_the_same(self):
        """S5, S6: known phone, mail or tax code: same pages, card untouched."""
        known = self.make_patient(
            "Neri",
            "Giulia",
            birth_date="1985-04-12",
            tax_code="NREGLI85D52H501V",
            email="giulia@example.com",
            phone=PHONE,
        )
        before = self.snapshot(known)
        seen = []
        for index, changes in enumerate(
            (
                {"phone": "+39 333 000 5678", "email": "new@example.com"},
                {"phone": PHONE, "given_name": "Giulia"},
                {"phone": PHONE, "birth_date": "1999-09-09", "email": "x@example.com"},
                {"phone": PHONE, "tax_code": "NREGLI85D52H501V"},
            )
        ):
            values = {**self.guest, **changes}
            details = self.hold(self.free(days=index + 2))
            code_page = self.submit(details, "/clinic/book/details", values)
            code = self.code(values["phone"])
            done = self.submit(code_page, "/clinic/book/code", {"code": code})
            seen.append(
                [self.alike(self.words(page)) for page in (code_page, done)]
                + [self.last.status_code]
            )
            self.assertEqual(self.snapshot(known), before)
        self.assertEqual(seen[1:], seen[:1] * 3)
        visits = self.env["clinic.appointment"].search([("state", "=", "booked")])
        self.assertEqual(len(visits.patient_id), 3)
        joined = visits.filtered(lambda visit: visit.patient_id == known)
        self.assertEqual(
            joined.sorted("start").mapped("identity_to_confirm"),
            [True, False],
            "by name, birth date and phone; with the tax code there is no doubt",
        )
        self.assertEqual(len(self.mails()), 4)

    def snapshot(self, card):
        """All that is stored of a card and its phones."""
        self.env.flush_all()
        self.env.cr.execute(
            "SELECT to_jsonb(p) FROM res_partner p WHERE id = %s UNION ALL"
            " SELECT to_jsonb(n) FROM clinic_phone n WHERE partner_id = %s",
            [card.id, card.id],
        )
        return self.env.cr.fetchall()

    def alike(self, words):
        """The words of a page without what was typed, chosen and counted down."""
        words = re.sub(r"\w+day \d+ \w+ \d{4}, \d\d:\d\d \(\w+\)", "TIME", words)
        words = re.sub(r"\d+:\d\d|\+39 [\d ]+\d|\S+@example.com", "X", words)
        return re.sub(r"Reference: \w{8}|until TIME", "", words)

    def test_slow_visitor_keeps_a_free_time(self):
        """The hold ended meanwhile, nobody took the time: it is booked all the same."""
        details = self.hold()
        visit = self.held()
        self.end_hold(visit)
        code_page = self.submit(details, "/clinic/book/details", self.guest)
        self.submit(code_page, "/clinic/book/code", {"code": self.code()})
        booked = self.env["clinic.appointment"].search([("state", "=", "booked")])
        self.assertEqual(booked.start, visit.start)

    def test_slow_visitor_loses_a_taken_time(self):
        """The hold ended and somebody took the time: said, with three others."""
        details = self.hold()
        visit = self.held()
        self.end_hold(visit)
        self.book(visit.start, visit.practitioner_id)
        page = self.submit(details, "/clinic/book/details", self.guest, status=409)
        self.assertEqual(len(page.xpath("//button[@name='slot']")), 3)

    def end_hold(self, visit):
        """Let the ten minutes pass."""
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE clinic_appointment SET hold_expires_at = %s WHERE id = %s",
            [fields.Datetime.now() - timedelta(seconds=1), visit.id],
        )
        visit.invalidate_recordset()

    def test_hold_of_somebody_else(self):
        """Neither the number of a hold nor a guess of its secret opens it."""
        details = self.hold()
        visit = self.held()
        self.opener.cookies.clear()
        self.get(f"/clinic/book/details?visit={visit.id}", status=404)
        self.get(f"/clinic/book/done?visit={visit.id}", status=404)
        self.get(f"/clinic/book/visit.ics?visit={visit.id}", status=404)
        values = {**self.guest, "csrf_token": self.csrf()}
        for token in ("", "x" * 43, "é" * 43):
            values["token"] = token
            self.submit(details, "/clinic/book/details", values, status=404)
            self.submit(details, "/clinic/book/details", values, status=404)
        self.assertEqual(visit.state, "held")

    def test_limit_per_address(self):
        """S13: too many holds from one address are refused with 429."""
        setting = "clinic_agenda.booking_limit_per_ip"
        self.env["ir.config_parameter"].set_param(setting, "2")
        page = self.get(f"/clinic/book/times?service={self.service.id}")
        values = {"slot": "x"}
        for status in (404, 404, 429):
            self.submit(page, "/clinic/book/hold", values, status=status)
        self.env["ir.config_parameter"].set_param(setting, "0")
        self.submit(page, "/clinic/book/hold", values, status=404)

    def test_slots_as_json(self):
        """The page compares what it shows with the agenda; odd ones get nothing."""
        # The limit counts on a connection of its own, which tests refuse to open
        # beside one that only reads.
        self.set_registry_readonly_mode(False)
        self.addCleanup(self.set_registry_readonly_mode, True)
        slot = self.free()
        answer = self.make_jsonrpc_request(
            "/clinic/book/slots",
            {
                "service_id": self.service.id,
                "date_from": f"{slot['start'].isoformat()}Z",
                "practitioner_ids": [self.anna.id],
                "limit": 3,
            },
        )
        self.assertTrue(answer["more"])
        [group] = answer["groups"]
        self.assertEqual(group["practitioner"], self.anna.display_name)
        self.assertEqual(group["price"], 100.0)
        times = [time for day in group["days"] for time in day["times"]]
        self.assertEqual(len(times), 3)
        start, hour = times[0]
        self.assertEqual(start, f"{slot['start'].isoformat()}Z")
        self.assertEqual(hour, self.rome._speak_hour(slot["start"]))
        self.assertEqual(group["days"][0]["zone"], self.rome._zone_label(slot["start"]))
        for question in (
            {"service_id": "x"},
            {"service_id": 999999},
            {"service_id": self.service.id, "date_to": "2001-01-01T00:00:00Z"},
        ):
            answer = self.make_jsonrpc_request("/clinic/book/slots", question)
            self.assertEqual(json.dumps(answer), '{"groups": [], "more": false}')

    def test_hour_that_comes_twice_is_told_apart(self):
        """The night whose clock goes back: one hour, two instants, two zones."""
        starts = [datetime(2026, 10, 25, hour, 30) for hour in (0, 1)]
        [group] = self.env["clinic.booking.times"]._tell(
            [
                {
                    "start": start,
                    "stop": start + timedelta(minutes=20),
                    "practitioner_id": self.anna.id,
                    "location_id": self.rome.id,
                    "price": 100.0,
                }
                for start in starts
            ]
        )
        self.assertEqual(group["minutes"], 20)
        self.assertEqual(
            [(day["day"], day["zone"], *day["times"]) for day in group["days"]],
            [
                ("2026-10-25", "CEST", ("2026-10-25T00:30:00Z", "02:30")),
                ("2026-10-25", "CET", ("2026-10-25T01:30:00Z", "02:30")),
            ],
        )

    def test_closed_things_are_not_found(self):
        """AGD-13: what is switched off is neither found nor shown nor held."""
        slot = self.free()
        page = self.get(f"/clinic/book/times?service={self.service.id}")
        self.anna.online_bookable = False
        words = self.words(self.get("/clinic/book?q=bianchi"))
        self.assertIn("Nothing here goes by that name", words)
        shown = self.url_open(f"/clinic/book/times?service={self.service.id}").text
        self.assertNotIn("Anna Bianchi", shown)
        values = {"slot": self.slot_value(slot)}
        self.submit(page, "/clinic/book/hold", values, status=409)
        self.service.online_bookable = False
        self.get(f"/clinic/book/times?service={self.service.id}", status=404)
        self.submit(page, "/clinic/book/hold", values, status=404)
        self.assertFalse(self.held())

    def test_discount_is_shown_struck_through(self):
        """AGD-08: the price at the desk struck through beside the one online."""
        self.service.online_discount = 10
        slot = self.free()
        day = self.rome._local_time(slot["start"]).date()
        page = self.get(f"/clinic/book/times?service={self.service.id}&day={day}")
        price = page.xpath("//p[contains(@class, 'o_clinic_price')]")[0]
        self.assertIn("100.00", price.xpath(".//s")[0].text)
        self.assertIn("90.00", price.xpath(".//strong")[0].text)

    def test_no_time_leads_on(self):
        """AGD-08: a day without free times jumps to the next one; none at all helps."""
        self.env["clinic.schedule"].search([]).unlink()
        page = self.get(f"/clinic/book/times?service={self.service.id}")
        self.assertIn("No free time can be booked online", self.words(page))
        self.assertIn("+39 06 0000", self.words(page))
        later = fields.Date.today() + timedelta(days=21)
        block = {"weekday": str(later.weekday()), "hour_from": 9, "hour_to": 10}
        self.open_week(self.anna, blocks=[block], date_from=later)
        today = fields.Date.today()
        url = f"/clinic/book/times?service={self.service.id}&day={today}"
        page = self.get(url)
        self.assertIn("Next free day", self.words(page))
        self.assertTrue(page.xpath(f"//a[contains(@href, 'day={later}')]"))
