"""A conversation by SMS that becomes a visit, from the telephone to the day sheet."""

import re

import pytest
from crowd import open_clinic
from sending import connect_sms

PHONE = "+393331234567"


@pytest.fixture
def clinic(site, gateway):
    """A clinic that is open next week, whose SMS go through the demo gateway."""
    gateway.control("phones", people={PHONE: {"name": "Verdi Anna"}})
    clinic = open_clinic(site, practitioners=1)
    connect_sms(site, gateway)
    with site.env() as env:
        env["res.partner"].create(
            {
                "is_patient": True,
                "family_name": "Verdi",
                "given_name": "Anna",
                "phone": PHONE,
            }
        )
    return clinic


@pytest.mark.slow
def test_a_conversation_becomes_a_visit(site, clinic, gateway, browser, screenshot):
    """MSG-05: a patient writes, the desk answers in the inbox, the answer arrives on
    the telephone, and the visit is booked from the conversation."""
    phone = browser.page(width=900)
    phone.goto(gateway.url)
    phone.get_by_text("Verdi Anna").first.click()
    desk = browser.page(width=1360)
    browser.log_in(desk, site)
    desk.goto(f"{site.url}/odoo/action-clinic_message.clinic_message_inbox_action")
    desk.locator(".o_clinic_inbox").wait_for()

    phone.select_option("#channel", "sms")
    phone.fill("#text", "I would like to come next week")
    phone.press("#text", "Enter")
    thread = desk.locator(".o_clinic_inbox_thread", has_text="Verdi Anna")
    thread.wait_for()
    thread.click()
    desk.locator(".o_in", has_text="I would like to come next week").wait_for()
    desk.fill(".o_clinic_inbox_answer", "Monday at nine?")
    desk.get_by_role("button", name="Send").click()
    desk.locator(".o_out", has_text="Monday at nine?").wait_for()
    phone.locator(".bubble", has_text="Monday at nine?").wait_for(timeout=90_000)
    screenshot(phone, "telephone-of-a-patient")
    screenshot(desk, "inbox")

    desk.get_by_role("button", name=re.compile("Book a visit")).click()
    desk.locator(".o_clinic_day_sheet").wait_for()
    with site.env() as env:
        message = env["clinic.message"].search(
            [("address", "=", PHONE), ("direction", "=", "in")], limit=1
        )
        answer = env["clinic.message"].search(
            [("address", "=", PHONE), ("direction", "=", "out")], limit=1
        )
        assert message.inbox_state == "done"
        assert message.patient_id.name == "Verdi Anna"
        assert answer.state in ("accepted", "sent", "delivered", "read")
        assert answer.user_id
