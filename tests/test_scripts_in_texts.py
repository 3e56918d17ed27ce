"""Sixty ways to smuggle a script into a text, and none of them runs in a browser."""

from datetime import timedelta

import pytest

pytestmark = pytest.mark.slow

#: What would tell that a script has run.
CALL = "window.ran=1"
WRAPS = (
    "<script>{}</script>",
    "<img src=x onerror={}>",
    "<svg onload={}>",
    "<svg/onload={}>",
    "<body onload={}>",
    "<iframe srcdoc='<script>parent.{}</script>'>",
    "<iframe src='javascript:parent.{}'>",
    "<a href='javascript:{}' autofocus onfocus={}>x</a>",
    "<input autofocus onfocus={}>",
    "<details open ontoggle={}>",
    "<video><source onerror={}></video>",
    "<audio src=x onerror={}>",
    "<object data='javascript:{}'>",
    "<embed src='javascript:{}'>",
    "<math><mi xlink:href='javascript:{}'>x</mi></math>",
    "<style>@import 'javascript:{}';</style>",
    "<marquee onstart={}>x</marquee>",
    "<select autofocus onfocus={}>",
    "<form><button formaction='javascript:{}' autofocus>x</button></form>",
    "{{{{ constructor.constructor('{}')() }}}}",
)
FRAMES = ("{}", '">{}', "' onmouseover='{}' {}")
PAYLOADS = [
    frame.replace("{}", wrap.replace("{}", CALL).replace("{{{{", "{{"))
    for wrap in WRAPS
    for frame in FRAMES
]


@pytest.fixture(scope="module")
def texts(site):
    """Every payload in an enquiry, an event, a complaint, a plan and a file's name."""
    assert len(set(PAYLOADS)) == 60
    with site.env() as env:
        location = env["clinic.location"].create(
            {"name": PAYLOADS[0], "tz": "Europe/Rome"}
        )
        patient = env["res.partner"].create(
            {
                "is_patient": True,
                "name": "Scripts Paola",
                "email": "paola.scripts@example.com",
                "patient_warning_text": "\n".join(PAYLOADS),
                "source_detail": PAYLOADS[1],
            }
        )
        env["res.users"].with_context(no_reset_password=True).create(
            {
                "login": "paola.scripts",
                "password": "paola.scripts",
                "partner_id": patient.id,
                "group_ids": [(6, 0, env.ref("base.group_portal").ids)],
            }
        )
        now = env["clinic.appointment"]._fields["start"].now()
        for number, payload in enumerate(PAYLOADS):
            env["clinic.enquiry"].create(
                {
                    "contact_name": payload,
                    "email": f"script{number}@example.com",
                    "text": payload,
                }
            )
            env["clinic.marketing.event"].create(
                {
                    "name": payload,
                    "speaker": payload,
                    "place": payload,
                    "description": payload,
                    "date_start": now + timedelta(days=1, hours=number),
                    "date_stop": now + timedelta(days=1, hours=number + 1),
                    "location_id": location.id,
                    "is_published": True,
                }
            )
            patient._open_complaint({"title": payload, "description": payload})
        env["ir.attachment"].create(
            [
                {
                    "name": payload,
                    "raw": b"text",
                    "res_model": "res.partner",
                    "res_id": patient.id,
                }
                for payload in PAYLOADS
            ]
        )
        return {"patient": patient.id}


def assert_nothing_ran(page):
    """No script of a payload, no dialog; what was typed is there to be read."""
    assert page.evaluate("window.ran") is None
    for frame in page.frames:
        assert frame.evaluate("window.ran") is None


def test_sixty_scripts_run_nowhere(site, browser, texts):
    """S9: names, questions, events, complaints and file names of sixty kinds, on the
    website, in the portal and in the backend."""
    visitor = browser.page()
    visitor.on("dialog", lambda dialog: pytest.fail(f"dialog: {dialog.message}"))
    visitor.goto(f"{site.url}/clinic/events")
    visitor.locator("article").nth(59).wait_for()
    assert_nothing_ran(visitor)
    visitor.locator("article a").first.click()
    visitor.wait_for_url("**/clinic/events/*")
    assert_nothing_ran(visitor)

    patient = browser.page()
    browser.log_in(patient, site, "paola.scripts", "paola.scripts")
    for path in ("/my", "/my/complaints"):
        patient.goto(f"{site.url}{path}")
        patient.wait_for_load_state("load")
        assert_nothing_ran(patient)
    assert "onerror=" in patient.inner_text("main")

    staff = browser.page()
    browser.log_in(staff, site)
    for action, ready in (
        ("clinic_patient.clinic_enquiry_action", ".o_kanban_record"),
        ("clinic_patient.clinic_marketing_event_action", ".o_kanban_record"),
        ("clinic_complaint.clinic_complaint_action", ".o_kanban_record, .o_data_row"),
        (
            f"clinic_patient.clinic_patient_action/{texts['patient']}",
            ".o_form_view",
        ),
    ):
        staff.goto(f"{site.url}/odoo/action-{action}")
        staff.locator(ready).first.wait_for()
        assert_nothing_ran(staff)
    staff.locator(".o_notebook_headers a", has_text="Timeline").click()
    staff.wait_for_selector(".o_clinic_timeline_items")
    assert_nothing_ran(staff)
