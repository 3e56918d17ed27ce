"""The page for programs is true: every example of it is run against a site."""

import json
import re
import subprocess

import pytest
import requests
from crowd import open_clinic

from command import place

PAGE = place.ROOT / "docs" / "interface.md"
EXAMPLE = re.compile(r"^```(python|sh)\n(.*?)^```", re.M | re.S)


@pytest.fixture
def program(site, monkeypatch, request):
    """A clinic that is open, and a program at the door; its key."""
    # Refusals are wanted here.
    site.expect_log("odoo.http: .*Error told to the user")
    clinic = open_clinic(site)
    with site.env() as env:
        # The page finds it by its name: other tests open clinics too.
        service = env["product.template"].browse(clinic.service)
        service.name = "Blood test"
        user = env["res.users"].create(
            {
                "name": "Laboratory",
                "login": request.node.name,
                "group_ids": [
                    (4, env.ref("clinic_patient.group_clinic_receptionist").id)
                ],
            }
        )
        key = (
            env["res.users.apikeys"]
            .with_user(user)
            .sudo()
            ._generate("rpc", "lab", False)
        )
    monkeypatch.setenv("CLINIC", site.url)
    monkeypatch.setenv("DATABASE", site.database)
    monkeypatch.setenv("KEY", key)
    yield key
    with site.env() as env:
        env["product.template"].browse(clinic.service).active = False


def test_every_example(program):
    """Each example does what the page says; those in Python go on from each other."""
    examples = EXAMPLE.findall(PAGE.read_text())
    assert {language for language, _text in examples} == {"python", "sh"}
    world = {"__name__": "interface"}
    for language, text in examples:
        if language == "python":
            exec(compile(text, str(PAGE), "exec"), world)
            continue
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", text], capture_output=True, text=True
        )
        assert done.returncode == 0, done.stdout + done.stderr
        assert json.loads(done.stdout)


ODD = [None, "", "x", -1, 10**30, [], {}, "2026-99-99", "\x00", True]


def test_odd_values_are_refused_with_words(program, site):
    """Whatever is sent in place of a number or a time: 4xx, no traceback."""
    for call in calls():
        answer = requests.post(
            f"{site.url}/json/2/{call.pop('to')}",
            json=call,
            headers={
                "Authorization": f"bearer {program}",
                "X-Odoo-Database": site.database,
            },
            timeout=30,
        )
        assert 400 <= answer.status_code < 500, (call, answer.text[:400])
        assert "Traceback" not in answer.json()["message"]


def calls():
    """Calls of which one value is odd."""
    period = {"date_from": "2030-01-01 09:00:00", "date_to": "2030-01-02 09:00:00"}
    for odd in ODD:
        yield {"to": "clinic.day.sheet/book", "values": odd}
        yield {
            "to": "clinic.day.sheet/get_day",
            "date": "2030-01-01",
            "location_id": odd,
        }
        yield {"to": "clinic.day.sheet/set_state", "visit_id": odd, "state": "done"}
        yield {
            "to": "clinic.day.sheet/move",
            "visit_id": odd,
            "start": odd,
            "column": 1,
        }
        yield {"to": "clinic.day.sheet/get_day", "date": odd, "location_id": 1}
        yield {"to": "clinic.slot/search_slots", "service_id": odd, **period}
        yield {
            "to": "clinic.slot/search_slots",
            "service_id": 1,
            **period,
            "date_to": odd,
        }
