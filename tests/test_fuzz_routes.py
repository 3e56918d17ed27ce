"""Whatever comes to an address of the suite gets an answer in words, never a traceback.

Every route of the suite's addons in the URL map, by everybody who can knock: in the
parts of its address, in its fields, and in its JSON stands what programs, scanners and
broken browsers send.
"""

import inspect
import json
import re
import threading

import pytest
import requests
from crowd import open_clinic

#: What stands in a part of an address; as it travels.
PARTS = (
    "%2F",
    "..%2f..",
    "%ED%A0%80",
    "%00",
    "-1",
    "99999999999999999999",
    "%F0%9F%98%80",
)
#: What stands in a field of a form or a query, as bytes that a browser could send.
FIELDS = (
    "",
    "\x00",
    "\ud800",
    "-1",
    "9" * 40,
    "' OR 1=1 --",
    "2026-02-30T25:61:00Z/1/1",
    "a" * 70_000,
    "[]",
    "🦷",
)
#: Values of JSON that a signature does not expect.
VALUES = (None, [], {}, -1, 10**30, "\ud800", [[[]]] * 50, {"a": {"b": [1]}}, True)
DEEP = "[" * 3000 + "]" * 3000
#: Routes of Odoo that the suite looks after but does not answer: what they make of
#: nonsense is Odoo's.
ODOOS = re.compile(r"/(web/(dataset|image)|report|my/address)\b")
WORD = re.compile(r"<(?:[^<>:]+:)?(\w+)>")
#: It answers 503 with words when the machine is in trouble: that is what it is for.
HEALTH = "/clinic/health"


def ours(site):
    """``[(rule, type, methods, names of arguments)]`` of the suite's routes."""
    found = {}
    with site.env() as env:
        # Odoo names the database of a request's thread when it makes the map.
        threading.current_thread().dbname = env.cr.dbname
        for rule in env["ir.http"].routing_map().iter_rules():
            endpoint = rule.endpoint
            owner = getattr(endpoint.func, "__module__", "")
            original = inspect.unwrap(endpoint.func)
            if "odoo.addons.clinic_" not in f"{owner} {original.__module__}":
                continue
            if ODOOS.match(rule.rule):
                continue
            names = [
                name
                for name, parameter in inspect.signature(original).parameters.items()
                if name != "self" and parameter.kind != parameter.VAR_KEYWORD
            ]
            kind = endpoint.routing["type"]
            methods = endpoint.routing.get("methods") or ["GET", "POST"]
            found[rule.rule] = (kind, methods, names)
    return sorted((rule, *rest) for rule, rest in found.items())


def password_of(login):
    """Long enough for the rules of a site."""
    return f"four words of {login}"


