"""A patient on a phone chooses, signs, and at last closes the account."""

import base64
import io
from datetime import date, datetime, timedelta

import pytest
from PyPDF2 import PdfReader


@pytest.fixture(scope="module")
def clinic(site):
    """A patient with a log-in and a visit ahead, a plan to sign, a blank consent."""
    with site.env() as env:
        patient = env["res.partner"].create(
            {
                "is_patient": True,
                "family_name": "Galli",
                "given_name": "Irene",
                "birth_date": date(1986, 5, 4),
                "email": "irene.galli@example.com",
                "city": "Roma",
            }
        )
        env["res.users"].with_context(no_reset_password=True).create(
            {
                "login": "irene",
                "password": "irene",
                "partner_id": patient.id,
                "group_ids": [(6, 0, env.ref("base.group_portal").ids)],
            }
        )
        services = env["product.template"].create(
            [
                {"name": name, "type": "service", "list_price": price}
                for name, price in (
                    ("Implant with temporary crown", 1900),
                    ("Crown of zirconium dioxide", 10450.5),
                    ("Whitening of all teeth", 2200),
                )
            ]
        )
        plan = env["clinic.care.plan"].create(
            {
                "title": "Implant and crown, lower left",
                "patient_id": patient.id,
                "line_ids": [
                    (
                        0,
                        0,
                        {
                            "service_id": service.id,
                            "optional": number == 2,
                            "quantity": 2 if number == 1 else 1,
                            "discount": 10 if number == 1 else 0,
                            "site": "36" if number < 2 else False,
                        },
                    )
                    for number, service in enumerate(services)
                ],
            }
        )
        plan.action_submit()
        plan.action_approve()
        plan.action_present()
        env["clinic.care.plan.instalments"].create(
            {"plan_id": plan.id, "deposit": 500, "count": 3}
        ).action_split()
        template = env.ref("clinic_patient.document_template_consent")
        [document] = env["clinic.document"]._issue(template, patient)
        return {
            "patient": patient.id,
            "plan": plan.id,
            "document": document.id,
            "visit": visit_ahead(env, patient),
        }


def visit_ahead(env, patient):
    """A visit some days ahead, beside any schedule."""
    location = env["clinic.location"].create(
        {"name": "Galleria", "tz": "Europe/Rome", "country_id": env.ref("base.it").id}
    )
    practitioner = env["clinic.practitioner"].create({"name": "Dr. Paolo Greco"})
    specialty = env["clinic.specialty"].create({"name": "Dentistry"})
    practitioner.specialty_ids = specialty
    service = env["product.template"].create(
        {
            "name": "Dental check-up",
            "specialty_id": specialty.id,
            "type": "service",
            "is_healthcare_service": True,
            "duration": 30,
        }
    )
    env["clinic.offer"].create(
        {
            "practitioner_id": practitioner.id,
            "service_id": service.id,
            "location_id": location.id,
        }
    )
    env["clinic.schedule"].create(
        {
            "practitioner_id": practitioner.id,
            "location_id": location.id,
            "date_from": date.today(),
            "block_ids": [
                (0, 0, {"weekday": str(day), "hour_from": 8, "hour_to": 18})
                for day in range(7)
            ],
        }
    )
    start = datetime.now().replace(hour=9, minute=0, second=0, microsecond=0)
    visit = env["clinic.appointment"].create(
        {
            "patient_id": patient.id,
            "practitioner_id": practitioner.id,
            "service_id": service.id,
            "location_id": location.id,
            "start": start + timedelta(days=6),
        }
    )
    return visit.id


def fits(page):
    """Nothing of the page lies beside the screen, the total included."""
    return page.evaluate(
        """() => [
            document.documentElement,
            ...document.querySelectorAll('.table-responsive'),
        ].every((each) => each.scrollWidth <= each.clientWidth + 1)"""
    )


def bare(text):
    return "".join(text.split())


