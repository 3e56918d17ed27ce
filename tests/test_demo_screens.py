"""What each role sees in the demo clinic; the pictures stand in the documentation."""

import re

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.slow


def test_manager_reads_the_analysis(desk, screenshot):
    """CRM-07: figures of a week against the week before, and the deals behind one."""
    page = desk("manager", "clinic_pipeline.clinic_pipeline_analysis_action")
    page.wait_for_selector(".o_clinic_tiles")
    page.select_option("select[name=period]", "week")
    page.click("[data-by=location_id]")
    page.locator("[data-row]", has_text="Aurora Roma").wait_for()
    screenshot(page, "pipeline-analysis")
    won = page.locator("[data-row]", has_text="Aurora Roma").locator("button").nth(1)
    count = int(re.sub(r"\D", "", won.inner_text()))
    assert count > 0
    won.click()
    pager = page.locator(".o_pager_limit")
    expect(pager).to_have_text(re.compile(rf"^{count:,}$|^{count}$"))


def test_marketing_sees_segments(desk, screenshot):
    """PAT-08: the segments the clinic starts with, each with its size: as many as are
    behind its button."""
    page = desk("marketing", "clinic_patient.clinic_segment_action")
    name = page.locator("[name=name]", has_text=re.compile("^Not seen for 6 months$"))
    row = page.locator(".o_data_row", has=name)
    count = row.locator("[name=size]")
    expect(count).to_have_text(re.compile(r"^[1-9]"))
    size = count.inner_text()
    screenshot(page, "segments")
    row.get_by_role("button", name="Patients").click()
    expect(page.locator(".o_pager_limit")).to_have_text(size)


def test_manager_compares_duplicates(desk, screenshot):
    """PAT-05: two cards side by side, what differs marked."""
    page = desk("manager", "clinic_patient.clinic_duplicate_action")
    page.locator(".o_data_row").first.click()
    table = page.locator(".o_clinic_compare")
    expect(table).to_be_visible()
    differing = table.locator("tr.o_clinic_differs")
    expect(differing.first).to_be_visible()
    left, right = differing.first.locator("td").all_inner_texts()[-2:]
    assert left != right
    screenshot(page, "duplicates")


def test_doctor_writes_an_encounter(desk, screenshot):
    """PAT-16: everything about one visit on one page, earlier encounters beside it."""
    page = desk("practitioner", "clinic_record.clinic_encounter_action")
    page.locator(".o_data_row").first.click()
    expect(page.locator(".o_form_view [name=complaint]")).to_be_visible()
    expect(
        page.locator(
            "[name=line_ids] .o_data_row, [name=diagnosis_ids] .o_data_row"
        ).first
    ).to_be_visible()
    screenshot(page, "encounter")


def test_coordinator_sees_the_pipeline(desk, screenshot):
    """CRM-01: the deals of appointments, stage by stage."""
    page = desk("coordinator", "clinic_pipeline.clinic_deal_action_appointments")
    stages = page.locator(".o_kanban_group .o_column_title")
    stages.nth(3).wait_for()
    names = [name.strip() for name in stages.all_inner_texts()]
    assert names[:4] == [
        "New request",
        "Taken in work",
        "Finding a time",
        "Appointment made",
    ]
    made = page.locator(".o_kanban_group").nth(3).locator(".o_kanban_record").first
    expect(made).to_contain_text(re.compile(r"\d{1,2} \w+ 20\d\d, \d\d:\d\d"))
    screenshot(page, "pipeline")


def test_manager_sees_complaints(desk, screenshot):
    """PAT-15: complaints by state, the late ones in red."""
    page = desk("manager", "clinic_complaint.clinic_complaint_action")
    groups = page.locator(".o_kanban_group")
    expect(groups.first).to_contain_text("New")
    expect(groups.nth(1)).to_contain_text("In progress")
    late = page.locator(".o_kanban_record", has=page.locator(".badge", has_text="Late"))
    expect(late.locator(".text-danger").first).to_be_visible()
    assert late.count() == groups.nth(1).locator(late).count(), "what ended is not late"
    screenshot(page, "complaints")
