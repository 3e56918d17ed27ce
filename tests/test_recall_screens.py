"""Recalls, follow-ups and journeys in the demo clinic; the pictures of the docs."""

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.slow


@pytest.fixture
def picture(screenshot):
    """A picture without the notices that come and go."""

    def save(page, name, **options):
        page.wait_for_function(
            "Array.from(document.images).every((one) => one.complete)"
        )
        for close in page.locator(".o_notification_close").all():
            close.click()
        expect(page.locator(".o_notification")).to_have_count(0)
        screenshot(page, name, **options)

    return save


def test_marketing_sees_who_gets_it(desk, picture):
    """RCL-02: before anything is sent, who gets it and who does not, and why."""
    page = desk("marketing", "clinic_recall.clinic_recall_campaign_action")
    page.locator(".o_data_row", has_text="Draft").first.click()
    page.get_by_role("button", name="Preview again").click()
    page.locator(".o_group_header", has_text="Gets it").wait_for()
    page.go_back()
    expect(page.locator(".alert-info").first).to_contain_text("get it")
    picture(page, "mass-recall")


def test_manager_sees_what_came_of_it(desk, picture):
    """RCL-02: how many were reached, booked and came, and the money."""
    page = desk("manager", "clinic_recall.clinic_recall_campaign_action")
    page.locator(".o_data_row", has_text="Done").first.click()
    expect(page.locator(".alert-info", has_text="Written to")).to_contain_text("€")
    picture(page, "mass-recall-result")


def test_coordinator_works_through_recalls(desk, picture):
    """RCL-01: the board by state, who is on it, booking in one click."""
    page = desk("coordinator", "clinic_recall.clinic_recall_action")
    page.locator(".o_kanban_record", has_text="Heart: twice a year").first.wait_for()
    picture(page, "recall-board")
    page.locator(".o_kanban_record button", has_text="Book").first.click()
    page.locator(".o_clinic_day_sheet").wait_for()


def test_coordinator_follows_patients(desk, picture):
    """RCL-05: what is due today, the late ones first; the questionnaire of the call
    beside it, and what is written of one line stays while it is the chosen one."""
    page = desk("coordinator", "clinic_recall.clinic_follower_desk_action")
    lines = page.locator("[role=option]")
    lines.first.wait_for()
    late = ["o_overdue" in line.get_attribute("class") for line in lines.all()]
    steps = [
        is_late
        for is_late, line in zip(late, lines.all(), strict=True)
        if line.get_attribute("id").startswith("clinic_desk_step-")
    ]
    assert True in steps and steps == sorted(steps, reverse=True)
    # Which of the questionnaires is first depends on the day; these ask about pain.
    page.locator("[role=option]", has_text="Questions on day").first.click()
    eight = page.locator(".o_clinic_desk_questions .o_clinic_desk_scale").nth(8)
    eight.click()
    chosen = page.locator("[role=option][aria-selected=true]")
    expect(chosen).to_contain_text("Questions on day")
    chosen.click()
    expect(eight).to_have_attribute("aria-pressed", "true")
    picture(page, "follower-desk")
    page.locator("h2").click(position={"x": 400, "y": 5})
    name = chosen.locator(".fw-bold").inner_text()
    page.keyboard.press("ArrowDown")
    expect(chosen.locator(".fw-bold")).not_to_have_text(name)
    page.keyboard.press("ArrowUp")
    expect(chosen.locator(".fw-bold")).to_have_text(name)
    page.keyboard.press("Enter")
    expect(page.locator("#clinic_desk_note")).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(chosen.locator(".fw-bold")).to_have_text(name)


def test_nobody_falls_through(desk, picture):
    """Who has no next step; an owner is given to several at once."""
    page = desk("coordinator", "clinic_recall.clinic_next_step_action")
    rows = page.locator(".o_data_row")
    rows.nth(4).wait_for()
    picture(page, "next-steps")
    for row in range(3):
        rows.nth(row).locator(".o_list_record_selector input").check()
    page.get_by_role("button", name="Assign to me").click()
    for row in range(3):
        expect(rows.nth(row)).to_contain_text("Piero Maestri")


def test_marketing_reads_a_journey(desk, picture):
    """RCL-06: the flow with how many are at each step."""
    page = desk("manager", "clinic_recall.clinic_journey_action")
    page.locator(".o_kanban_record", has_text="Back to us").click()
    page.locator(".o_clinic_flow_card").first.wait_for()
    page.set_viewport_size({"width": 1366, "height": 1600})
    box = page.locator(".o_clinic_flow").bounding_box()
    picture(page, "journey-flow", clip={**box, "width": 830, "height": 920})
