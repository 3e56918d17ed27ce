"""A patient's way and a receptionist's day in each language: nothing in English."""

from datetime import date, timedelta
from types import SimpleNamespace

import pytest
from babel.dates import format_date
from reading import English
from support import Site

from odoo.addons.clinic_patient.lib import spoken_day

from command.inside import language

pytestmark = pytest.mark.slow

#: Odoo's codes, and what the translations are called.
LANGUAGES = {"it_IT": "it", "ru_RU": "ru", "tr_TR": "tr", "zh_CN": "zh_CN"}
PORTAL = (
    "/my/appointments",
    "/my/reports",
    "/my/data",
    "/my/family",
    "/my/consents",
    "/my/access-log",
    "/my/messages",
    "/my/documents",
    "/my/care-plans",
    "/my/encounters",
    "/my/complaints",
)
WEBSITE = ("/clinic/book", "/clinic/enquiry", "/clinic/privacy", "/clinic/events")
#: Rooms of a receptionist, by the path of their action or its name.
ROOMS = {
    **dict.fromkeys(
        (
            "appointments",
            "new-bookings",
            "patients",
            "complaints",
            "enquiries",
            "patient-documents",
            "care-plans",
            "recalls-today",
            "next-steps",
        ),
        ".o_view_controller",
    ),
    "action-clinic_message.clinic_message_inbox_action": ".o_clinic_inbox_thread",
    "follower-desk": ".o_action > *",
}
#: What Odoo's own pages say, whatever the language.
ODOO = {"Home", "Mobile"}
DAYS = 6
REFUSED = "status of 422"


@pytest.fixture(scope="module")
def everywhere():
    """A site of its own that speaks all five languages, and its patients."""
    site = Site("languages")
    try:
        with site.env() as env:
            language.install(env, LANGUAGES)
            known = furnish(env)
        site.start()
        yield SimpleNamespace(site=site, **known)
        complaints = site.complaints()
    finally:
        site.discard()
    assert not complaints, "\n".join(complaints[:20])


def furnish(env):
    """A clinic with names of no language, a patient and a receptionist for each."""
    for queue in (
        "sms.ir_cron_sms_scheduler_action",
        "mail.ir_cron_mail_scheduler_action",
    ):
        env.ref(queue).active = False
    location = env["clinic.location"].create(
        {
            "name": "Aurora",
            "tz": "Europe/Rome",
            "phone": "+39 06 0000",
            "notice_minutes": 0,
        }
    )
    specialty = env["clinic.specialty"].create({"name": "Kardio"})
    service = env["product.template"].create(
        {
            "name": "Kardio EKG",
            "type": "service",
            "is_healthcare_service": True,
            "specialty_id": specialty.id,
            "list_price": 1234.5,
        }
    )
    doctor = env["clinic.practitioner"].create(
        {"name": "Anna Bianchi", "specialty_ids": [(4, specialty.id)]}
    )
    env["clinic.offer"].create(
        {
            "practitioner_id": doctor.id,
            "service_id": service.id,
            "location_id": location.id,
        }
    )
    env["clinic.schedule"].create(
        {
            "practitioner_id": doctor.id,
            "location_id": location.id,
            "date_from": date.today(),
            "block_ids": [
                (0, 0, {"weekday": str(day), "hour_from": 8, "hour_to": 20})
                for day in range(7)
            ],
        }
    )
    people = {
        code: one_reader(env, code, number, service, location)
        for number, code in enumerate(LANGUAGES)
    }
    return {"service": service.id, "people": people}


