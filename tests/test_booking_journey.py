"""A patient books on a phone, by keyboard, and moves a visit in the portal."""

import re
from datetime import date, timedelta

import pytest

GUEST = {
    "given_name": "Giulia",
    "family_name": "Neri",
    "birth_date": "1985-04-12",
    "phone": "+39 333 000 1234",
    "email": "giulia.neri@example.com",
}
REFUSED = "status of 422"
MAIL_QUEUE = "mail.ir_cron_mail_scheduler_action"


@pytest.fixture(scope="module")
def clinic(site):
    """A doctor with free times on every day, and a patient with a log-in."""
    with site.env() as env:
        # What is sent stays in the lists of outgoing SMS and mails.
        for queue in ("sms.ir_cron_sms_scheduler_action", MAIL_QUEUE):
            env.ref(queue).active = False
        location = env["clinic.location"].create(
            {
                "name": "Aurora Roma",
                "tz": "Europe/Rome",
                "country_id": env.ref("base.it").id,
                "phone": "+39 06 0000",
                "notice_minutes": 0,
            }
        )
        specialty = env["clinic.specialty"].create(
            {"name": "Heart medicine", "icon": "fa-heartbeat", "synonyms": "cuore"}
        )
        service = env["product.template"].create(
            {
                "name": "Heart check",
                "type": "service",
                "is_healthcare_service": True,
                "specialty_id": specialty.id,
                "list_price": 80,
                "online_discount": 10,
                "preparation": "<p>Please bring earlier reports.</p>",
            }
        )
        doctor = env["clinic.practitioner"].create(
            {
                "name": "Anna Bianchi",
                "title": "Dr.",
                "specialty_ids": [(4, specialty.id)],
            }
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
        patient = env["res.partner"].create(
            {
                "is_patient": True,
                "family_name": "Rossi",
                "given_name": "Clara",
                "name": "Rossi Clara",
                "email": "clara.rossi@example.com",
            }
        )
        env["res.users"].with_context(no_reset_password=True).create(
            {
                "login": "clara.rossi",
                "password": "clara.rossi",
                "partner_id": patient.id,
                "group_ids": [(6, 0, env.ref("base.group_portal").ids)],
            }
        )
        visit = env["clinic.booking"]._hold(
            service.id, first_free(env, service, days=5), channel="portal"
        )
        env["clinic.booking"]._book_held(visit, patient)
        return {"service": service.id, "visit": visit.id}


def first_free(env, service, days):
    """A free time some days ahead."""
    start = env["clinic.appointment"]._fields["start"].now() + timedelta(days=days)
    slots = env["clinic.slot"].search_slots(
        service.id, start, start + timedelta(days=3), online=True, limit=1
    )
    return slots[0]["start"]


def fits(page):
    """Nothing of the page lies beside the screen."""
    return page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_guest_books_on_a_phone_by_keyboard(site, clinic, browser, axe, screenshot):
    """From the search box to the confirmation at 360 px, without touching a mouse."""
    browser.allow(REFUSED)
    page = browser.page(360, 740)

    def look(name):
        page.wait_for_load_state("networkidle")
        assert axe(page) == []
        assert fits(page)
        screenshot(page, name)

    page.goto(f"{site.url}/clinic/book")
    look("booking-search-phone")
    page.locator("#clinic_question").focus()
    page.keyboard.type("CUÓRE")
    page.wait_for_selector("#clinic_found [role=option]")
    assert axe(page) == []
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**/clinic/book/times**")
    look("booking-times-phone")
    # The last free hour: late in the day there are not many.
    page.locator(".o_clinic_hours button").last.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/clinic/book/details**")
    assert re.match(r"(10:00|9:5\d)", page.inner_text(".o_clinic_countdown_left"))
    look("booking-details-phone")
    page.locator("#clinic_given_name").focus()
    page.keyboard.type(GUEST["given_name"])
    page.keyboard.press("Tab")
    page.keyboard.type("😀")
    page.fill("#clinic_birth_date", GUEST["birth_date"])
    page.locator("#clinic_sex").focus()
    page.keyboard.press("f")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.type(GUEST["phone"])
    page.keyboard.press("Tab")
    page.keyboard.type(GUEST["email"])
    page.locator("#clinic_privacy").focus()
    page.keyboard.press("Space")
    page.locator(".o_clinic_submit").focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("#clinic_family_name_problem")
    look("booking-problem-phone")
    page.wait_for_function("document.activeElement.id === 'clinic_family_name'")
    page.keyboard.press("Control+A")
    page.keyboard.type(GUEST["family_name"])
    page.keyboard.press("Enter")
    page.wait_for_selector("#clinic_code")
    look("booking-code-phone")
    page.locator("#clinic_code").focus()
    page.keyboard.type(site.code_sent(GUEST["phone"]))
    page.keyboard.press("Enter")
    page.wait_for_url("**/clinic/book/done**")
    look("booking-done-phone")
    assert "Neri Giulia" in page.inner_text("#wrap")
    assert "Please bring earlier reports" in page.inner_text("#wrap")


def test_forms_survive_on_a_phone(site, clinic, browser, axe, screenshot):
    """E7: reload, a lost session and the address of a form lose and double nothing."""
    browser.allow(REFUSED)
    browser.allow("status of 400")
    site.expect_log("CSRF validation failed on path '/clinic/book/details'")
    page = browser.page(360, 740)
    phone = "+39 333 000 7788"

    def look(name):
        page.wait_for_load_state("networkidle")
        assert axe(page) == []
        assert fits(page)
        screenshot(page, name)

    def choose(which):
        page.goto(f"{site.url}/clinic/book/times?service={clinic['service']}")
        page.locator(".o_clinic_hours button").nth(which).click()
        page.wait_for_url("**/clinic/book/details**")

    choose(-1)
    choose(-2)
    assert "is free again" in page.inner_text("#wrap")
    look("booking-second-hold-phone")
    for name, value in GUEST.items():
        page.fill(f"#clinic_{name}", phone if name == "phone" else value)
    page.select_option("#clinic_sex", "female")
    page.check("#clinic_privacy")
    page.context.clear_cookies()
    page.click(".o_clinic_submit")
    page.wait_for_selector("text=What you wrote is still here")
    look("booking-session-lost-phone")
    page.get_by_role("button", name="Send it now").click()
    page.wait_for_selector("#clinic_code")
    code = site.code_sent(phone)
    page.reload()
    page.wait_for_selector("#clinic_code")
    assert site.code_sent(phone) == code, "a reload sends no second code"
    page.fill("#clinic_code", code)
    page.press("#clinic_code", "Enter")
    page.wait_for_url("**/clinic/book/done**")
    look("booking-survived-phone")
    page.reload()
    assert "Your visit is booked" in page.inner_text("#wrap")
    page.goto(f"{site.url}/clinic/book/hold")
    assert page.url == f"{site.url}/clinic/book"


def test_pages_on_a_desk(site, clinic, browser, axe, screenshot):
    """The same pages on a wide screen, for the documentation."""
    page = browser.page(1280, 800)
    for name, path in (
        ("booking-search", "/clinic/book"),
        ("booking-times", f"/clinic/book/times?service={clinic['service']}"),
    ):
        page.goto(site.url + path)
        page.wait_for_load_state("networkidle")
        assert axe(page) == []
        screenshot(page, name)


@pytest.mark.slow
def test_patient_moves_a_visit(site, clinic, browser, axe, screenshot):
    """In the portal at 360 px: the next visit, another time, the new time shown."""
    page = browser.page(360, 740)
    browser.log_in(page, site, "clara.rossi", "clara.rossi")

    def look(name):
        page.wait_for_load_state("networkidle")
        assert axe(page) == []
        assert fits(page)
        screenshot(page, name)

    page.goto(f"{site.url}/my")
    look("portal-home-phone")
    page.click(".o_clinic_next_visit >> text=Details")
    page.wait_for_url(f"**/my/appointments/{clinic['visit']}")
    look("portal-visit-phone")
    page.click("text=Move")
    page.wait_for_url("**/times")
    look("portal-times-phone")
    page.locator(".o_clinic_hours button").last.click()
    page.wait_for_selector("text=The visit is moved")
    look("portal-moved-phone")
    page.goto(f"{site.url}/my/appointments")
    look("portal-visits-phone")
    page.goto(f"{site.url}/my/appointments/calendar")
    look("portal-calendar-phone")
    with site.env() as env:
        visit = env["clinic.appointment"].browse(clinic["visit"])
        assert visit.state == "rescheduled"
        assert visit.change_sequence == 1
