import re
from datetime import timedelta

from odoo import fields
from odoo.tests import tagged
from odoo.tools import SQL

from .common_website import WebsiteCommon


@tagged("post_install", "-at_install", "slow")
class TestPortalVisits(WebsiteCommon):
    """A mother, her child, and those who must not see them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.mother = cls.make_patient("Rossi", "Clara", email="clara@example.com")
        cls.child = cls.make_patient("Rossi", "Luca", birth_date="2020-05-05")
        cls.bond = cls.env["clinic.relationship"].create(
            {
                "patient_id": cls.child.id,
                "guardian_id": cls.mother.id,
                "kind": "parent",
                "date_start": "2021-01-01",
            }
        )
        cls.make_portal_user("mother", cls.mother)
        cls.make_portal_user("stranger", cls.make_patient("Verdi", "Ugo"))

    def booked(self, patient=None, days=4):
        """A visit of somebody some days ahead."""
        slot = self.free(days=days)
        return self.book(slot["start"], patient_id=(patient or self.child).id)

    def test_home_and_list(self):
        """AGD-08: the next visit first, then the list, by member of the family."""
        later = self.booked(self.mother, days=6)
        visit = self.booked()
        self.authenticate("mother", "mother")
        home = self.get("/my")
        card = home.xpath("//section[contains(@class, 'o_clinic_next_visit')]")[0]
        url = f"/my/appointments/{visit.id}"
        self.assertEqual(
            card.xpath(".//a/@href"),
            [url, f"{url}/times", f"{url}#cancel", f"{url}/visit.ics"],
        )
        self.assertIn("Rossi Luca", card.text_content())
        self.assertIn(visit.local_start, card.text_content())
        self.submit(home, "/my/family/choose", {"patient": self.mother.id})
        home = self.get("/my")
        self.assertIn(f"/my/appointments/{later.id}", home.xpath("//a/@href"))
        self.assertNotIn(url, home.xpath("//a/@href"))
        page = self.get("/my/appointments")
        self.assertNotIn(url, page.xpath("//a/@href"), "the choice holds for the list")
        self.submit(home, "/my/family/choose", {"patient": ""})
        counters = self.make_jsonrpc_request(
            "/my/counters", {"counters": ["appointment_count"]}
        )
        self.assertEqual(counters["appointment_count"], 2)
        page = self.get("/my/appointments")
        links = page.xpath("//a[contains(@class, 'o_clinic_entry')]/@href")
        self.assertEqual(
            links, [f"/my/appointments/{each.id}" for each in (visit, later)]
        )
        page = self.get(f"/my/appointments?patient={self.mother.id}")
        self.assertIn(f"/my/appointments/{later.id}", page.xpath("//a/@href"))
        self.assertNotIn(f"/my/appointments/{visit.id}", page.xpath("//a/@href"))
        visit._cancel("Closed for a day")
        past = self.get("/my/appointments?when=past")
        self.assertIn(f"/my/appointments/{visit.id}", past.xpath("//a/@href"))

    def pages(self, visit):
        """Every portal address of a visit: (address, method)."""
        url = f"/my/appointments/{visit.id}"
        return [
            (url, "GET"),
            (f"{url}/times", "GET"),
            (f"{url}/visit.ics", "GET"),
            (f"{url}/move", "POST"),
            (f"{url}/confirm", "POST"),
            (f"{url}/cancel", "POST"),
        ]

    def answers(self, visit):
        """What each address answers to the visitor who is logged in."""
        token = self.csrf()
        found = []
        for url, method in self.pages(visit):
            data = {"csrf_token": token, "slot": "x"} if method == "POST" else None
            found.append(self.url_open(url, data=data).status_code)
        visit.invalidate_recordset()
        return found

    def test_who_sees_a_visit(self):
        """S1: strangers, those logged out, and nobody's visits: all the same 404."""
        visit = self.booked()
        for login in ("stranger", "mother"):
            self.authenticate(login, login)
            nobody = visit.browse(visit.id + 100000)
            self.assertEqual(self.answers(nobody), [404] * 6)
        self.authenticate("stranger", "stranger")
        self.assertEqual(self.answers(visit), [404] * 6)
        self.assertNotIn("Rossi", self.url_open("/my/appointments").text)
        self.authenticate(None, None)
        token = self.csrf()
        for url, method in self.pages(visit):
            data = {"csrf_token": token} if method == "POST" else None
            answer = self.url_open(url, data=data, allow_redirects=False)
            self.assertIn(answer.status_code, (303, 404), url)
            if answer.status_code == 303:
                self.assertIn("/web/login", answer.headers["Location"])
        self.assertEqual(visit.state, "booked")

    def test_former_guardian(self):
        """AGD-08, S1: the day after the last day everything is closed."""
        visit = self.booked()
        today = fields.Date.today()
        self.authenticate("mother", "mother")
        self.bond.date_end = today
        self.get(f"/my/appointments/{visit.id}")
        self.bond.date_end = today - timedelta(days=1)
        self.assertEqual(self.answers(visit), [404] * 6)
        self.assertNotIn("Luca", self.url_open("/my/appointments").text)
        self.assertNotIn("Luca", self.url_open("/my").text)
        details = self.hold()
        self.assertNotIn("Rossi Luca", self.words(details))
        values = {"patient": str(self.child.id)}
        self.submit(details, "/clinic/book/details", values, status=422)

    def test_reading_is_not_booking(self):
        """Who may only read sees the visit and cannot change it."""
        visit = self.booked()
        self.bond.can_book = False
        self.authenticate("mother", "mother")
        page = self.get(f"/my/appointments/{visit.id}")
        self.assertFalse(page.xpath("//form[contains(@action, '/cancel')]"))
        self.assertEqual(self.answers(visit), [200, 404, 200, 404, 404, 404])

    def test_confirm(self):
        """PRT-01: a visit of the next days is to confirm; saying yes twice is fine."""
        visit, far = self.booked(days=1), self.booked(self.mother, days=10)
        self.assertLess(visit.start, fields.Datetime.now() + timedelta(days=3))
        self.authenticate("mother", "mother")
        url = f"/my/appointments/{visit.id}"
        todo = "//section[@aria-labelledby='clinic_todo']//a/@href"
        home = self.get("/my")
        self.assertIn(url, home.xpath(todo))
        self.assertNotIn(f"/my/appointments/{far.id}", home.xpath(todo))
        page = self.get(url)
        self.submit(page, f"{url}/confirm", {})
        self.submit(page, f"{url}/confirm", {})
        visit.invalidate_recordset()
        self.assertEqual(visit.state, "confirmed")
        event = visit.event_ids[-1]
        self.assertEqual((event.channel, event.partner_id), ("portal", self.mother))
        self.assertNotIn(url, self.get("/my").xpath(todo))
        visit._cancel("Closed for a day")
        self.submit(page, f"{url}/confirm", {}, status=409)

    def test_preferred_doctor(self):
        """PRT-01: a patient says which doctor is preferred, of those on the website."""
        self.authenticate("mother", "mother")
        page = self.get("/my/data")
        form = {"preferred_practitioner_id": str(self.anna.id)}
        self.submit(page, "/my/data/contact", form)
        self.mother.invalidate_recordset()
        self.assertEqual(self.mother.preferred_practitioner_id, self.anna)
        self.bruno.online_bookable = False
        form = {"preferred_practitioner_id": str(self.bruno.id)}
        self.submit(page, "/my/data/contact", form, status=422)

    def test_move_and_cancel(self):
        """AGD-08: another free time, then cancelled with a reason, mails each time."""
        visit = self.booked()
        visit.write({"channel": "portal", "booked_by_id": self.mother.id})
        self.assertEqual(self.leave("clara@example.com"), ["REQUEST"])
        self.authenticate("mother", "mother")
        url = f"/my/appointments/{visit.id}"
        page = self.get(f"{url}/times?day={visit.local_day + timedelta(days=1)}")
        slot = page.xpath("//button[@name='slot']/@value")[-1]
        page = self.submit(page, f"{url}/move", {"slot": slot})
        self.assertIn("The visit is moved", self.words(page))
        visit.invalidate_recordset()
        self.assertEqual(f"{visit.start.isoformat()}Z", slot.split("/")[0])
        self.assertEqual((visit.state, visit.change_sequence), ("rescheduled", 1))
        event = visit.event_ids[-1]
        self.assertEqual((event.channel, event.partner_id), ("portal", self.mother))
        self.assertEqual(self.leave("clara@example.com"), ["REQUEST"])
        page = self.submit(page, f"{url}/cancel", {"reason": "<b>Ill</b>"})
        visit.invalidate_recordset()
        self.assertEqual(
            (visit.state, visit.cancelled_by, visit.cancel_reason),
            ("cancelled", "patient", "<b>Ill</b>"),
        )
        self.assertIn("Reason: <b>Ill</b>", self.words(page))
        self.assertEqual(self.leave("clara@example.com"), ["CANCEL"])

    def leave(self, address):
        """The waiting mails to an address leave; methods of their calendar entries."""
        mails = self.mails(("email_to", "=", address))
        entries = [mail.attachment_ids.raw.decode() for mail in mails]
        mails.unlink()
        return [re.search(r"METHOD:(\w+)", entry)[1] for entry in entries]

    def test_taken_time_keeps_the_old_one(self):
        """AGD-08: somebody took the new time: said, and the old one stands."""
        visit = self.booked()
        self.authenticate("mother", "mother")
        url = f"/my/appointments/{visit.id}"
        page = self.get(f"{url}/times")
        slot = page.xpath("//button[@name='slot']/@value")[-1]
        start = fields.Datetime.to_datetime(slot.split("/")[0][:19].replace("T", " "))
        self.book(start, patient_id=self.mother.id)
        before = visit.start
        page = self.submit(page, f"{url}/move", {"slot": slot}, status=409)
        self.assertIn("just taken", self.words(page))
        for odd in ("", "x", "2001-01-01T00:00:00Z//"):
            self.submit(page, f"{url}/move", {"slot": odd}, status=409)
        visit.invalidate_recordset()
        self.assertEqual((visit.start, visit.state), (before, "booked"))

    def test_too_late(self):
        """AGD-08: after the location's limit the page says whom to call."""
        self.rome.change_notice_hours = 24 * 30
        visit = self.booked()
        self.authenticate("mother", "mother")
        url = f"/my/appointments/{visit.id}"
        page = self.get(url)
        self.assertIn("could be changed online until", self.words(page))
        self.assertIn("+39 06 0000", self.words(page))
        for action in ("move", "cancel"):
            values = {"slot": self.slot_value(self.free()), "csrf_token": self.csrf()}
            answer = self.url_open(f"{url}/{action}", data=values)
            self.assertEqual(answer.status_code, 409)
            self.assertIn("Please call", answer.text)
        visit.invalidate_recordset()
        self.assertEqual(visit.state, "booked")

    def test_books_for_the_family_without_code(self):
        """AGD-08: chosen from the family, booked at once, no SMS."""
        messages = self.env["sms.sms"].search_count([])
        self.authenticate("mother", "mother")
        details = self.hold()
        self.assertIn("Rossi Luca", self.words(details))
        values = {"patient": str(self.child.id), "note": "First time"}
        done = self.submit(details, "/clinic/book/details", values)
        self.assertIn("Your visit is booked", self.words(done))
        visit = self.env["clinic.appointment"].search(
            [("patient_id", "=", self.child.id)]
        )
        self.assertEqual(
            (visit.state, visit.channel, visit.booked_by_id, visit.patient_note),
            ("booked", "portal", self.mother, "First time"),
        )
        self.assertEqual(self.env["sms.sms"].search_count([]), messages)
        mail = self.mails(("email_to", "=", "clara@example.com"))
        self.assertIn("Rossi Luca", str(mail.body_html))

    def test_new_family_member(self):
        """AGD-08: a new card, never an existing one, with the right to book for it."""
        self.authenticate("mother", "mother")
        details = self.hold()
        values = {
            "patient": "new",
            "kind": "parent",
            "given_name": "Luca",
            "family_name": "Rossi",
            "birth_date": "2020-05-05",
            "sex": "male",
        }
        problems = self.submit(
            details, "/clinic/book/details", {**values, "kind": "owner"}, status=422
        )
        self.assertTrue(problems.xpath("//*[@id='clinic_kind_problem']"))
        self.submit(details, "/clinic/book/details", values)
        visit = self.env["clinic.appointment"].search(
            [("booked_by_id", "=", self.mother.id)]
        )
        card = visit.patient_id
        self.assertNotEqual(card, self.child)
        self.assertEqual(card.identity_state, "to_review")
        bond = card.relationship_ids
        self.assertEqual(bond.guardian_id, self.mother)
        self.assertEqual(bond.standing, "declared")
        self.assertTrue(bond.can_book and not (bond.can_read or bond.can_sign))
        shown = self.get(f"/my/appointments/{visit.id}")
        self.assertIn("Rossi Luca", self.words(shown))
        by_clinic = self.booked(card)
        self.assertEqual(
            self.url_open(f"/my/appointments/{by_clinic.id}").status_code, 404
        )
        bond._confirm("Birth certificate seen", {"can_book", "can_read"})
        shown = self.get(f"/my/appointments/{by_clinic.id}")
        self.assertIn("Rossi Luca", self.words(shown))

    def test_nobody_elses_patient(self):
        """S1: naming another patient's number books nothing and tells nothing."""
        self.authenticate("stranger", "stranger")
        details = self.hold()
        told = []
        for number in (self.child.id, self.child.id + 100000, -1, "x", ""):
            page = self.submit(
                details, "/clinic/book/details", {"patient": str(number)}, status=422
            )
            told.append(page.xpath("//*[@role='alert']")[0].text_content())
        self.assertEqual(len(set(told)), 1)
        self.assertEqual(self.held().state, "held")

    def test_own_first_visit(self):
        """A log-in without a card becomes one; the resembling card stays as it is."""
        user = self.make_portal_user("newcomer")
        self.authenticate("newcomer", "newcomer")
        details = self.hold()
        values = {
            "patient": "me",
            "given_name": "Luca",
            "family_name": "Rossi",
            "birth_date": "2020-05-05",
            "sex": "male",
        }
        self.submit(details, "/clinic/book/details", values)
        card = user.partner_id
        self.assertTrue(card.is_patient)
        self.assertEqual(card.identity_state, "to_review")

    def test_patients_do_not_read_notes_of_the_staff(self):
        """S2: the note for the staff does not leave by RPC; nor does the secret."""
        visit = self.booked(self.mother)
        visit.note = "Difficult"
        self.authenticate("mother", "mother")
        user = self.env["res.users"].search([("login", "=", "mother")])
        names = self.env["clinic.appointment"].with_user(user).fields_get()
        for name in ("note", "access_token", "price"):
            self.assertNotIn(name, names)

    def test_link_of_the_mail(self):
        """AGD-08: GET shows, POST moves and cancels; a wrong secret is not found."""
        visit = self.booked(self.mother)
        url = visit._manage_path()
        for wrong in (
            url[:-1],
            url[:-1] + "é",
            f"/clinic/visit/0/{visit.access_token}",
        ):
            self.get(wrong, status=404)
        page = self.get(url)
        self.assertIn("Rossi Clara", self.words(page))
        times = self.get(f"{url}/times?day={visit.local_day + timedelta(days=1)}")
        self.assertIn("BEGIN:VCALENDAR", self.url_open(f"{url}/visit.ics").text)
        visit.invalidate_recordset()
        self.assertEqual(visit.state, "booked")
        slot = times.xpath("//button[@name='slot']/@value")[-1]
        page = self.submit(times, f"{url}/move", {"slot": slot})
        page = self.submit(page, f"{url}/cancel", {"reason": ""})
        visit.invalidate_recordset()
        self.assertEqual((visit.state, visit.cancelled_by), ("cancelled", "patient"))
        self.assertEqual(visit.event_ids[-1].channel, "website")

    def test_get_changes_nothing(self):
        """S12: every GET address of the addon leaves every table as it was."""
        visit = self.booked(self.mother)
        self.mother._new_visit_feed()
        self.authenticate("mother", "mother")
        details = self.hold()
        held = self.held()
        values = {"patient": str(self.mother.id)}
        self.submit(details, "/clinic/book/details", values)
        event = self.public_event()
        urls = []
        for rule in self.env["ir.http"].routing_map().iter_rules():
            module = rule.endpoint.func.__module__
            is_page = rule.endpoint.routing["type"] == "http"
            reads = is_page and "GET" in (rule.methods or ("GET",))
            if "addons.clinic_agenda." in module and reads:
                urls.append(
                    rule.rule.replace("<int:visit_id>", str(visit.id))
                    .replace("<int:event_id>", str(event.id))
                    .replace(
                        "<string:token>.ics", f"{self.mother.visit_feed_token}.ics"
                    )
                    .replace("<string:token>", visit._manage_path().split("/")[-1])
                    .replace("<int:page>", "1")
                )
        # Links of offers have secrets of their own: TestOtherTimeLink, TestWaitLink.
        offers = ("/clinic/other-time/", "/clinic/wait/")
        urls = [url for url in urls if not url.startswith(offers)]
        self.assertGreater(len(urls), 14)
        query = f"?service={self.service.id}&visit={held.id}&q=cardio&moved=1"
        for url in urls:
            self.url_open(url + query)
        before = self.fingerprint()
        for url in urls:
            answer = self.url_open(url + query)
            self.assertEqual(answer.status_code, 200, url)
        after = self.fingerprint()
        changed = [name for name in before if before[name] != after[name]]
        self.assertEqual(changed, [])

    def public_event(self):
        """An event that visitors may register for."""
        now = fields.Datetime.now()
        return self.env["clinic.marketing.event"].create(
            {
                "name": "Open day",
                "date_start": now + timedelta(days=1),
                "date_stop": now + timedelta(days=1, hours=2),
                "location_id": self.rome.id,
                "is_published": True,
            }
        )

    def fingerprint(self):
        """A hash of the rows of every table."""
        self.env.flush_all()
        self.env.cr.execute(
            "SELECT relname FROM pg_class WHERE relkind = 'r'"
            " AND relnamespace = 'public'::regnamespace"
        )
        found = {}
        for (name,) in self.env.cr.fetchall():
            self.env.cr.execute(
                SQL(
                    "SELECT md5(string_agg(md5(t::text), '' ORDER BY md5(t::text)))"
                    " FROM %s t",
                    SQL.identifier(name),
                )
            )
            found[name] = self.env.cr.fetchone()[0]
        return found
