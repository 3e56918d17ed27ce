"""A mass recall from the segment to the money, and the pictures of the recalls."""

import re

import pytest
from crowd import open_clinic
from playwright.sync_api import expect
from sending import connect_sms

from odoo.fields import Command

PHONE = "+393331234570"
TAX_CODE = "MRNLRA80A41H501O"
TOWN = "Frascati"
GUEST = {
    "given_name": "Laura",
    "family_name": "Marinelli",
    "birth_date": "1980-01-01",
    "tax_code": TAX_CODE,
    "phone": PHONE,
    "email": "laura.rossi@example.com",
}


def make_people(env, clinic):
    """Laura, who will come, and three who are left out for a reason each."""
    laura, visited, silent, _elsewhere = people = env["res.partner"].create(
        [
            {
                "is_patient": True,
                "family_name": "Marinelli",
                "given_name": "Laura",
                "birth_date": "1980-01-01",
                "city": TOWN,
                **values,
            }
            for values in (
                {"phone": PHONE, "tax_code": TAX_CODE},
                {"given_name": "Booked", "phone": "+393331234571"},
                {"given_name": "Without consent", "phone": "+393331234572"},
                {"given_name": "Of another town", "city": "Ostia"},
            )
        ]
    )
    for patient in people - silent:
        env["clinic.consent"]._decide(patient, "marketing", "given", "paper")
    booking = env["clinic.booking"]
    visit = booking._hold(clinic.service, clinic.starts[-1], channel="desk")
    booking._book_held(visit, visited)
    return laura


@pytest.fixture
def clinic(site, gateway):
    """A clinic open next week that may write at any hour, and its manager."""
    gateway.control("phones", people={PHONE: {"name": "Marinelli Laura"}})
    clinic = open_clinic(site, practitioners=1)
    connect_sms(site, gateway)
    with site.env() as env:
        env["ir.config_parameter"].set_param("web.base.url", site.url)
        company = env.company
        company.clinic_quiet_marketing_end = company.clinic_quiet_marketing_start
        service = env["product.template"].browse(clinic.service)
        # A name of its own among the services of other tests.
        service.write({"name": "Visit of the coast", "online_bookable": True})
        make_people(env, clinic)
        env["res.users"].with_context(no_reset_password=True).create(
            {
                "name": "Maria Manager",
                "login": "maria.manager",
                "password": "maria.manager",
                "group_ids": [
                    Command.set(env.ref("clinic_patient.group_clinic_manager").ids)
                ],
            }
        )
    return clinic


def add_rule(page, label, value):
    """Add one condition in the editor of conditions: a field contains a value."""
    page.get_by_text("New Rule").click()
    page.locator(".o_model_field_selector").last.click()
    page.locator(".o_model_field_selector_popover_search input").fill(label)
    # The rule is drawn anew when it was counted: what is typed before that is lost.
    with page.expect_response(re.compile("search_count")):
        page.locator(
            f".o_model_field_selector_popover_item_name:text-is('{label}')"
        ).first.click()
    rule = page.locator(".o_tree_editor_condition").last
    rule.locator(".o_model_field_selector_chain_part", has_text=label).wait_for()
    # The operator stays as it is offered: changing it draws the value once more, and
    # what is typed in that moment is lost.
    rule.locator("input.o_input").fill(value)
    with page.expect_response(re.compile("search_count")):
        page.keyboard.press("Tab")


def choose(page, field, text):
    """Choose a record in a field."""
    page.locator(f"[name={field}] input").fill(text)
    page.locator(".o-autocomplete--dropdown-item", has_text=text).first.click()


def write_segment(desk, site):
    """A segment of patients of one family name."""
    desk.goto(f"{site.url}/odoo/action-clinic_patient.clinic_segment_action/new")
    desk.locator("[name=name] input, [name=name] textarea").first.fill("Of the coast")
    add_rule(desk, "Family name", "Marinelli")
    desk.get_by_text("4 patients now").wait_for()
    desk.locator(".o_form_button_save").click()
    desk.get_by_role("button", name="4 Patients now").wait_for()


