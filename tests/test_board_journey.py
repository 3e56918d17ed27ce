"""Boards of deals in the browser: begin one, find or make its patient, take it."""

import re

import pytest
from playwright.sync_api import expect

BOARD = "clinic_pipeline.clinic_deal_action_appointments"


@pytest.fixture(scope="module")
def clinic(site):
    """Two namesakes, a topic, a source, and two who work at the boards."""
    site.expect_log(r"UserError told to the user|Exception during request")
    with site.env() as env:
        for born, phone in (("1980-03-12", "+39 347 111 0014"), ("2015-06-01", None)):
            env["res.partner"].create(
                {
                    "is_patient": True,
                    "family_name": "Boardini",
                    "given_name": "Anna",
                    "birth_date": born,
                    "phone_ids": [(0, 0, {"number": phone})] if phone else [],
                }
            )
        env["clinic.enquiry.topic"].create({"name": "A chipped tooth"})
        env["utm.source"].create({"name": "Radio Aurora"})
        for login, role in (("board_one", "coordinator"), ("board_two", "coordinator")):
            env["res.users"].with_context(no_reset_password=True).create(
                {
                    "name": login.replace("_", " ").title(),
                    "login": login,
                    "password": login,
                    "group_ids": [
                        (6, 0, env.ref(f"clinic_patient.group_clinic_{role}").ids)
                    ],
                }
            )


def open_board(browser, site, login, action=BOARD):
    page = browser.page(width=1366, height=850)
    browser.log_in(page, site, login, login)
    page.goto(f"{site.url}/odoo/action-{action}")
    page.wait_for_selector(".o_kanban_renderer, .o_list_renderer")
    return page


def choose(dialog, page, name, words, found):
    """Type into a field of the form and take what is found."""
    dialog.locator(f"[name={name}] input").fill(words)
    page.locator(".o-autocomplete--dropdown-item", has_text=found).first.click()


def test_a_deal_from_the_board(browser, site, clinic, screenshot):
    """CRM-03: New, the right one of two namesakes, a topic and a source; then mine."""
    page = open_board(browser, site, "board_one")
    page.click(".o-kanban-button-new")
    dialog = page.locator(".modal")
    dialog.locator("[name=patient_id] input").fill("+39 347 111 0014")
    found = page.locator(".o-autocomplete--dropdown-item", has_text="Boardini")
    expect(found).to_have_count(1)
    dialog.locator("[name=patient_id] input").fill("boardini")
    expect(found).to_have_count(2)
    expect(found.filter(has_text="1980")).to_have_count(1)
    screenshot(page, "deal-new-patient")
    found.filter(has_text="1980").click()
    choose(dialog, page, "topic_id", "chipped", "A chipped tooth")
    choose(dialog, page, "source_id", "Radio", "Radio Aurora")
    screenshot(page, "deal-new")
    dialog.get_by_role("button", name="Open the deal").click()
    expect(dialog).to_have_count(0)
    card = page.locator(".o_kanban_record", has_text="Boardini Anna")
    expect(card).to_contain_text("A chipped tooth")
    screenshot(page, "board-before-taking")


def test_taking_and_coming_second(browser, site, clinic, screenshot):
    """CRM-04: one click takes it; who looks at an older board is told by whom."""
    one = open_board(browser, site, "board_one")
    two = open_board(browser, site, "board_two")
    card = ".o_kanban_record:has-text('Boardini Anna')"
    one.locator(card).get_by_role("button", name="Take in work").click()
    taken = one.locator(".o_kanban_group", has_text="Taken in work")
    expect(taken.locator(card)).to_have_count(1)
    screenshot(one, "board-taken")
    two.locator(card).get_by_role("button", name="Take in work").click()
    expect(two.locator(".modal")).to_contain_text(re.compile("Board One has taken"))
    screenshot(two, "board-second")