class Knocker:
    """Somebody with or without a log-in who sends what should not be sent."""

    def __init__(self, site, login=None):
        self.site = site
        self.session = requests.Session()
        if login:
            user = site.rpc(login, password_of(login))
            self.session.cookies.set("session_id", user.session_id)
        page = self.session.get(f"{site.url}/web/login?debug=0", timeout=60)
        found = re.search(r'csrf_token: "(\w+)"', page.text)
        self.token = found[1] if found else None
        self.count, self.broken = 0, []

    def send(self, method, path, **options):
        """One request; what it was, if the site broke on it."""
        self.count += 1
        request = requests.Request(method, self.site.url + "/", **options)
        prepared = self.session.prepare_request(request)
        # As it stands: a client would tidy the address.
        query = prepared.url.partition("?")[2]
        prepared.url = self.site.url + path + (f"?{query}" if query else "")
        try:
            answer = self.session.send(prepared, timeout=120, allow_redirects=False)
        except requests.ConnectionError as error:
            self.broken.append((method, path, str(error)[:80]))
            return
        if path == HEALTH and answer.status_code == 503:
            assert answer.json()["status"] == "bad"
        elif answer.status_code >= 500:
            self.broken.append((method, path, answer.status_code))
        elif answer.headers.get("Content-Type", "").startswith("application/json"):
            self.look(method, path, answer)

    def look(self, method, path, answer):
        """An error of a JSON route comes with 200: it must be one in words."""
        try:
            error = answer.json().get("error")
        except (ValueError, AttributeError):
            return
        if not isinstance(error, dict):
            return
        name = (error.get("data") or {}).get("name", "")
        if not name.startswith(("odoo.exceptions.", "odoo.http.", "werkzeug.")):
            self.broken.append((method, path, name))

    def try_route(self, rule, kind, methods, names):
        """Everything at one route."""
        parts = WORD.findall(rule)
        addresses = [WORD.sub("1", rule)]
        if parts:
            addresses += [WORD.sub(part.replace("\\", ""), rule) for part in PARTS]
        if kind == "http":
            for method in methods:
                self.try_forms(method, addresses, [n for n in names if n not in parts])
        else:
            self.try_json(addresses, [n for n in names if n not in parts])

    def try_forms(self, method, addresses, names):
        place = "params" if method == "GET" else "data"
        for address in addresses:
            self.send(method, address, **{place: self.fields({})})
        for value in FIELDS:
            text = value.encode("utf-8", "surrogatepass")
            fields = {name: text for name in names[:12]}
            if method == "GET" and len(text) > 4000:
                continue
            self.send(method, addresses[0], **{place: self.fields(fields)})
        if method == "POST":
            fields = self.fields({name: "1" for name in names})
            files = {name: (f"{name}\x00.html", b"<b>") for name in names[:3]}
            self.send(method, addresses[0], data=fields, files=files or None)
            headers = {"Content-Type": "multipart/form-data; boundary=x"}
            self.send(method, addresses[0], data=b"--x\r\n\xff\xff", headers=headers)

    def fields(self, fields):
        return {**fields, "csrf_token": self.token} if self.token else fields

    def try_json(self, addresses, names):
        headers = {"Content-Type": "application/json"}
        bodies = ["", "{", "[]", "null", '"x"', DEEP, f'{{"params": {DEEP}}}']
        bodies += [json.dumps({"params": {}}), '{"params": {"x": "\\ud800"}}']
        bodies += [
            json.dumps({"jsonrpc": "2.0", "params": dict.fromkeys(names, value)})
            for value in VALUES
        ]
        for address in addresses:
            for body in bodies if address == addresses[0] else bodies[7:8]:
                self.send("POST", address, data=body, headers=headers)


#: Who knocks: log-in → group. Staff meet the same routes: they are for a long run.
USERS = {
    None: None,
    "fuzz_patient": "base.group_portal",
    "fuzz_desk": "clinic_patient.group_clinic_receptionist",
    "fuzz_plain": "base.group_user",
}


@pytest.fixture(scope="module")
def routes(site):
    """The routes of a clinic in which nobody is sent away for knocking too often."""
    open_clinic(site)
    site.expect_log(r"odoo\.http: |werkzeug|odoo\.addons\.base\.models\.ir_http")
    with site.env() as env:
        parameters = env["ir.config_parameter"]
        for name in ("booking", "search", "form", "enquiry"):
            parameters.set_param(f"clinic_agenda.{name}_limit_per_ip", "0")
        for login, group in USERS.items():
            if login:
                user = env["res.users"].create(
                    {
                        "name": login,
                        "login": login,
                        "password": password_of(login),
                        "group_ids": [(6, 0, env.ref(group).ids)],
                    }
                )
                user.partner_id.is_patient = group == "base.group_portal"
    found = ours(site)
    assert len(found) > 80
    return found


@pytest.mark.parametrize(
    "login",
    [
        pytest.param(None, marks=pytest.mark.slow, id="visitor"),
        pytest.param("fuzz_patient", marks=pytest.mark.slow),
        pytest.param("fuzz_desk", marks=pytest.mark.long),
        pytest.param("fuzz_plain", marks=pytest.mark.long),
    ],
)
def test_no_route_breaks(site, routes, report, login):
    """As a visitor, a patient, a receptionist and somebody without a role."""
    knocker = Knocker(site, login)
    for route in routes:
        knocker.try_route(*route)
    words = f"{knocker.count} requests at {len(routes)} routes"
    report(f"fuzz, {login}: {words}, {len(knocker.broken)} broke")
    assert not knocker.broken, "\n".join(map(str, knocker.broken[:60]))
