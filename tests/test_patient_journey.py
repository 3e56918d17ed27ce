"""One patient through all four pipelines, from a question to the base."""

import time
from datetime import date, datetime, timedelta

import pytest

pytestmark = pytest.mark.slow

STAFF = ("coordinator", "receptionist", "chief_doctor")
#: How long automatic moves may take before somebody would wonder, in seconds.
PATIENCE = 60


@pytest.fixture(scope="module")
def clinic(site):
    """A doctor with free times on every day, and staff with log-ins."""
    # Debian's wkhtmltopdf prints no headers and footers, and says so.
    site.expect_log(r"wkhtmltopdf: The switch")
    with site.env() as env:
        for queue in (
            "sms.ir_cron_sms_scheduler_action",
            "mail.ir_cron_mail_scheduler_action",
        ):
            env.ref(queue).active = False
        location = env["clinic.location"].create(
            {"name": "Journey's end", "tz": "Europe/Rome", "notice_minutes": 0}
        )
        specialty = env["clinic.specialty"].create({"name": "Bones and joints"})
        service = env["product.template"].create(
            {
                "name": "Knee visit",
                "type": "service",
                "is_healthcare_service": True,
                "specialty_id": specialty.id,
                "list_price": 120,
            }
        )
        doctor = env["clinic.practitioner"].create(
            {"name": "Giorgio Bossi", "specialty_ids": [(4, specialty.id)]}
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
        for role in STAFF:
            env["res.users"].with_context(no_reset_password=True).create(
                {
                    "name": f"Journey {role}",
                    "login": f"journey_{role}",
                    "password": f"journey_{role}",
                    "email": f"{role}@journey.example",
                    "group_ids": [
                        (6, 0, env.ref(f"clinic_patient.group_clinic_{role}").ids)
                    ],
                }
            )
        return {
            "location": location.id,
            "service": service.id,
            "doctor": doctor.id,
        }


class Journey:
    """The patient of this journey, and what the pipelines know of her."""

    def __init__(self, site, clinic):
        self.site, self.clinic = site, clinic
        self.coordinator = self.user("coordinator")
        self.receptionist = self.user("receptionist")
        self.chief = self.user("chief_doctor")
        self.patient = None

    def user(self, role):
        return self.site.rpc(f"journey_{role}")

    def stages(self, only_open=True):
        """``{pipeline: stage}`` of the patient's deals, the latest of each."""
        domain = [["patient_id", "=", self.patient]]
        if only_open:
            domain.append(["is_open", "=", True])
        deals = self.coordinator.call(
            "crm.lead",
            "search_read",
            domain,
            fields=["pipeline", "stage_id"],
            order="id",
        )
        return {deal["pipeline"]: deal["stage_id"][1] for deal in deals}

    def wait(self, expected, only_open=True):
        """Wait until the automatic moves have led there."""
        until = time.monotonic() + PATIENCE
        while (found := self.stages(only_open)) != expected:
            assert time.monotonic() < until, f"{found} instead of {expected}"
            time.sleep(0.2)

    def book(self, days):
        """The receptionist books the first free time some days ahead."""
        start = datetime.now().replace(microsecond=0) + timedelta(days=days)
        slots = self.receptionist.call(
            "clinic.slot",
            "search_slots",
            self.clinic["service"],
            str(start),
            str(start + timedelta(days=2)),
            location_ids=[self.clinic["location"]],
            limit=1,
        )
        visit = self.receptionist.call(
            "clinic.appointment",
            "create",
            {
                "patient_id": self.patient,
                "service_id": self.clinic["service"],
                "practitioner_id": self.clinic["doctor"],
                "location_id": self.clinic["location"],
                "start": slots[0]["start"],
            },
        )
        return visit

    def let_begin(self, visit):
        """The days until a visit have gone by: it began a moment ago."""
        self.site.sql(
            f"""
            WITH began AS (
                SELECT date_trunc('minute', clock_timestamp() AT TIME ZONE 'UTC') AS at
            )
            UPDATE clinic_appointment SET start = at, stop = at + (stop - start),
                   local_day = (at AT TIME ZONE 'UTC' AT TIME ZONE 'Europe/Rome')::date
              FROM began WHERE id = {int(visit)}
            """
        )

    def deal(self, pipeline):
        """The id of the open deal in a pipeline."""
        [deal] = self.coordinator.call(
            "crm.lead",
            "search",
            [
                ["patient_id", "=", self.patient],
                ["pipeline", "=", pipeline],
                ["is_open", "=", True],
            ],
        )
        return deal


@pytest.fixture(scope="module")
def journey(site, clinic):
    return Journey(site, clinic)


def open_backend(browser, site, role, path):
    """A page of somebody of the staff."""
    page = browser.page(width=1400, height=950)
    browser.log_in(page, site, f"journey_{role}", f"journey_{role}")
    page.goto(f"{site.url}{path}")
    return page


def test_from_a_question_to_the_base(site, browser, clinic, journey, screenshot, axe):
    """CRM-01, CRM-02 A question on the website, a missed visit, won back, a first
    visit, a plan that is approved, read and signed, and the base: one patient, one
    run."""
    ask_on_the_website(site, browser, screenshot, axe)
    card_from_enquiry(site, browser, journey, screenshot)
    miss_and_win_back(site, browser, journey, screenshot)
    come_for_the_first_time(journey)
    plan = draft_a_plan(site, browser, journey, screenshot)
    read_and_sign(site, browser, journey, plan, screenshot, axe)
    look_back(site, browser, journey, screenshot)


def ask_on_the_website(site, browser, screenshot, axe):
    """A visitor asks, on a phone."""
    page = browser.page(width=360, height=740)
    page.goto(f"{site.url}/clinic/enquiry")
    page.fill("#clinic_contact_name", "Marta Galli")
    page.fill("#clinic_email", "marta.galli@example.com")
    page.fill("#clinic_phone", "+39 333 000 7788")
    page.fill("#clinic_text", "My knee hurts when I climb stairs. Whom should I see?")
    page.check("#clinic_privacy")
    assert not axe(page)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    screenshot(page, "enquiry-website")
    page.click("button:has-text('Send')")
    page.wait_for_url("**/clinic/enquiry/done")


def card_from_enquiry(site, browser, journey, screenshot):
    """The coordinator finds the enquiry, makes a card; a request stands in
    Appointments."""
    page = open_backend(browser, site, "coordinator", "/odoo/enquiries")
    page.locator(".o_kanban_record", has_text="Marta Galli").click()
    page.wait_for_selector("button[name=action_make_card]:visible")
    screenshot(page, "enquiry")
    page.click("button[name=action_make_card]:visible")
    page.wait_for_selector(".o_form_view .o_field_widget[name=family_name]")
    [journey.patient] = journey.coordinator.call(
        "res.partner", "search", [["email", "=", "marta.galli@example.com"]]
    )
    journey.wait({"appointments": "New request"})


def miss_and_win_back(site, browser, journey, screenshot):
    """Booked, confirmed, did not come; Reanimation finds her another time."""
    visit = journey.book(days=2)
    journey.wait({"appointments": "Appointment made"})
    journey.receptionist.call("clinic.appointment", "action_confirm", [visit])
    journey.wait({"appointments": "Appointment confirmed"})
    page = open_backend(browser, site, "coordinator", "/odoo")
    open_pipeline(page, "Appointments")
    page.locator(".o_kanban_group", has_text="Appointment confirmed").locator(
        ".o_kanban_record", has_text="Galli Marta"
    ).wait_for()
    screenshot(page, "pipeline-appointments")
    journey.let_begin(visit)
    journey.receptionist.call("clinic.appointment", "action_no_show", [visit])
    journey.wait({"reanimation": "Never came"})
    deal = journey.deal("reanimation")
    page.goto(f"{site.url}/odoo/crm.lead/{deal}")
    page.wait_for_selector(".o_form_view")
    for stage in ("Taken in work", "Finding a time"):
        page.locator(".o_statusbar_status button", has_text=stage).first.click()
        page.locator(
            ".o_statusbar_status button.o_arrow_button_current", has_text=stage
        ).wait_for()
    journey.wait({"appointments": "Finding a time"})


def open_pipeline(page, name):
    """Go through the menu, as a person does."""
    page.click(".o_menu_sections button:has-text('Pipelines')")
    page.locator(".o-dropdown-item", has_text=name).first.click()
    page.wait_for_selector(".o_kanban_view")


def come_for_the_first_time(journey):
    """A new visit; she comes: base, and the coordinators take her up."""
    visit = journey.book(days=1)
    journey.wait({"appointments": "Appointment made"})
    journey.let_begin(visit)
    journey.receptionist.call("clinic.appointment", "action_arrive", [visit])
    journey.wait({"base": "Base", "coordinators": "To work up"})


def draft_a_plan(site, browser, journey, screenshot):
    """The coordinator drafts, the chief doctor approves, the plan is presented."""
    plan = journey.coordinator.call(
        "clinic.care.plan",
        "create",
        {
            "title": "Knee: six sessions",
            "patient_id": journey.patient,
            "description": "<p>We strengthen the knee step by step.</p>",
            "line_ids": [
                (0, 0, {"service_id": journey.clinic["service"], "quantity": 6})
            ],
        },
    )
    journey.wait({"base": "Base", "coordinators": "Plan drafted"})
    journey.coordinator.call("clinic.care.plan", "action_submit", [plan])
    page = open_backend(browser, site, "chief_doctor", f"/odoo/clinic.care.plan/{plan}")
    page.click("button[name=action_approve]")
    page.locator(
        ".o_statusbar_status button.o_arrow_button_current", has_text="Approved"
    ).wait_for()
    journey.wait({"base": "Base", "coordinators": "Plan approved"})
    journey.coordinator.call("clinic.care.plan", "action_present", [plan])
    journey.wait({"base": "Base", "coordinators": "Plan presented"})
    page = open_backend(browser, site, "coordinator", f"/odoo/clinic.care.plan/{plan}")
    page.wait_for_selector(".o_form_view")
    screenshot(page, "care-plan")
    return plan


def read_and_sign(site, browser, journey, plan, screenshot, axe):
    """She reads the plan on her phone and signs it."""
    with site.env() as env:
        env["res.users"].with_context(no_reset_password=True).create(
            {
                "login": "marta.galli",
                "password": "marta.galli",
                "partner_id": journey.patient,
                "group_ids": [(6, 0, env.ref("base.group_portal").ids)],
            }
        )
    page = browser.page(width=390, height=844)
    browser.log_in(page, site, "marta.galli", "marta.galli")
    page.goto(f"{site.url}/my/care-plans/{plan}")
    page.locator("h1", has_text="Knee: six sessions").wait_for()
    assert not axe(page)
    screenshot(page, "care-plan-portal", full_page=True)
    page.click("#sign .o_portal_sign_submit:enabled")
    page.locator("h2", has_text="Signed").wait_for()
    journey.wait({"base": "Base: on treatment"})
    stages = journey.stages(only_open=False)
    assert stages["coordinators"] == "Contract signed"
    assert stages["appointments"] == "Patient came"


def look_back(site, browser, journey, screenshot):
    """Her card tells the whole story, and the enquiry knows that she came."""
    [enquiry] = journey.coordinator.call(
        "clinic.enquiry",
        "search_read",
        [["patient_id", "=", journey.patient]],
        fields=["state"],
    )
    assert enquiry["state"] == "came"
    [card] = journey.coordinator.call(
        "res.partner", "read", [journey.patient], fields=["on_treatment"]
    )
    assert card["on_treatment"]
    action = "action-clinic_patient.clinic_patient_action"
    page = open_backend(
        browser, site, "coordinator", f"/odoo/{action}/{journey.patient}"
    )
    page.locator(".o_notebook_headers a", has_text="Timeline").click()
    page.locator(".o_clinic_timeline_items", has_text="Knee visit").wait_for()
    screenshot(page, "patient-timeline")