def test_a_new_patient_from_a_list(browser, site, clinic, screenshot):
    """CRM-03: New in a list; whoever is not found is made on the card, with its
    search for duplicates; a second open deal leads to the first."""
    page = open_board(
        browser, site, "board_one", "clinic_pipeline.clinic_deal_action_all"
    )
    page.locator(".o_list_button_add").click()
    dialog = page.locator(".modal")
    dialog.locator("[name=patient_id] input").fill("Boardini Anna Nuova")
    page.locator(".o-autocomplete--dropdown-item", has_text="Create and edit").click()
    card = page.locator(".modal").last
    expect(card.locator("[name=family_name] input")).to_have_value("Boardini")
    card.locator("[name=given_name] input").fill("Anna")
    card.locator("[name=birth_date] input").fill("03/12/1980")
    card.locator("[name=birth_date] input").press("Tab")
    expect(card).to_contain_text("Perhaps this person is here already")
    screenshot(page, "deal-new-card")
    card.get_by_role("button", name="Discard").click()
    dialog.locator("[name=patient_id] input").fill("boardini")
    page.locator(".o-autocomplete--dropdown-item", has_text="1980").click()
    dialog.get_by_role("button", name="Open the deal").click()
    told = page.locator(".modal", has_text="has an open deal")
    expect(told).to_contain_text("Taken in work")
    screenshot(page, "deal-new-already-open")
    told.get_by_role("button", name="Open that deal").click()
    expect(page.locator(".o_form_view")).to_contain_text("A chipped tooth")
    page.locator(".o_form_button_create").click()
    expect(page.locator(".modal [name=patient_id]")).to_be_visible()
    screenshot(page, "deal-new-from-a-deal")


def test_a_stage_needs_its_visit(browser, site, clinic, screenshot):
    """CRM-02: dragged to "came" without a visit: told what to do, and it stays."""
    page = open_board(browser, site, "board_one")
    card = page.locator(".o_kanban_record", has_text="Boardini Anna")
    came = page.locator(".o_kanban_group", has_text="Appointment made")
    box, target = card.bounding_box(), came.bounding_box()
    page.mouse.move(box["x"] + 20, box["y"] + 15)
    page.mouse.down()
    page.mouse.move(target["x"] + 80, target["y"] + 100, steps=12)
    page.mouse.move(target["x"] + 90, target["y"] + 110, steps=4)
    page.mouse.up()
    told = page.locator(".modal", has_text="no visit behind")
    expect(told).to_be_visible()
    screenshot(page, "board-no-visit")
    told.locator("footer .btn-secondary").click()
    taken = page.locator(".o_kanban_group", has_text="Taken in work")
    expect(taken.locator(".o_kanban_record", has_text="Boardini Anna")).to_have_count(1)


def test_the_card_and_a_message(browser, site, clinic, screenshot):
    """PAT-04, MSG-01: the deal on the timeline; Send message writes to the patient."""
    with site.env() as env:
        patient = env["res.partner"].search(
            [("family_name", "=", "Boardini"), ("birth_date", "=", "1980-03-12")]
        )
        deal = env["crm.lead"].search([("patient_id", "=", patient.id)])
        patient_id, deal_id = patient.id, deal.id
    page = browser.page(width=1366, height=850)
    browser.log_in(page, site, "board_one", "board_one")
    card = f"action-clinic_patient.clinic_patient_action/{patient_id}"
    page.goto(f"{site.url}/odoo/{card}")
    page.locator(".o_notebook_headers a", has_text="Timeline").click()
    expect(page.locator(".o_clinic_timeline")).to_contain_text("A chipped tooth")
    screenshot(page, "card-timeline")
    for address in (card, f"crm.lead/{deal_id}"):
        page.goto(f"{site.url}/odoo/{address}")
        page.locator(".o-mail-Chatter-sendMessage").click()
        dialog = page.locator(".modal", has_text="Write a message")
        expect(dialog.locator("[name=patient_ids]")).to_contain_text("Boardini Anna")
        expect(page.locator(".o-mail-Composer")).to_have_count(0)
        screenshot(page, "send-message")
