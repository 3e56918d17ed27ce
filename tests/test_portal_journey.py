"""A patient on a phone: home, a report, the own data; and what staff see of it."""

import io
from datetime import date, timedelta

import pytest

WORDS = "Everything is in the normal range. We look again in a year."
UNTRUSTED = "status of 422"


def page_of(title):
    """A small PDF as a laboratory sends it."""
    from odoo.addons.clinic_report.demo.clinic_demo_reports import one_page

    return one_page(["Aurora Clinic", "", title, "", "All values are normal."])


@pytest.fixture(scope="module")
def clinic(site):
    """A mother with a log-in, her child, a report for each, a doctor, a desk."""
    with site.env() as env:
        # What is sent stays in the lists of outgoing SMS and mails.
        for queue in (
            "sms.ir_cron_sms_scheduler_action",
            "mail.ir_cron_mail_scheduler_action",
        ):
            env.ref(queue).active = False
        patients = env["res.partner"].create(
            [
                {
                    "is_patient": True,
                    "family_name": "Marini",
                    "given_name": name,
                    "birth_date": born,
                    "email": mail,
                    "city": "Roma",
                }
                for name, born, mail in (
                    ("Elisa", date(1986, 5, 4), "elisa.marini@example.com"),
                    ("Tommaso", date.today() - timedelta(days=2500), False),
                )
            ]
        )
        mother, child = patients
        env["clinic.phone"].create(
            {"partner_id": mother.id, "number": "+39 333 000 4321"}
        )
        env["clinic.relationship"].create(
            {"patient_id": child.id, "guardian_id": mother.id, "kind": "parent"}
        )
        users = env["res.users"].with_context(no_reset_password=True)
        users.create(
            {
                "login": "elisa",
                "password": "elisa",
                "partner_id": mother.id,
                "group_ids": [(6, 0, env.ref("base.group_portal").ids)],
            }
        )
        doctor, _desk = users.create(
            [
                {
                    "name": name,
                    "login": login,
                    "password": login,
                    "group_ids": [(6, 0, env.ref(f"clinic_patient.{group}").ids)],
                }
                for name, login, group in (
                    ("Dr. Anna Bianchi", "report_doctor", "group_clinic_practitioner"),
                    ("Rita Conti", "report_desk", "group_clinic_receptionist"),
                )
            ]
        )
        reports = env["clinic.diagnostic.report"].create(
            [
                {
                    "patient_id": patient.id,
                    "kind_id": env.ref(f"clinic_report.report_kind_{kind}").id,
                    "doctor_id": doctor.id,
                    "conclusion": WORDS,
                }
                for patient, kind in ((mother, "laboratory"), (child, "letter"))
            ]
        )
        for report in reports:
            report._add_version("result.pdf", page_of(report.kind_id.name))
        reports._complete("final")
        reports[0].with_user(doctor).action_review()
        return {"mother": mother.id, "reports": reports.ids}


def fits(page):
    """Nothing of the page lies beside the screen."""
    return page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


@pytest.mark.slow
def test_patient_on_a_phone(site, clinic, browser, axe, screenshot):
    """PRT-01, REP-01: home, family, a report read and downloaded, data changed; at
    360 px, without a serious finding of axe."""
    page = browser.page(360, 740)
    browser.log_in(page, site, "elisa", "elisa")
    report = clinic["reports"][0]

    def look(name):
        page.wait_for_load_state("networkidle")
        assert axe(page) == []
        assert fits(page)
        screenshot(page, name)

    page.goto(f"{site.url}/my")
    page.wait_for_selector("text=Read the new report")
    look("patient-home")
    page.click(".o_clinic_family >> text=Tommaso")
    page.wait_for_load_state("networkidle")
    assert page.locator("#wrap .list-group-item").count() == 1
    page.click(".o_clinic_family >> text=Everybody")
    page.click("text=Laboratory report")
    page.wait_for_url(f"**/my/reports/{report}")
    look("patient-report")
    page.focus("button[value=read]")
    page.keyboard.press("Enter")
    page.wait_for_url("**/my/reports/view/**")
    viewer = page.frame_locator("iframe.o_clinic_report")
    viewer.locator(".textLayer >> text=All values are normal").wait_for()
    assert page.locator(f"text={WORDS}").count() == 1
    assert fits(page)
    screenshot(page, "patient-report-open")
    with page.expect_download() as download:
        page.click("main a:has-text('Download')")
    content = io.FileIO(download.value.path()).readall()
    assert content.startswith(b"%PDF-")
    page.goto(f"{site.url}/my/reports")
    assert page.locator("text=New").count() == 1, "that of the child is still new"
    look("patient-reports")
    page.goto(f"{site.url}/my/family")
    look("patient-family")


