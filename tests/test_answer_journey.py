"""Short answers by SMS: obeyed as they are meant, from the telephone to the inbox."""

import pytest
from crowd import open_clinic
from sending import answer, telephones

PHONE = "+393331234571"


@pytest.fixture
def visits(site, gateway):
    """Two visits of one patient, whose joint reminder is on its way."""
    # A status from the gateway and the sender at the same row: one is tried again.
    site.expect_log("bad query: .*clinic_message")
    people = telephones(site, gateway, flora=PHONE)
    clinic = open_clinic(site, practitioners=1)
    with site.env() as env:
        place = env["clinic.location"].browse(clinic.location)
        place.write({"name": "Aurora Roma", "change_notice_hours": 0})
        visits = env["clinic.appointment"].create(
            [
                {
                    "patient_id": people["flora"],
                    "practitioner_id": clinic.practitioners[0],
                    "service_id": clinic.service,
                    "location_id": clinic.location,
                    "start": start,
                }
                for start in clinic.starts[:2]
            ]
        )
        kind = env.ref("clinic_agenda.kind_visit_reminder_24h")
        for visit in visits:
            visit._remind(kind)
        return visits.ids


@pytest.mark.slow
def test_answers_are_obeyed_as_they_are_meant(
    site, visits, gateway, browser, screenshot
):
    """AGD-11, MSG-05: "do not cancel" cancels nothing and is shown with the visits;
    CANCEL to a reminder of two visits asks which; the number cancels that one."""
    phone = browser.page(width=900)
    phone.goto(gateway.url)
    phone.get_by_text("Verdi Flora").first.click()
    phone.locator(".bubble", has_text="Answer YES").first.wait_for(timeout=90_000)
    answer(phone, "Please do not cancel!")

    desk = browser.page(width=1360)
    browser.log_in(desk, site)
    desk.goto(f"{site.url}/odoo/action-clinic_message.clinic_message_inbox_action")
    desk.locator(".o_clinic_inbox_thread", has_text="Verdi Flora").click()
    about = desk.locator(".o_clinic_inbox_matters button")
    about.nth(1).wait_for()
    assert about.count() == 2
    screenshot(desk, "inbox-visits")
    assert states(site, visits) == ["booked", "booked"]

    answer(phone, "CANCEL")
    question = phone.locator(".bubble", has_text="Which visit is to be cancelled?")
    question.wait_for(timeout=90_000)
    assert states(site, visits) == ["booked", "booked"]
    answer(phone, "2")
    phone.locator(".bubble", has_text="is cancelled").wait_for(timeout=90_000)
    screenshot(phone, "telephone-which-visit")
    assert states(site, visits) == ["booked", "cancelled"]

    about.first.click()
    desk.locator(".o_form_view", has_text="Verdi Flora").wait_for()


def states(site, visits):
    """The states of visits, in the order of their times."""
    rows = site.sql(
        "SELECT state FROM clinic_appointment WHERE id = ANY(%s) ORDER BY start", visits
    )
    return [row[0] for row in rows]