def draw(page):
    """Write a name and draw a line, as one does with a finger."""
    page.wait_for_selector(".o_web_sign_signature canvas, canvas.o_web_sign_signature")
    draw_button = page.locator(".o_web_sign_draw_button")
    if draw_button.count():
        draw_button.click()
    box = page.locator("canvas").first.bounding_box()
    page.mouse.move(box["x"] + 30, box["y"] + box["height"] / 2)
    page.mouse.down()
    for step in range(1, 9):
        page.mouse.move(
            box["x"] + 30 + step * 15, box["y"] + box["height"] / 2 + (step % 3) * 8
        )
    page.mouse.up()


@pytest.mark.slow
def test_choose_and_sign(site, clinic, browser, axe, screenshot):
    """PRT-01: at 360 px: an extra is ticked and unticked, the total follows at once,
    what is signed is what the page shows, and so is the paper."""
    page = browser.page(360, 740)
    browser.log_in(page, site, "irene", "irene")
    page.goto(f"{site.url}/my/care-plans/{clinic['plan']}")
    page.wait_for_load_state("networkidle")
    total = page.locator(".o_clinic_plan_total")
    tick = page.get_by_label("Whitening of all teeth")
    assert not tick.is_checked()
    assert fits(page)
    assert axe(page) == []
    screenshot(page, "plan-to-sign", full_page=True)
    before = total.inner_text()
    tick.check()
    page.wait_for_function(
        "old => document.querySelector('.o_clinic_plan_total').innerText !== old",
        arg=before,
    )
    assert tick.is_checked()
    page.reload()
    assert tick.is_checked(), "the server knows"
    with_extra = total.inner_text()
    tick.uncheck()
    page.wait_for_function(
        "old => document.querySelector('.o_clinic_plan_total').innerText !== old",
        arg=with_extra,
    )
    assert total.inner_text() == before
    assert before in page.inner_text("#sign")
    lines = page.locator(".o_clinic_plan_lines td").all_inner_texts()
    draw(page)
    screenshot(page, "plan-signature", full_page=True)
    page.click(".o_portal_sign_submit")
    page.wait_for_selector("text=Contract signed")
    page.wait_for_load_state("networkidle")
    assert axe(page) == []
    screenshot(page, "plan-signed", full_page=True)
    with page.expect_download() as download:
        page.click("main a:has-text('PDF')")
    reader = PdfReader(io.FileIO(download.value.path()))
    paper = bare("".join(sheet.extract_text() for sheet in reader.pages))
    for words in [*lines, before]:
        assert bare(words) in paper
    assert bare(with_extra) not in paper
    with site.env() as env:
        plan = env["clinic.care.plan"].browse(clinic["plan"])
        assert base64.b64decode(plan.signature)
        assert not plan.line_ids.filtered("optional").accepted


@pytest.mark.slow
def test_blank_consent(site, clinic, browser, axe, screenshot):
    """PRT-01: a consent that names no treatment waits for the clinic."""
    page = browser.page(360, 740)
    browser.log_in(page, site, "irene", "irene")
    page.goto(f"{site.url}/my/documents/{clinic['document']}")
    page.wait_for_selector("text=still has blank lines")
    assert page.locator("canvas").count() == 0
    assert fits(page)
    assert axe(page) == []
    screenshot(page, "consent-blank")


@pytest.mark.slow
def test_close_the_account(site, clinic, browser, axe, screenshot):
    """PRT-01: Odoo's "Delete account" says what stays; card and visit stay."""
    page = browser.page(360, 740)
    browser.log_in(page, site, "irene", "irene")
    page.goto(f"{site.url}/my/security")
    page.wait_for_load_state("networkidle")
    page.click("button:has-text('Delete Account')")
    page.wait_for_selector(".o_clinic_closing:visible")
    screenshot(page, "account-close")
    page.fill("#portal_deactivate_account_form input[name=password]", "irene")
    page.fill("#portal_deactivate_account_form input[name=validation]", "irene")
    page.click(".modal-footer input[type=submit]")
    page.wait_for_url("**/web/login**")
    with site.env() as env:
        patient = env["res.partner"].browse(clinic["patient"])
        visit = env["clinic.appointment"].browse(clinic["visit"])
        assert patient.active
        assert visit.state == "booked"
        assert patient.portal_state == "closed"
        assert "closed the account" in visit.message_ids[0].body