@pytest.mark.slow
def test_patient_changes_data(site, clinic, browser, axe, screenshot):
    """PRT-01: the own data by keyboard: a mistake is said, a new number confirmed."""
    browser.allow(UNTRUSTED)
    page = browser.page(360, 740)
    browser.log_in(page, site, "elisa", "elisa")
    page.goto(f"{site.url}/my/data")
    page.wait_for_load_state("networkidle")
    assert axe(page) == []
    assert fits(page)
    screenshot(page, "patient-data")
    page.fill("#data_street", "Via Appia 7")
    page.focus("#data_street")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=Saved.")
    page.fill("#phone_number", "12")
    page.press("#phone_number", "Enter")
    page.wait_for_selector("[role=alert]")
    assert axe(page) == []
    page.fill("#phone_number", "+39 333 000 9876")
    page.press("#phone_number", "Enter")
    page.wait_for_selector("#phone_code")
    page.fill("#phone_code", site.code_sent("+39 333 000 9876"))
    page.press("#phone_code", "Enter")
    page.wait_for_selector("text=confirmed")
    page.click("text=Something is wrong here")
    page.fill("#id_given", "Elisabetta")
    page.fill("#id_note", "My passport says so")
    assert axe(page) == []
    page.click("text=Ask for the correction")
    page.wait_for_selector("text=You asked us to correct this")
    with site.env() as env:
        mother = env["res.partner"].browse(clinic["mother"])
        assert mother.street == "Via Appia 7"
        assert mother.given_name == "Elisa"
        request = env["clinic.identity.request"].search([])
        assert (request.given_name, request.note) == (
            "Elisabetta",
            "My passport says so",
        )
        assert mother.phone_ids.filtered("verified_on").e164 == "+393330009876"


def test_app_without_connection(site, clinic, browser):
    """PRT-01: installed on a phone, without a connection: a page that says so and
    nothing of the patient."""
    browser.allow("ERR_INTERNET_DISCONNECTED")
    page = browser.page(360, 740)
    browser.log_in(page, site, "elisa", "elisa")
    page.goto(f"{site.url}/my")
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.reload()
    page.context.set_offline(True)
    page.goto(f"{site.url}/my/reports")
    assert "No connection" in page.inner_text("body")
    assert "Marini" not in page.content()
    kept = page.evaluate(
        "caches.keys().then(names => Promise.all(names.map(name => caches.open(name)"
        ".then(cache => cache.keys()))))"
        ".then(all => all.flat().map(each => new URL(each.url).pathname))"
    )
    assert kept == ["/my/offline"]
    page.context.set_offline(False)


@pytest.mark.slow
def test_staff_panel(site, clinic, browser, screenshot):
    """REP-02: the desk sees what was read and what was not, and withdraws."""
    page = browser.page(1366, 768)
    browser.log_in(page, site, "report_desk", "report_desk")
    page.goto(f"{site.url}/odoo/reports")
    page.wait_for_selector(".o_clinic_report_panel")
    page.wait_for_selector(".o_data_row")
    screenshot(page, "reports-panel")
    page.click(".o_clinic_report_panel >> text=Ready, not read")
    page.wait_for_selector(".o_facet_value >> text=Ready, not read")
    page.click(".o_data_row >> text=Marini Tommaso")
    page.wait_for_selector(".o_form_view")
    assert page.locator("text=Open the file").count() == 0, "the desk reads no results"
    screenshot(page, "report-form")
    page.click("button[name=action_withdraw]")
    page.fill("[name=reason] input", "Of another child")
    page.click(".modal button[name=action_withdraw]")
    page.wait_for_selector(".ribbon >> text=Withdrawn")
    with site.env() as env:
        report = env["clinic.diagnostic.report"].browse(clinic["reports"][1])
        assert report.delivery == "withdrawn"