def write_campaign(desk, site):
    """The mass recall for some of the segment, at any hour of any day."""
    desk.goto(f"{site.url}/odoo/mass-recalls/new")
    desk.locator("[name=name] input, [name=name] textarea").first.fill("Come again")
    choose(desk, "segment_id", "Of the coast")
    choose(desk, "service_id", "Visit of the coast")
    desk.locator("[name=channel] input").click()
    desk.locator(".o_select_menu_item", has_text="SMS").click()
    desk.locator("[name=hour_from] input").fill("0")
    desk.locator("[name=hour_to] input").fill("24")
    for day in ("saturday", "sunday"):
        desk.locator(f"[name={day}] input").check()
    add_rule(desk, "City", TOWN)


def preview(desk):
    """Who gets it and who does not, read from the list of the preview."""
    desk.get_by_role("button", name="Preview", exact=True).click()
    desk.locator(".o_group_header").first.wait_for()
    headers = desk.locator(".o_group_header .o_group_name").all_inner_texts()
    desk.go_back()
    return {re.match(r"(.*) \((\d+)\)", text).groups() for text in headers}


def book_from(link, page, phone):
    """The patient follows the link and books, proved by the code on the telephone."""
    page.goto(link)
    page.locator(".o_clinic_hours button").first.click()
    page.wait_for_url("**/clinic/book/details**")
    for name, value in GUEST.items():
        page.fill(f"#clinic_{name}", value)
    page.select_option("#clinic_sex", index=1)
    page.check("#clinic_privacy")
    page.click(".o_clinic_submit")
    page.wait_for_selector("#clinic_code")
    message = phone.locator(".bubble", has_text="is your code for").last
    message.wait_for(timeout=90_000)
    page.fill("#clinic_code", re.search(r"\b\d{6}\b", message.inner_text())[0])
    page.keyboard.press("Enter")
    page.wait_for_url("**/clinic/book/done**")


@pytest.mark.slow
def test_a_mass_recall_brings_a_patient_back(site, clinic, gateway, browser):
    """RCL-02: a segment with a further condition, who is left out and why, the sending,
    the visit that a patient books from the message, and what it is worth."""
    desk = browser.page(width=1366, height=850)
    browser.log_in(desk, site, "maria.manager", "maria.manager")
    write_segment(desk, site)
    write_campaign(desk, site)
    assert preview(desk) == {
        ("Gets it", "1"),
        ("Has a visit already", "1"),
        ("No consent to news and offers", "1"),
    }
    desk.get_by_role("button", name="Start", exact=True).click()
    desk.locator(".modal-footer .btn-primary").click()
    desk.locator(".o_arrow_button_current", has_text="Running").wait_for()
    phone = browser.page(width=900)
    phone.goto(gateway.url)
    phone.get_by_text("Marinelli Laura").first.click()
    invitation = phone.locator(".bubble", has_text="Choose a time")
    invitation.wait_for(timeout=90_000)
    link = re.search(r"http\S+/clinic/book\S*", invitation.inner_text())[0]
    book_from(link, browser.page(width=400), phone)
    desk.reload()
    banner = desk.locator(".alert-info")
    expect(banner).to_contain_text(re.compile(r"booked\s*1.*came\s*0"))
    # The browser has the real clock and the visit is days ahead: let them go by.
    site.sql(
        """
        WITH began AS (
            SELECT date_trunc('minute', clock_timestamp() AT TIME ZONE 'UTC') AS at
        )
        UPDATE clinic_appointment SET start = at, stop = at + (stop - start),
               local_day = (at AT TIME ZONE 'UTC' AT TIME ZONE 'Europe/Rome')::date
          FROM began
         WHERE state = 'booked' AND patient_id IN (
               SELECT id FROM res_partner WHERE tax_code = %s)
        """,
        TAX_CODE,
    )
    with site.env() as env:
        visit = env["clinic.appointment"].search(
            [("patient_id.tax_code", "=", TAX_CODE), ("state", "=", "booked")]
        )
        visit.action_arrive()
        visit.action_done()
    desk.reload()
    expect(banner).to_contain_text(re.compile(r"came\s*1.*revenue\s*\$?\s*90"))


