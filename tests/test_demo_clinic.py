"""The demo clinic as a newcomer meets it; takes the pictures of the documentation."""

import re

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.slow

ROLES = [
    "administrator",
    "manager",
    "chief_doctor",
    "practitioner",
    "receptionist",
    "receptionist_london",
    "coordinator",
    "operator",
    "supervisor",
    "marketing",
    "cashier",
]


def open_day(page, site):
    """The day sheet on a day on which somebody works."""
    page.goto(f"{site.url}/odoo/day-sheet")
    page.wait_for_selector(".o_clinic_column, button[name=next_day]")
    if not page.locator(".o_clinic_column").count():
        page.click("button[name=next_day]")
    page.wait_for_selector(".o_clinic_column")


def test_the_story_is_complete(site_demo):
    """The demo has what the README promises, and visits in every visible state."""
    with site_demo.env() as env:
        counts = {
            model: env[model].search_count([])
            for model in (
                "clinic.location",
                "clinic.practitioner",
                "clinic.specialty",
                "clinic.equipment",
            )
        }
        patients = env["res.partner"].search_count([("is_patient", "=", True)])
        services = env["product.template"].search_count(
            [("is_healthcare_service", "=", True)]
        )
        states = {
            state for (state,) in env["clinic.appointment"]._read_group([], ["state"])
        }
        zones = set(env["clinic.location"].search([("tz", "!=", False)]).mapped("tz"))
    assert counts == {
        "clinic.location": 3,
        "clinic.practitioner": 12,
        "clinic.specialty": 6,
        "clinic.equipment": 3,
    }
    # Eight of them have a second card, which the search for duplicates finds.
    assert (patients, services, len(zones)) == (2008, 40, 2)
    expected = {"booked", "confirmed", "rescheduled", "done", "closed"}
    assert expected | {"cancelled", "no_show"} <= states


@pytest.mark.parametrize("login", ROLES)
def test_every_log_in_opens_the_clinic(site_demo, browser, login):
    """OPS-01: each role signs in with its name and finds the menu Clinic."""
    page = browser.page()
    browser.log_in(page, site_demo, login, login)
    page.goto(f"{site_demo.url}/odoo/action-clinic_patient.clinic_patient_action")
    expect(page.locator(".o_main_navbar")).to_contain_text("Clinic")
    expect(page.locator(".o_data_row, .o_kanban_record").first).to_be_visible()


def test_receptionist_sees_the_day(site_demo, browser, screenshot):
    """AGD-03: columns of practitioners with visits in the colours of their states."""
    page = browser.page(width=1366, height=768)
    browser.log_in(page, site_demo, "receptionist", "receptionist")
    open_day(page, site_demo)
    # The picture shows a day on which everybody works: the next Monday.
    label = page.locator(".o_clinic_day_label")
    for _day in range(7):
        shown = label.inner_text()
        if "Monday" in shown:
            break
        page.click("button[aria-label='Next day']")
        expect(label).not_to_have_text(shown)
    expect(label).to_contain_text("Monday")
    expect(page.locator(".o_clinic_visit").first).to_be_visible()
    screenshot(page, "day-sheet")


def test_practitioner_sees_the_own_agenda_on_a_phone(site_demo, browser, screenshot):
    """AGD-14: doctors see only their own agenda, on a phone too."""
    page = browser.page(width=390, height=844)
    browser.log_in(page, site_demo, "practitioner", "practitioner")
    open_day(page, site_demo)
    expect(page.locator(".o_clinic_column")).to_have_count(1)
    expect(page.locator("body")).to_contain_text("Valsecchi")
    screenshot(page, "practitioner-phone")


def test_manager_asks_why(site_demo, browser, screenshot):
    """AGD-13: the screen lists offers that cannot be booked, with the reason."""
    page = browser.page(width=1366, height=768)
    browser.log_in(page, site_demo, "manager", "manager")
    page.goto(f"{site_demo.url}/odoo/action-clinic_agenda.clinic_online_check_action")
    field = page.locator("[name=practitioner_id] input")
    field.fill("Rinaldeschi")
    page.locator(".dropdown-item", has_text="Rinaldeschi").first.click()
    expect(page.locator(".o_data_row").first).to_contain_text(
        "takes no online bookings"
    )
    screenshot(page, "why-bookable")


def test_visitor_finds_a_time(site_demo, browser, screenshot):
    """AGD-08: from a synonym to free times with price, without a log-in."""
    page = browser.page(width=1280, height=800)
    page.goto(f"{site_demo.url}/clinic/book")
    screenshot(page, "booking-search")
    page.goto(f"{site_demo.url}/clinic/book?q=ECG")
    page.locator("main a", has_text="Electrocardiogram").first.click()
    expect(page.locator("main")).to_contain_text(re.compile(r"45[.,]00"))
    expect(page.locator("main")).to_contain_text(re.compile("CES?T|GMT|BST"))
    screenshot(page, "booking-times")


def test_patient_opens_the_portal(site_demo, browser, screenshot):
    """The portal log-in of the demo has a visit to come and a family."""
    page = browser.page(width=390, height=844)
    browser.log_in(page, site_demo, "patient", "patient")
    page.goto(f"{site_demo.url}/my/appointments")
    expect(page.locator("main")).to_contain_text("Aurora")
    screenshot(page, "portal-visits")


def test_card_shows_the_family(site_demo, browser, screenshot):
    """The receptionist opens a card from the list of patients."""
    page = browser.page(width=1366, height=900)
    browser.log_in(page, site_demo, "receptionist", "receptionist")
    with site_demo.env() as env:
        user = env["res.users"].search([("login", "=", "patient")])
        card = user.partner_id.id
    action = "action-clinic_patient.clinic_patient_action"
    page.goto(f"{site_demo.url}/odoo/{action}/{card}")
    expect(page.locator(".o_form_view")).to_be_visible()
    expect(page.locator(".o-mail-Chatter-top button").first).to_be_enabled()
    screenshot(page, "patient-card")