def one_reader(env, code, number, service, location):
    """A patient with a log-in, a visit, a report and a message; a receptionist."""
    patient = env["res.partner"].create(
        {
            "is_patient": True,
            "family_name": "Rossi",
            "given_name": f"Clara {number}",
            "birth_date": "1980-02-03",
            "email": f"clara.{number}@example.com",
            "phone": f"+3933300022{number:02}",
            "lang": code,
        }
    )
    users = env["res.users"].with_context(no_reset_password=True)
    users.create(
        {
            "login": f"patient_{code}",
            "password": f"patient_{code}",
            "partner_id": patient.id,
            "group_ids": [(6, 0, env.ref("base.group_portal").ids)],
        }
    )
    roles = env.ref("clinic_patient.group_clinic_receptionist")
    roles |= env.ref("clinic_patient.group_clinic_coordinator")
    _desk, doctor = users.create(
        [
            {
                "name": f"{name} {number}",
                "login": f"{login}_{code}",
                "password": f"{login}_{code}",
                "lang": code,
                "group_ids": [(6, 0, groups.ids)],
                "clinic_location_ids": [(6, 0, location.ids)],
            }
            for name, login, groups in (
                ("Rita", "desk", roles),
                (
                    "Bruno",
                    "doctor",
                    env.ref("clinic_patient.group_clinic_practitioner"),
                ),
            )
        ]
    )
    start = env["clinic.appointment"]._fields["start"].now() + timedelta(days=DAYS)
    slots = env["clinic.slot"].search_slots(
        service.id, start, start + timedelta(days=3), online=True, limit=1
    )
    visit = env["clinic.booking"]._hold(service.id, slots[0]["start"], channel="portal")
    env["clinic.booking"]._book_held(visit, patient)
    report = env["clinic.diagnostic.report"].create(
        {
            "patient_id": patient.id,
            "kind_id": env.ref("clinic_report.report_kind_laboratory").id,
            "doctor_id": doctor.id,
            "conclusion": "OK",
        }
    )
    from odoo.addons.clinic_report.demo.clinic_demo_reports import one_page

    report._add_version("result.pdf", one_page(["Aurora", "1.0"]))
    report._complete("final")
    report.with_user(doctor).action_review()
    env["clinic.message"]._receive(
        env["clinic.message.provider"], "sms", f"+3933300022{number:02}", "123", None
    )
    return {"patient": patient.id, "visit": visit.id, "report": report.id}


class Reader:
    """Somebody who reads pages in a language; each is checked and photographed."""

    def __init__(self, page, english, language, screenshot):
        self.page, self.english, self.language = page, english, language
        self.screenshot = screenshot
        self.problems = []

    def read(self, name):
        """Remember the English of this page, and what lies beside the screen."""
        self.page.wait_for_load_state("load")
        self.page.wait_for_selector(".o_loading_indicator", state="hidden")
        self.screenshot(self.page, f"language-{self.language}-{name}", full_page=True)
        self.problems += [f"{name}: {words}" for words in self.english.on(self.page)]
        if self.page.evaluate(
            "document.documentElement.scrollWidth > window.innerWidth"
        ):
            self.problems.append(f"{name}: wider than the screen")

    def sees_day(self, day):
        """A day stands on the page, in the order in which the language writes it."""
        form = spoken_day.pattern(spoken_day.DAY, self.language)
        words = format_date(day, form, locale=self.language)
        if words.casefold() not in self.page.inner_text("#wrap").casefold():
            self.problems.append(f"no {words} on {self.page.url}")

    def done(self):
        """Nothing was in English."""
        assert not self.problems, "\n".join(sorted(set(self.problems)))


@pytest.fixture
def reader(browser, everywhere, screenshot):
    """reader(language, width): a new visitor with a browser of that language."""

    def make(code, width):
        page = browser.page(width, 800, locale=code.replace("_", "-"))
        english = English(LANGUAGES[code], ODOO)
        return Reader(page, english, code, screenshot)

    return make


def path_of(site, code):
    """The beginning of the website's addresses in a language."""
    with site.env() as env:
        return f"{site.url}/{env['res.lang']._get_data(code=code).url_code}"


@pytest.mark.parametrize("code", LANGUAGES)
def test_guest_books(everywhere, browser, reader, code):
    """OPS-04: the website in the visitor's language, from the search to the end."""
    browser.allow(REFUSED)
    site, number = everywhere.site, list(LANGUAGES).index(code)
    guest = reader(code, 390)
    page, base = guest.page, path_of(site, code)
    for path in WEBSITE:
        page.goto(base + path)
        guest.read(path.strip("/").replace("/", "-"))
    day = date.today() + timedelta(days=1)
    page.goto(f"{base}/clinic/book/times?service={everywhere.service}&day={day}")
    guest.read("times")
    guest.sees_day(day)
    page.locator(".o_clinic_hours button").last.click()
    page.wait_for_url("**/clinic/book/details**")
    guest.read("details")
    phone = f"+3933300011{number:02}"
    for field, value in (
        ("given_name", "Giulia"),
        ("family_name", "😀"),
        ("birth_date", "1985-04-12"),
        ("phone", phone),
        ("email", f"giulia.{number}@example.com"),
    ):
        page.fill(f"#clinic_{field}", value)
    page.select_option("#clinic_sex", "female")
    page.check("#clinic_privacy")
    page.click(".o_clinic_submit")
    page.wait_for_selector("#clinic_family_name_problem")
    guest.read("details-refused")
    page.fill("#clinic_family_name", "Neri")
    page.click(".o_clinic_submit")
    page.wait_for_selector("#clinic_code")
    guest.read("code")
    page.fill("#clinic_code", site.code_sent(phone))
    page.keyboard.press("Enter")
    page.wait_for_url("**/clinic/book/done**")
    guest.read("done")
    guest.done()


