from datetime import timedelta

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged

from .common_website import WebsiteCommon


@tagged("post_install", "-at_install", "slow")
class TestPortalMove(WebsiteCommon):
    """Moving a visit online: to another doctor, to another place, within the rules."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.mother = cls.make_patient("Rossi", "Clara", email="clara@example.com")
        cls.make_portal_user("mother", cls.mother)
        cls.milan = cls.env["clinic.location"].create(
            {"name": "Milan", "tz": "Europe/Rome", "notice_minutes": 0}
        )
        cls.dora = cls.env["clinic.practitioner"].create({"name": "Dora Elba"})
        cls.dora_offer = cls.env["clinic.offer"].create(
            {
                "practitioner_id": cls.dora.id,
                "service_id": cls.service.id,
                "location_id": cls.milan.id,
                "own_price": True,
                "price": 130,
            }
        )
        week = [
            {"weekday": str(day), "hour_from": 9, "hour_to": 13} for day in range(7)
        ]
        cls.open_week(cls.dora, location=cls.milan, blocks=week)

    def booked(self):
        """A visit of the mother with Anna in Rome."""
        slot = self.free(days=4)
        return self.book(slot["start"], patient_id=self.mother.id, channel="portal")

    def slot_with(self, practitioner):
        """What the button of a free time of somebody sends."""
        return self.slot_value(self.free(days=6, practitioner=practitioner))

    def choices(self, page, name):
        """The names offered in a filter of the page."""
        options = page.xpath(f"//select[@name='{name}']/option")
        return [option.text_content().strip() for option in options]

    def test_another_doctor_here(self):
        """AGD-11: the same doctor is proposed, another one of the service may be."""
        visit = self.booked()
        self.authenticate("mother", "mother")
        url = f"/my/appointments/{visit.id}"
        page = self.get(f"{url}/times")
        self.assertEqual(
            self.choices(page, "practitioner"),
            ["Anyone", "Anna Bianchi", "Bruno Conti", "Dora Elba"],
        )
        for value in page.xpath("//button[@name='slot']/@value"):
            self.assertEqual(value.split("/")[1], str(self.anna.id))
        page = self.get(f"{url}/times?practitioner={self.bruno.id}&location=")
        slot = page.xpath("//button[@name='slot']/@value")[-1]
        self.assertEqual(slot.split("/")[1], str(self.bruno.id))
        page = self.submit(page, f"{url}/move", {"slot": slot})
        self.assertIn("The visit is moved", self.words(page))
        visit.invalidate_recordset()
        self.assertEqual(
            (visit.practitioner_id, visit.location_id, visit.state),
            (self.bruno, self.rome, "rescheduled"),
        )
        mail = self.mails(("email_to", "=", "clara@example.com"))
        self.assertIn("Bruno Conti", mail.body_html)

    def test_public_visit_stays_public(self):
        """AGD-04: a visit of the health service moves to its own hours only."""
        visit = self.booked()
        visit.regime = "public"
        blocks = self.env["clinic.schedule.block"].search(
            [("schedule_id.practitioner_id", "=", self.bruno.id)]
        )
        blocks.regime = "private"
        self.authenticate("mother", "mother")
        url = f"/my/appointments/{visit.id}"
        page = self.get(f"{url}/times?practitioner={self.bruno.id}&location=")
        self.assertFalse(page.xpath("//button[@name='slot']"))
        blocks.regime = "public"
        page = self.get(f"{url}/times?practitioner={self.bruno.id}&location=")
        slot = page.xpath("//button[@name='slot']/@value")[0]
        page = self.submit(page, f"{url}/move", {"slot": slot})
        self.assertIn("The visit is moved", self.words(page))
        visit.invalidate_recordset()
        self.assertEqual((visit.practitioner_id, visit.regime), (self.bruno, "public"))

    def test_another_place(self):
        """AGD-11: to another location by the link of the mail, at its price."""
        visit = self.booked()
        url = visit._manage_path()
        page = self.get(f"{url}/times?practitioner=&location={self.milan.id}")
        slot = page.xpath("//button[@name='slot']/@value")[-1]
        self.assertIn("130", self.words(page))
        self.submit(page, f"{url}/move", {"slot": slot})
        visit.invalidate_recordset()
        self.assertEqual(
            (visit.practitioner_id, visit.location_id, visit.price),
            (self.dora, self.milan, 130),
        )

    def test_same_time_another_doctor(self):
        """The doctor alone changes: calendars and the patient are told."""
        visit = self.booked()
        before = visit.change_sequence
        self.env["clinic.booking"]._reschedule(
            visit, visit.start, self.bruno.id, actor=self.mother
        )
        self.assertEqual(visit.practitioner_id, self.bruno)
        self.assertEqual(visit.change_sequence, before + 1)

    def test_attack_nobody_who_is_not_offered(self):
        """S1: no doctor without the service, closed to the public, or elsewhere."""
        visit = self.booked()
        start = visit.start
        stranger = self.env["clinic.practitioner"].create({"name": "Ugo Verdi"})
        self.open_week(stranger)
        closed = self.bruno
        slots = {
            "without the service": f"{self.slot_with(self.anna).split('/')[0]}"
            f"/{stranger.id}/{self.rome.id}",
            "not at this location": f"{self.slot_with(self.dora).split('/')[0]}"
            f"/{self.dora.id}/{self.rome.id}",
            "closed to the public": self.slot_with(closed),
            "nobody": f"{self.slot_with(self.anna).split('/')[0]}/99999999/99999999",
        }
        self.bruno_offer.online_bookable = False
        self.authenticate("mother", "mother")
        page = self.get(f"/my/appointments/{visit.id}/times")
        self.assertNotIn("Bruno Conti", self.choices(page, "practitioner"))
        for name, slot in slots.items():
            with self.subTest(name):
                self.submit(
                    page, f"/my/appointments/{visit.id}/move", {"slot": slot}, 409
                )
                visit.invalidate_recordset()
                self.assertEqual(
                    (visit.practitioner_id, visit.start), (self.anna, start)
                )

    def test_attack_time_between_two(self):
        """A second before a free time is no free time: the visit gets the free one."""
        visit = self.booked()
        slot = self.free(days=6)
        self.env["clinic.booking"]._reschedule(
            visit, slot["start"] - timedelta(milliseconds=500)
        )
        self.assertEqual(visit.start, slot["start"])

    def test_coverage_goes_along(self):
        """A visit paid by an insurance moves only to where it is accepted."""
        coverage = self.env["clinic.coverage"].create(
            {"name": "Salute Fund", "location_ids": [(6, 0, self.rome.ids)]}
        )
        visit = self.booked()
        visit.coverage_id = coverage
        self.assertNotIn(
            self.milan, self.env["clinic.booking"]._move_offers(visit).location_id
        )
        slot = self.free(days=6, practitioner=self.dora)
        with self.assertRaisesRegex(UserError, "cannot be moved there"):
            self.env["clinic.booking"]._reschedule(
                visit, slot["start"], self.dora.id, self.milan.id
            )

    def test_limits(self):
        """S13: forms of the portal and of the link are counted by address."""
        self.env["ir.config_parameter"].set_param(
            "clinic_agenda.form_limit_per_ip", "2"
        )
        visit = self.booked()
        token = self.csrf()
        for status in (409, 409, 429):
            answer = self.url_open(
                f"{visit._manage_path()}/move", data={"csrf_token": token}
            )
            self.assertEqual(answer.status_code, status)

    def test_who_booked_is_kept_from_other_guardians(self):
        """S2: the address of one parent is not read by the other over RPC."""
        visit = self.booked()
        user = self.env["res.users"].search([("login", "=", "mother")])
        visit.with_user(user).read(["start"])
        known = self.env["clinic.appointment"].with_user(user).fields_get()
        for name in ("contact_email", "contact_name", "contact_lang", "tell_patient"):
            self.assertNotIn(name, known)

    def test_entries_of_mails_are_nobodys_download(self):
        """S1: a visitor cannot read the calendar entry of somebody else's mail."""
        details = self.hold()
        code_page = self.submit(details, "/clinic/book/details", self.guest)
        self.submit(code_page, "/clinic/book/code", {"code": self.code()})
        entry = self.mails().attachment_ids
        self.assertEqual(entry.name, "visit.ics")
        self.assertNotEqual(entry.create_uid, self.env.ref("base.public_user"))
        self.opener.cookies.clear()
        for url in (
            f"/web/content/{entry.id}",
            f"/web/content/ir.attachment/{entry.id}/datas",
        ):
            self.assertNotIn("VCALENDAR", self.url_open(url).text)

    def test_session_forgets_an_old_visit(self):
        """A month after the visit the browser that booked it shows it no more."""
        details = self.hold()
        visit = self.held()
        code_page = self.submit(details, "/clinic/book/details", self.guest)
        self.submit(code_page, "/clinic/book/code", {"code": self.code()})
        url = f"/clinic/book/done?visit={visit.id}"
        self.get(url)
        old = fields.Datetime.now() - timedelta(days=40)
        self.env.cr.execute(
            "UPDATE clinic_appointment SET start = %s, stop = %s WHERE id = %s",
            [old, old + timedelta(minutes=30), visit.id],
        )
        visit.invalidate_recordset()
        self.get(url, status=404)

    def test_code_serves_one_hold(self):
        """S4: tries at another hold of the same phone do not use up this code."""
        mine = self.hold()
        code_page = self.submit(mine, "/clinic/book/details", self.guest)
        visit = self.held()
        code = self.code()
        wrong = f"{(int(code) + 1) % 10**6:06}"
        booking = self.env["clinic.one.time.code"]
        for _try in range(5):
            booking._verify("+393330001234", f"booking:{visit.id + 1}", wrong)
        self.submit(code_page, "/clinic/book/code", {"code": code})
        visit.invalidate_recordset()
        self.assertEqual(visit.state, "booked")

    def test_form_sent_twice(self):
        """AGD-08: the same forms again lead to the booking, with one visit."""
        details = self.hold()
        visit = self.held()
        code_page = self.submit(details, "/clinic/book/details", self.guest)
        values = {"code": self.code()}
        self.submit(code_page, "/clinic/book/code", values)
        for page, action, again in (
            (code_page, "/clinic/book/code", values),
            (details, "/clinic/book/details", self.guest),
        ):
            self.assertIn(
                "Your visit is booked", self.words(self.submit(page, action, again))
            )
        visits = self.env["clinic.appointment"].search([("start", "=", visit.start)])
        self.assertEqual(len(visits), 1)
