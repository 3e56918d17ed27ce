"""Somebody forgot an open transaction: visitors are sent away with words, in seconds,
and the page of the site's health names who keeps the others waiting."""

import threading
import time

import requests
from crowd import Visitor, open_clinic

from odoo.addons.clinic_agenda.lib import lock_spaces

#: Seconds until another process must have noticed.
PATIENCE = 60


class Forgotten:
    """A session that holds a lock and sleeps, as a psql that somebody left."""

    def __init__(self, site, query, *parameters):
        self.connection = site.connect()
        self.connection.autocommit = False
        with self.connection.cursor() as cursor:
            cursor.execute("SET application_name = 'forgotten'")
            cursor.execute(query, parameters)
        self.pid = self.connection.info.backend_pid

    def end(self):
        """Somebody has remembered."""
        self.connection.close()


def levels(site):
    """What a monitor is told."""
    answer = requests.get(f"{site.url}/clinic/health", timeout=60)
    told = answer.json()
    assert answer.status_code == (503 if told["status"] == "bad" else 200)
    return told["checks"]


def test_visitors_are_sent_away_with_words(site):
    """A time that a forgotten session keeps locked: 503 with a page, not silence; when
    it is free again it is held at the next try."""
    # The statement that waited begins on the line after the complaint.
    site.expect_log("A visitor was sent away|lock timeout|odoo.sql_db: bad query: ?$")
    clinic = open_clinic(site)
    visitor = Visitor(site).enter()
    practitioner = clinic.practitioners[0]
    forgotten = Forgotten(
        site,
        "SELECT pg_advisory_xact_lock(%s, %s)",
        lock_spaces.PRACTITIONER,
        practitioner,
    )
    try:
        refused = visitor.hold(clinic, clinic.starts[0], practitioner)
        assert refused.status == 503
        page = visitor.session.post(
            f"{site.url}/clinic/book/hold",
            data={
                "service": clinic.service,
                "slot": f"{clinic.starts[0].isoformat()}Z/{practitioner}/"
                f"{clinic.location}",
                "csrf_token": visitor.token,
            },
            timeout=120,
        )
        assert page.status_code == 503
        assert "Please try again in a moment" in page.text
        assert page.headers["Retry-After"] == "10"
        assert not clinic.visits(site)
    finally:
        forgotten.end()
    assert visitor.hold(clinic, clinic.starts[0], practitioner).status == 200
    assert len(clinic.visits(site)) == 1


def test_health_names_the_blocker(site):
    """A monitor sees red; an administrator reads which session, and its end."""
    assert levels(site)["locks"] == "good"
    forgotten = Forgotten(
        site, "SELECT id, 'Zyxwvut' FROM res_partner WHERE id = 1 FOR UPDATE"
    )

    def wait():
        site.sql("UPDATE res_partner SET color = color WHERE id = 1")

    waiting = threading.Thread(target=wait)
    waiting.start()
    try:
        deadline = time.monotonic() + PATIENCE
        while levels(site)["locks"] != "bad":
            assert time.monotonic() < deadline, "nobody noticed"
            time.sleep(0.5)
        admin = site.rpc("admin")
        page = requests.get(
            f"{site.url}/clinic/health",
            cookies={"session_id": admin.session_id},
            timeout=60,
        ).text
        assert f"pg_terminate_backend({forgotten.pid})" in page
        assert "forgotten" in page
        assert "Zyxwvut" not in page, "no value of a statement is shown"
    finally:
        forgotten.end()
        waiting.join()
    deadline = time.monotonic() + PATIENCE
    while levels(site)["locks"] != "good":
        assert time.monotonic() < deadline, "still told"
        time.sleep(0.5)