#: Four seconds of a moving picture, made by the browser itself.
RECORD = """async () => {
    const canvas = Object.assign(
        document.createElement("canvas"), {width: 640, height: 360});
    const pen = canvas.getContext("2d");
    let step = 0;
    const timer = setInterval(() => {
        pen.fillStyle = "#71639e";
        pen.fillRect(0, 0, 640, 360);
        pen.fillStyle = "white";
        pen.font = "40px sans-serif";
        pen.fillText("Exercises for the knee", 110, 170);
        pen.fillRect(40, 300, 5 * step++, 12);
    }, 40);
    const recorder = new MediaRecorder(
        canvas.captureStream(25), {mimeType: "video/mp4"});
    const parts = [];
    recorder.ondataavailable = (event) => parts.push(event.data);
    const stopped = new Promise((done) => (recorder.onstop = done));
    recorder.start();
    await new Promise((done) => setTimeout(done, 4000));
    recorder.stop();
    await stopped;
    clearInterval(timer);
    const bytes = new Uint8Array(await new Blob(parts).arrayBuffer());
    return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
}"""
WATCHED = "SELECT patient_id, percent FROM clinic_journey_watch WHERE node_id = %s"


def send_video(env, video):
    """A journey with a video, and two patients who got its link."""
    journey = env["clinic.journey"].create(
        {"name": "After the knee", "trigger": "birthday", "purpose": "care"}
    )
    node = env["clinic.journey.node"].browse(journey.insert_node("video"))
    node.write({"name": "Exercises", "video": video, "video_name": "knee.mp4"})
    entries = env["clinic.journey.entry"]
    for name in ("Patient", "Hasty"):
        card = env["res.partner"].create(
            {"is_patient": True, "family_name": "Video", "given_name": name}
        )
        entries |= entries.create(
            {
                "journey_id": journey.id,
                "patient_id": card.id,
                "cause_key": "video",
                "node_id": node.id,
            }
        )
    return node.id, [(e.patient_id.id, e._watch_path(node)) for e in entries]


def play(page, script="", until="ended"):
    """Play the video of a page without sound, until something happens."""
    page.locator("video").evaluate(
        f"""async (video) => {{
            video.muted = true;
            {script}
            const end = new Promise((done) => (video.on{until} = done));
            await video.play();
            await end;
        }}"""
    )


def told(page, percent):
    """Expect that the page tells the clinic how far the video was played."""
    return page.expect_response(
        lambda answer: (
            answer.url.endswith("/seen")
            and answer.request.post_data_json["params"]["percent"] == percent
        )
    )


@pytest.mark.slow
def test_what_is_watched_is_counted(site, page, browser, screenshot):
    """RCL-06: opening the page counts nothing, playing it each quarter once; what is
    jumped over was not watched, and a second time adds nothing."""
    video = page.evaluate(RECORD)
    with site.env() as env:
        env["ir.config_parameter"].set_param("web.base.url", site.url)
        node, [(patient, path), (hasty, hasty_path)] = send_video(env, video)
    page.goto(site.url + path)
    page.wait_for_load_state("networkidle")
    assert site.sql(WATCHED, node) == []
    with told(page, 25):
        play(page, "setTimeout(() => video.pause(), 1600);", until="pause")
    assert site.sql(WATCHED, node) == [(patient, 25)]
    screenshot(page, "journey-video")
    for _again in range(2):
        with told(page, 100):
            play(page)
        assert site.sql(WATCHED, node) == [(patient, 100)]
        page.reload()
    other = browser.page()
    other.goto(site.url + hasty_path)
    with told(other, 0):
        play(other, "video.currentTime = video.duration - 0.3;")
    assert dict(site.sql(WATCHED, node))[hasty] == 0
    browser.allow("404")
    assert other.goto(site.url + hasty_path[:-3] + "abc").status == 404
