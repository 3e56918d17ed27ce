"""Two receptionists at one day sheet: what one does, the other sees at once."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

TZ = "Europe/Rome"


@pytest.fixture(scope="module")
def tomorrow():
    """The local day on which the clinic of this journey opens."""
    return datetime.now(ZoneInfo(TZ)).date() + timedelta(days=1)


@pytest.fixture(scope="module")
def clinic(site, tomorrow):
    """A location, two practitioners, one service, two receptionists."""
    site.expect_log(r"odoo\.http: ValidationError told to the user")
    with site.env() as env:
        location = env["clinic.location"].create(
            {"name": "Journey", "tz": TZ, "sequence": -20}
        )
        specialty = env["clinic.specialty"].create({"name": "Cardiology"})
        service = env["product.template"].create(
            {
                "name": "Cardiology visit",
                "type": "service",
                "is_healthcare_service": True,
                "specialty_id": specialty.id,
                "list_price": 100.0,
            }
        )
        for name in ("Anna Bianchi", "Bruno Conti"):
            practitioner = env["clinic.practitioner"].create(
                {"name": name, "specialty_ids": [(4, specialty.id)]}
            )
            env["clinic.offer"].create(
                {
                    "practitioner_id": practitioner.id,
                    "service_id": service.id,
                    "location_id": location.id,
                }
            )
            env["clinic.schedule.exception"].create(
                {
                    "name": "Open day",
                    "kind": "extra",
                    "practitioner_id": practitioner.id,
                    "location_id": location.id,
                    "date_from": tomorrow,
                    "date_to": tomorrow,
                    "all_day": False,
                    "hour_from": 9,
                    "hour_to": 13,
                }
            )
        role = env.ref("clinic_patient.group_clinic_receptionist")
        for login in ("desk_one", "desk_two"):
            env["res.users"].with_context(no_reset_password=True).create(
                {
                    "name": login.replace("_", " ").title(),
                    "login": login,
                    "password": login,
                    "group_ids": [(6, 0, role.ids)],
                    "clinic_location_ids": [(6, 0, location.ids)],
                }
            )
    return "Journey"


def open_sheet(browser, site, login, width=1366, height=768):
    """A receptionist's page with the sheet of the open day."""
    page = browser.page(width=width, height=height)
    browser.log_in(page, site, login, login)
    page.goto(f"{site.url}/odoo/day-sheet")
    page.click("button[name=next_day]")
    page.wait_for_selector(".o_clinic_column")
    return page


def place_of(page, column, minute):
    """The pixels of a time in a column."""
    box = page.locator(".o_clinic_column").nth(column).bounding_box()
    body = page.locator(".o_clinic_body")
    first, zoom = (
        float(body.get_attribute(f"data-{name}")) for name in ("first", "zoom")
    )
    return box["x"] + box["width"] / 2, box["y"] + (minute - first) * zoom + 4


def visits(page, column, words):
    """Visits of a patient in a column."""
    columns = page.locator(".o_clinic_column").nth(column)
    return columns.locator(".o_clinic_visit", has_text=words)


def book(page, column, minute, family, given):
    """Click on a free time, open a card, book."""
    page.mouse.click(*place_of(page, column, minute))
    page.fill(".o_clinic_patient_search input", f"{family} {given}")
    page.click(".o_clinic_new_patient")
    page.fill("[name=birth_date]", "1990-01-02")
    page.click(".o_clinic_booking button[name=book]")


def drag(page, visit, target):
    """Drag a visit as a hand does; returns whether the ghost was green at the end."""
    box = visit.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 4)
    page.mouse.down()
    page.mouse.move(*target, steps=12)
    judged = page.locator(
        ".o_clinic_overlay .ghost.legal, .o_clinic_overlay .ghost.illegal"
    )
    judged.wait_for()
    legal = "illegal" not in judged.get_attribute("class")
    page.mouse.up()
    return legal


def test_two_receptionists(site, browser, clinic, screenshot, axe):
    """AGD-03 One books and drags; the other's open sheet follows without a reload,
    and a drag onto a taken time comes back with the name of who is there."""
    one = open_sheet(browser, site, "desk_one")
    two = open_sheet(browser, site, "desk_two", width=1920, height=1080)

    book(one, 0, 10 * 60, "Neri", "Ugo")
    visits(one, 0, "Neri Ugo").wait_for()
    visits(two, 0, "Neri Ugo").wait_for()
    book(two, 1, 11 * 60, "Verdi", "Ada")
    visits(one, 1, "Verdi Ada").wait_for()
    screenshot(two, "day_sheet")

    assert drag(one, visits(one, 0, "Neri Ugo"), place_of(one, 1, 9 * 60 + 30))
    visits(two, 1, "Neri Ugo").wait_for()

    assert not drag(two, visits(two, 1, "Neri Ugo"), place_of(two, 1, 11 * 60 + 15))
    two.locator(".o_notification", has_text="In the way: Verdi Ada").wait_for()
    visits(two, 1, "Neri Ugo").wait_for()

    one.click(".o_notification button:has-text('Undo')")
    visits(two, 0, "Neri Ugo").wait_for()

    visits(two, 0, "Neri Ugo").click()
    assert not two.locator(".o_clinic_popover button[name=arrived]").count()
    two.click(".o_clinic_popover button[name=confirmed]")
    one.locator(".o_clinic_visit.o_s_confirmed").wait_for()

    findings = axe(one, runOnly=["wcag2a", "wcag2aa"])
    ours = [found for found in findings if "o_clinic" in found]
    assert not ours, "\n".join(ours)


@pytest.mark.slow
def test_keyboard(site, browser, clinic):
    """AGD-03 The sheet without a mouse: go, book, pick up, drop, today."""
    page = open_sheet(browser, site, "desk_one")
    book(page, 0, 12 * 60, "Bruni", "Ida")
    visits(page, 0, "Bruni Ida").wait_for()
    page.locator(".o_clinic_scroll").focus()
    page.keyboard.press("m")
    page.keyboard.press("ArrowRight")
    for _step in range(6):
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    moved = visits(page, 1, "Bruni Ida")
    moved.wait_for()
    assert "12:30" in moved.get_attribute("aria-label")
    page.keyboard.press("Control+z")
    visits(page, 0, "Bruni Ida").wait_for()
    page.keyboard.press("t")
    page.wait_for_selector("button[name=today]:disabled")
