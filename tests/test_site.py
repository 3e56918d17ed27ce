"""The running site answers, live connections included."""

import json

import pytest
import websocket


def test_every_addon_is_served(site, rpc):
    """The web client of a logged-in user knows every addon of the suite."""
    names = rpc("admin").call(
        "ir.module.module",
        "search_read",
        [("name", "like", "clinic_%"), ("state", "=", "installed")],
        ["name"],
    )
    assert {"clinic_patient"} <= {row["name"] for row in names}


@pytest.mark.slow
def test_live_connection_beside_workers(site_workers):
    """In prefork mode the live process listens on a port of its own."""
    user = site_workers.rpc("admin")
    live = websocket.create_connection(
        f"ws://127.0.0.1:{site_workers.gevent_port}/websocket",
        cookie=f"session_id={user.session_id}",
        origin=site_workers.url,
        timeout=20,
    )
    try:
        live.send(
            json.dumps({"event_name": "subscribe", "data": {"channels": [], "last": 0}})
        )
        with site_workers.env() as env:
            env.ref("base.user_admin")._bus_send("clinic_test", {"words": "hello"})
        # What other tests announced before may come first; the socket's time-out ends
        # the waiting.
        payloads = []
        while {"words": "hello"} not in payloads:
            payloads += [m["message"]["payload"] for m in json.loads(live.recv())]
    finally:
        live.close()


@pytest.mark.slow
def test_killed_worker_is_replaced(site_workers):
    """A site goes on when one of its processes dies."""
    # What the dead process had claimed is not free at once; the job comes again.
    site_workers.expect_log(r"Job 'Clinic: move deals' .*processed no record")
    dead = site_workers.kill_worker()
    assert site_workers.rpc("admin").uid
    assert dead not in site_workers.workers_running()


def test_web_client_opens(site, browser, screenshot):
    """The back office opens in a real browser without an error."""
    page = browser.page()
    browser.log_in(page, site)
    page.goto(f"{site.url}/odoo")
    page.locator(".o_main_navbar").get_by_text("Clinic", exact=True).wait_for()
    page.get_by_role("button", name="Patients", exact=True).click()
    page.get_by_role("menuitem").first.click()
    page.locator(".o_control_panel").wait_for()
    assert not page.locator(".o_error_dialog").count()
    screenshot(page, "test-web-client")
