import re
from datetime import datetime, timedelta

from lxml import html

from odoo.tests.common import HttpCase

from .common import AgendaCommon

#: A number of a range that no telephone has.
PHONE = "+39 333 000 1234"


class WebsiteCommon(AgendaCommon, HttpCase):
    """The small clinic, today, seen through a browser that runs no JavaScript.

    One-time codes live on the clock of PostgreSQL, so time is not frozen here.
    """

    @classmethod
    def set_clock(cls):
        """Stay in the present."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.ref("base.main_company").country_id = cls.env.ref("base.it")
        cls.rome.write({"phone": "+39 06 0000", "change_notice_hours": 24})
        cls.service.write(
            {
                "synonyms": "heart check, visita cuore",
                "preparation": "<p>Bring earlier reports.</p>",
            }
        )
        week = [
            {"weekday": str(day), "hour_from": 9, "hour_to": 13} for day in range(7)
        ]
        cls.open_week(cls.anna, blocks=week)
        cls.open_week(cls.bruno, blocks=week)
        cls.guest = {
            "given_name": "Giulia",
            "family_name": "Neri",
            "birth_date": "1985-04-12",
            "sex": "female",
            "tax_code": "",
            "phone": PHONE,
            "email": "giulia@example.com",
            "privacy": "yes",
        }

    @classmethod
    def make_portal_user(cls, login, patient=None):
        """A log-in of the portal, of a patient or of somebody who is none."""
        vals = {
            "login": login,
            "password": login,
            "group_ids": [(6, 0, cls.env.ref("base.group_portal").ids)],
        }
        if patient:
            vals["partner_id"] = patient.id
        else:
            vals["name"] = login.title()
        return cls.env["res.users"].with_context(no_reset_password=True).create(vals)

    def free(self, days=3, practitioner=None):
        """A free time some days ahead, as the page offers it."""
        start = datetime.now().replace(microsecond=0) + timedelta(days=days)
        return self.env["clinic.slot"].search_slots(
            self.service.id,
            start,
            start + timedelta(days=4),
            practitioner_ids=(practitioner or self.anna).ids,
            online=True,
            limit=1,
        )[0]

    def slot_value(self, slot):
        """What the button of a free time sends."""
        return (
            f"{slot['start'].isoformat()}Z/{slot['practitioner_id']}"
            f"/{slot['location_id']}"
        )

    def get(self, url, status=200, **options):
        """Open a page; return it parsed."""
        response = self.url_open(url, **options)
        self.assertEqual(response.status_code, status, response.text[:500])
        return html.fromstring(response.content)

    def csrf(self):
        """The token of this visitor's forms."""
        page = self.get(f"/clinic/book/times?service={self.service.id}")
        return page.xpath("//input[@name='csrf_token']/@value")[0]

    def submit(self, page, action, values, status=200, **options):
        """Fill in and send a form of a page; return the page that follows."""
        form = page.xpath(f"//form[@action='{action}']")[0]
        fields = {
            field.get("name"): field.get("value") or ""
            for field in form.xpath(".//input[@type='hidden']")
        }
        response = self.url_open(action, data={**fields, **values}, **options)
        self.assertEqual(response.status_code, status, response.text[:2000])
        self.last = response
        return html.fromstring(response.content)

    def hold(self, slot=None):
        """Hold a time; return the page of the form."""
        page = self.get(f"/clinic/book/times?service={self.service.id}")
        return self.submit(
            page,
            "/clinic/book/hold",
            {"slot": self.slot_value(slot or self.free())},
        )

    def code(self, phone=PHONE):
        """The code of the last SMS to a phone."""
        number = self.env["clinic.phone"]._normalize(phone)
        sms = self.env["sms.sms"].search([("number", "=", number)], order="id desc")
        return re.search(r"\b(\d{6})\b", sms[0].body)[1]

    def held(self):
        """The visit that is held now."""
        return self.env["clinic.appointment"].search([("state", "=", "held")], limit=1)

    def words(self, page):
        """What a person reads on a page."""
        return " ".join(page.xpath("//div[@id='wrap']")[0].text_content().split())
