"""Times that change: a practitioner falls ill, a freed time goes to who waits."""

import re
from datetime import timedelta

import pytest
from crowd import open_clinic
from sending import answer, telephones

IDA, CARLA = "+393331234501", "+393331234502"
DORA, ELSA = "+393331234503", "+393331234504"


@pytest.fixture(scope="module")
def clinic(site):
    """Two practitioners with the same service on the same day, and a receptionist."""
    # A status from the gateway and the sender at the same row: one is tried again.
    site.expect_log("bad query: .*clinic_message")
    clinic = open_clinic(site, practitioners=2)
    with site.env() as env:
        for number, name in zip(
            clinic.practitioners, ("Dr. Anna Bianchi", "Dr. Bruno Conti"), strict=True
        ):
            env["clinic.practitioner"].browse(number).name = name
        env["clinic.location"].browse(clinic.location).write(
            {"name": "Aurora Roma", "phone": "+39 06 0000 0001"}
        )
        env["product.template"].browse(clinic.service).name = "Cardiology visit"
        env["res.users"].with_context(no_reset_password=True).create(
            {
                "name": "Giulia Desk",
                "login": "desk",
                "password": "desk",
                "group_ids": [
                    (6, 0, env.ref("clinic_patient.group_clinic_receptionist").ids)
                ],
            }
        )
    return clinic


def book(env, clinic, patient, start, practitioner=0):
    """A visit at a time of the clinic's day."""
    return env["clinic.appointment"].create(
        {
            "patient_id": patient,
            "practitioner_id": clinic.practitioners[practitioner],
            "service_id": clinic.service,
            "location_id": clinic.location,
            "start": start,
            "tell_patient": False,
        }
    )


def conversation(browser, gateway, name):
    """The telephone page of a patient."""
    phone = browser.page(width=390, height=844)
    phone.goto(gateway.url)
    phone.get_by_text(name).first.click()
    return phone


@pytest.mark.slow
def test_ill_practitioner(site, clinic, gateway, browser, screenshot):
    """AGD-11: a practitioner is ill; the desk writes to all, one answers YES, one
    chooses by the link, one is called; the bar ends with nothing left."""
    cards = telephones(site, gateway, ida=IDA, carla=CARLA)
    with site.env() as env:
        silent = env["res.partner"].create(
            {"is_patient": True, "family_name": "Verdi", "given_name": "Bruna"}
        )
        visits = [
            book(env, clinic, patient, clinic.starts[number]).id
            for number, patient in enumerate((*cards.values(), silent.id))
        ]
        day = visits and env["clinic.appointment"].browse(visits[0]).local_day
    desk = browser.page(width=1360)
    browser.log_in(desk, site, "desk", "desk")
    desk.goto(
        f"{site.url}/odoo/action-clinic_agenda.clinic_practitioner_action"
        f"/{clinic.practitioners[0]}"
    )
    desk.locator(".o_cp_action_menus button").first.click()
    desk.get_by_role("menuitem", name="Is ill").click()
    for name in ("date_from", "date_to"):
        desk.locator(f"[name={name}] input, [name={name}] button").first.click()
        desk.locator(f"[name={name}] input").fill(day.strftime("%m/%d/%Y"))
        desk.keyboard.press("Tab")
    desk.get_by_role("button", name="Close the agenda").click()
    desk.get_by_text("0 of 3 settled").wait_for()
    desk.get_by_role("button", name="Write to all open").click()
    desk.locator(".modal").get_by_role("button", name="Ok").click()
    desk.locator(".o_data_row", has_text="Asked by message").nth(1).wait_for()
    screenshot(desk, "ill-practitioner")

    one = conversation(browser, gateway, "Verdi Ida")
    one.locator(".bubble", has_text="Answer YES").wait_for(timeout=90_000)
    answer(one, "YES")
    one.locator(".bubble", has_text="Thank you:").wait_for(timeout=90_000)

    other = conversation(browser, gateway, "Verdi Carla")
    words = other.locator(".bubble", has_text="Answer YES")
    words.wait_for(timeout=90_000)
    path = re.search(r"/clinic/other-time/\S+", words.inner_text())[0]
    page = browser.page(width=390, height=844)
    page.goto(site.url + path)
    page.get_by_role("heading", name="Choose one of these times").wait_for()
    screenshot(page, "ill-practitioner-choose")
    page.locator("button.btn-outline-primary").last.click()
    page.get_by_role("heading", name="Your visit has another time").wait_for()

    desk.reload()
    desk.get_by_text("2 of 3 settled").wait_for()
    desk.get_by_role("button", name="Open the list").click()
    row = desk.locator(".o_data_row", has_text="Verdi Bruna")
    row.locator("button[name=action_called]").click()
    row.locator(".badge", has_text="Called").wait_for()
    row.locator("button[name=action_take_proposal]").click()
    row.locator(".badge", has_text="Moved").wait_for()
    desk.go_back()
    desk.get_by_text("3 of 3 settled").wait_for()

    moved = site.sql(
        "SELECT DISTINCT practitioner_id FROM clinic_appointment WHERE id = ANY(%s)",
        visits,
    )
    assert moved == [(clinic.practitioners[1],)]
    channels = site.sql(
        "SELECT channel FROM clinic_appointment_event WHERE appointment_id = ANY(%s)"
        " AND kind = 'moved' ORDER BY appointment_id",
        visits,
    )
    assert [row[0] for row in channels] == ["message", "website", "desk"]


@pytest.mark.slow
def test_freed_time(site, clinic, gateway, browser, screenshot):
    """AGD-11: the desk cancels a visit, who waits is asked by SMS, YES moves the
    visit to the earlier time."""
    cards = telephones(site, gateway, dora=DORA, elsa=ELSA)
    early, late = clinic.starts[-3], clinic.starts[-1]
    with site.env() as env:
        freed = book(env, clinic, cards["elsa"], early, practitioner=1)
        visit = book(env, clinic, cards["dora"], late, practitioner=1).id
        env["clinic.wait.list"].create(
            {
                "patient_id": cards["dora"],
                "service_id": clinic.service,
                "appointment_id": visit,
                "hour_to": 24,
            }
        )
        freed._cancel("Has a cold")
        # The desk could still undo it for two minutes.
        waiting = env["clinic.wait.freed"].search([])
        waiting.due -= timedelta(minutes=3)
        env.ref("clinic_agenda.ir_cron_wait_offer")._trigger()
    phone = conversation(browser, gateway, "Verdi Dora")
    phone.locator(".bubble", has_text="a time became free").wait_for(timeout=90_000)
    answer(phone, "YES")
    phone.locator(".bubble", has_text="Booked:").wait_for(timeout=90_000)
    screenshot(phone, "wait-list-offer")
    [[state, start]] = site.sql(
        "SELECT state, start FROM clinic_appointment WHERE id = %s", visit
    )
    assert (state, start) == ("rescheduled", early)


def test_wish_on_a_telephone(site, clinic, browser, axe, screenshot):
    """The page of the wait list fits a narrow telephone and can be used by all."""
    page = browser.page(width=360, height=800)
    page.goto(f"{site.url}/clinic/book/times?service={clinic.service}")
    page.get_by_role("link", name="Tell me when a time becomes free").click()
    page.get_by_role("heading", name="What would suit?").wait_for()
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    screenshot(page, "wait-list-wish")
