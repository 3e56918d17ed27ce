"""A woman books twice as a guest; the desk says whether she is the patient it knows."""

import re
from datetime import date

import pytest

PHONE = "+39 333 000 7788"
GUEST = {
    "given_name": "Zeynep",
    "family_name": "Celik",
    "birth_date": "1985-04-12",
    "phone": PHONE,
    "email": "zeynep.guest@example.com",
}


@pytest.fixture(scope="module")
def clinic(site):
    """A doctor with free times on every day, a patient without tax code, a desk."""
    with site.env() as env:
        env.ref("sms.ir_cron_sms_scheduler_action").active = False
        env.ref("mail.ir_cron_mail_scheduler_action").active = False
        location = env["clinic.location"].create(
            {
                "name": "Aurora Roma",
                "tz": "Europe/Rome",
                "country_id": env.ref("base.it").id,
                "notice_minutes": 0,
            }
        )
        service = env["product.template"].create(
            {"name": "Skin check", "type": "service", "is_healthcare_service": True}
        )
        week = [
            (0, 0, {"weekday": str(day), "hour_from": 8, "hour_to": 20})
            for day in range(7)
        ]
        for name in ("Anna Bianchi", "Bruno Conti"):
            doctor = env["clinic.practitioner"].create({"name": name})
            whose = {"practitioner_id": doctor.id, "location_id": location.id}
            env["clinic.offer"].create({**whose, "service_id": service.id})
            opened = {**whose, "date_from": date.today(), "block_ids": week}
            env["clinic.schedule"].create(opened)
        patient = env["res.partner"].create(
            {
                "is_patient": True,
                "family_name": "Çelik",
                "given_name": "Zeynep",
                "name": "Çelik Zeynep",
                "birth_date": "1985-04-12",
                "sex": "female",
                "email": "zeynep@example.com",
                "phone": PHONE,
            }
        )
        role = env.ref("clinic_patient.group_clinic_receptionist")
        env["res.users"].with_context(no_reset_password=True).create(
            {
                "name": "Desk",
                "login": "guest_desk",
                "password": "guest_desk",
                "group_ids": [(6, 0, role.ids)],
                "clinic_location_ids": [(6, 0, location.ids)],
            }
        )
        return {"service": service.id, "patient": patient.id}


def choose(page, site, clinic, doctor, hour=None):
    """Hold a time with a doctor; return the button's hour."""
    page.goto(f"{site.url}/clinic/book/times?service={clinic['service']}")
    card = page.locator(".o_clinic_group", has_text=doctor)
    buttons = card.locator(".o_clinic_hours button")
    button = buttons.filter(has_text=hour).first if hour else buttons.last
    chosen = re.search(r"\d\d:\d\d", button.inner_text())[0]
    button.click()
    page.wait_for_url("**/clinic/book/details**")
    return chosen


def send_details(page, site):
    """Fill in the form, and the code that comes."""
    for field, value in GUEST.items():
        page.fill(f"#clinic_{field}", value)
    page.select_option("#clinic_sex", "female")
    page.check("#clinic_privacy")
    page.click(".o_clinic_submit")
    page.wait_for_selector("#clinic_code")
    page.fill("#clinic_code", site.code_sent(PHONE))
    page.click(".o_clinic_submit")
    page.wait_for_load_state("networkidle")


def test_guest_is_known_again(site, clinic, browser, axe, screenshot):
    """E1: one woman, one card, one place at a time; the desk confirms or splits."""
    browser.allow("status of 409")
    page = browser.page(360, 740)
    hour = choose(page, site, clinic, "Anna Bianchi")
    send_details(page, site)
    words = page.inner_text("#wrap")
    assert "Your visit is booked" in words
    # What she typed, and nothing of the card.
    assert "Celik Zeynep" in words
    assert "Çelik" not in words and "zeynep@example.com" not in words
    assert axe(page) == []
    screenshot(page, "guest-known-done-phone")

    choose(page, site, clinic, "Bruno Conti", hour)
    send_details(page, site)
    # In the words of any time that is lost: they tell nothing of a card.
    assert "This time was just taken" in page.inner_text("#wrap")
    screenshot(page, "guest-known-elsewhere-phone")

    desk = browser.page(1366, 768)
    browser.log_in(desk, site, "guest_desk", "guest_desk")
    desk.goto(
        f"{site.url}/odoo/action-clinic_agenda.clinic_appointment_identity_action"
    )
    desk.wait_for_selector(".o_data_row")
    assert desk.locator(".o_data_row").count() == 1
    screenshot(desk, "guest-to-confirm-list")
    desk.click(".o_data_row td[name=patient_id]")
    desk.wait_for_selector("button[name=action_confirm_identity]")
    screenshot(desk, "guest-to-confirm-form")
    desk.click("button[name=action_split_identity]")
    desk.click(".modal-footer .btn-primary")
    desk.wait_for_selector("button[name=action_confirm_identity]", state="hidden")
    assert "Celik Zeynep" in desk.inner_text(".oe_title")
    screenshot(desk, "guest-split-form")
    with site.env() as env:
        card = env["res.partner"].browse(clinic["patient"])
        assert (card.name, card.email) == ("Çelik Zeynep", "zeynep@example.com")
        assert not env["clinic.appointment"].search([("patient_id", "=", card.id)])