@pytest.mark.parametrize("code", LANGUAGES)
def test_patient_in_the_portal(everywhere, browser, reader, code):
    """OPS-04: visits seen, moved and cancelled, a report read, in that language."""
    site, mine = everywhere.site, everywhere.people[code]
    patient = reader(code, 390)
    page, base = patient.page, path_of(site, code)
    browser.log_in(page, site, f"patient_{code}", f"patient_{code}")
    page.goto(f"{base}/my")
    patient.read("home")
    for path in PORTAL:
        page.goto(base + path)
        patient.read(path.strip("/").replace("/", "-"))
    page.goto(f"{base}/my/appointments/{mine['visit']}")
    patient.read("visit")
    page.click("#wrap a[href$='/times']")
    page.wait_for_url("**/times")
    day = date.today() + timedelta(days=DAYS + 1)
    page.goto(f"{page.url}?day={day}")
    patient.read("visit-times")
    patient.sees_day(day)
    page.locator(".o_clinic_hours button").last.click()
    page.wait_for_selector(".alert-success")
    patient.read("visit-moved")
    page.click(".o_clinic_cancel summary")
    patient.read("visit-cancel")
    page.click(".o_clinic_cancel button[type=submit]")
    page.wait_for_selector(".o_clinic_state_cancelled")
    patient.read("visit-cancelled")
    page.goto(f"{base}/my/reports/{mine['report']}")
    patient.read("report")
    page.click("button[value=read]")
    page.wait_for_url("**/my/reports/view/**")
    page.frame_locator("iframe.o_clinic_report").locator(".textLayer").wait_for()
    patient.read("report-open")
    patient.done()


@pytest.mark.parametrize("code", LANGUAGES)
def test_receptionist_at_work(everywhere, browser, reader, code):
    """OPS-04: day sheet, card of a patient, visit, inbox and desk in that language."""
    site, mine = everywhere.site, everywhere.people[code]
    desk = reader(code, 1366)
    page = desk.page
    browser.log_in(page, site, f"desk_{code}", f"desk_{code}")
    page.goto(f"{site.url}/odoo/day-sheet")
    page.wait_for_selector(".o_clinic_column")
    desk.read("day-sheet")
    for path, shown in ROOMS.items():
        page.goto(f"{site.url}/odoo/{path}")
        page.locator(shown).first.wait_for()
        desk.read(path.rpartition(".")[2])
    for name, path in (
        ("card", f"patients/{mine['patient']}"),
        ("visit-form", f"appointments/{mine['visit']}"),
    ):
        page.goto(f"{site.url}/odoo/{path}")
        page.locator(".o_form_view .o_form_sheet").wait_for()
        desk.read(name)
    for tab in page.locator(".o_notebook_headers .nav-link").all():
        tab.click()
        desk.read("visit-form-tab")
    desk.done()


def test_a_clinic_learns_a_language(everywhere, reader):
    """OPS-04: `./clinic up --language`: website, staff and new cards speak it, without
    anybody choosing it. The last test of this site: it changes what all meet."""
    site = everywhere.site
    with site.env() as env:
        heart = env["clinic.specialty"].create({"name": "Cardiology"})
        language.speak(env, "it_IT")
        assert heart.with_context(lang="it_IT").name == "Cardiologia"
        assert heart.name == "Cardiology"
    guest = reader("it_IT", 390)
    guest.page.context.set_extra_http_headers({"Accept-Language": "en-US"})
    guest.page.goto(f"{site.url}/clinic/book")
    assert guest.page.get_attribute("html", "lang") == "it-IT"
    guest.read("learned")
    guest.done()
    with site.env() as env:
        staff = env["res.users"].search([("share", "=", False)])
        assert set(staff.mapped("lang")) == {"it_IT"}
        patients = env["res.partner"].with_context(lang=None)
        card = patients.create({"is_patient": True, "family_name": "Gialli"})
        assert card.lang == "it_IT"
