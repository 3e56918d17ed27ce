"""Who gets in: guesses are counted over all ways in, processes and networks."""

import re
import urllib.parse
import xmlrpc.client
from itertools import count

import pytest
import requests
from support import Site

pytestmark = pytest.mark.slow

RIGHT = "four words nobody knows"


@pytest.fixture(scope="module")
def door():
    """A site of two processes behind a proxy, with two accounts."""
    site = Site("login", workers=2)
    site.expect_log(r"Login failed|[Ll]og-?in|Access Denied|AccessDenied")
    try:
        site.start("--proxy-mode")
        with site.env() as env:
            users = env["res.users"].with_context(no_reset_password=True)
            for login in ("anna", "bruno"):
                users.create(
                    {
                        "name": login,
                        "login": login,
                        "email": f"{login}@example.com",
                        "password": RIGHT,
                        "group_ids": [(6, 0, env.ref("base.group_user").ids)],
                    }
                )
        yield site
        complaints = site.complaints()
    finally:
        site.discard()
    assert not complaints, "\n".join(complaints[:20])


@pytest.fixture(autouse=True)
def nobody_guessed(door):
    """Each test begins with nothing counted."""
    door.sql("DELETE FROM clinic_rate_limit")


class Visitor:
    """Somebody at an address, who tries passwords by every way in."""

    def __init__(self, site, address):
        self.site = site
        self.headers = {"X-Forwarded-For": address, "X-Forwarded-Host": "clinic"}

    def json(self, path, **params):
        body = {"jsonrpc": "2.0", "method": "call", "id": 1, "params": params}
        answer = requests.post(
            self.site.url + path, json=body, headers=self.headers, timeout=60
        ).json()
        return answer.get("result") if "error" not in answer else None

    def session(self, login, password):
        """/web/session/authenticate, as the web client and applications do."""
        found = self.json(
            "/web/session/authenticate",
            db=self.site.database,
            login=login,
            password=password,
        )
        return bool(found and found.get("uid"))

    def jsonrpc(self, login, password):
        """/jsonrpc: the number of the user for a password."""
        args = [self.site.database, login, password, {}]
        return bool(
            self.json("/jsonrpc", service="common", method="authenticate", args=args)
        )

    def jsonrpc_call(self, login, password):
        """/jsonrpc: a call that carries the password."""
        ((uid,),) = self.site.sql(
            "SELECT coalesce(max(id), 9999) FROM res_users WHERE login = %s", login
        )
        args = [self.site.database, uid, password, "res.partner", "search_count", [[]]]
        found = self.json("/jsonrpc", service="object", method="execute_kw", args=args)
        return bool(found)

    def xmlrpc(self, login, password):
        """/xmlrpc/2/common."""
        args = (self.site.database, login, password, {})
        answer = requests.post(
            f"{self.site.url}/xmlrpc/2/common",
            xmlrpc.client.dumps(args, "authenticate"),
            headers=self.headers | {"Content-Type": "text/xml"},
            timeout=60,
        )
        try:
            ((found,), _method) = xmlrpc.client.loads(answer.content)
        except xmlrpc.client.Fault:
            return False
        return bool(found)

    def form(self, login, password):
        """/web/login, as a person does; the portal has the same door."""
        return "/web/login" not in self.page(login, password).url

    def page(self, login, password):
        """What the page of the log-in answers."""
        browser = requests.Session()
        browser.headers.update(self.headers)
        page = browser.get(f"{self.site.url}/web/login", timeout=60)
        token = re.search(r'name="csrf_token"\s+value="([^"]+)"', page.text)[1]
        form = {"login": login, "password": password, "csrf_token": token}
        sent = browser.post(
            f"{self.site.url}/web/login", form, timeout=60, allow_redirects=False
        )
        if sent.status_code in (302, 303):
            sent.url = urllib.parse.urljoin(sent.url, sent.headers["Location"])
        return sent

    def ways(self):
        """Every way in."""
        return (self.session, self.jsonrpc, self.jsonrpc_call, self.xmlrpc, self.form)


def test_guesses_are_counted_over_all_ways(door):
    """After forty wrong passwords by any way and process no way lets this one in; who
    logged in from elsewhere before goes on as if nothing was."""
    here, home = Visitor(door, "203.0.113.7"), Visitor(door, "198.51.100.9")
    assert home.session("anna", RIGHT)
    ways = here.ways()
    for number in range(40):
        assert not ways[number % len(ways)]("anna", f"wrong {number}")
    # The 41st guess is right, and nobody learns it.
    assert [way("anna", RIGHT) for way in ways] == [False] * len(ways)
    assert [way("anna", RIGHT) for way in home.ways()] == [True] * len(ways)
    # Others at the same address are not kept out by it.
    assert here.session("bruno", RIGHT)


def test_many_networks_cannot_guess_one_account(door):
    """A crowd of addresses has forty guesses an hour together; the owner, known at an
    address, is let in at any time."""
    home, abroad = Visitor(door, "198.51.100.9"), Visitor(door, "192.0.2.77")
    assert home.form("anna", RIGHT)
    for number in range(44):
        Visitor(door, f"203.0.113.{number}").jsonrpc("anna", f"wrong {number}")
    assert not abroad.session("anna", RIGHT)
    assert home.session("anna", RIGHT)
    assert home.xmlrpc("anna", RIGHT)


def test_one_network_cannot_try_many_accounts(door):
    """One password, tried with many log-ins from one address, ends after a hundred."""
    here = Visitor(door, "203.0.113.7")
    for number in range(100):
        here.jsonrpc(f"nobody{number}", "1")
    assert not here.session("anna", RIGHT)
    assert Visitor(door, "198.51.100.9").session("anna", RIGHT)


def test_right_passwords_use_up_nothing(door):
    """A program that logs in thousands of times is not counted, by password or key."""
    here = Visitor(door, "203.0.113.7")
    for _number in range(60):
        assert here.jsonrpc("anna", RIGHT)
    with door.env() as env:
        anna = env["res.users"].search([("login", "=", "anna")])
        keys = env["res.users.apikeys"].with_user(anna).sudo()
        key = keys._generate("rpc", "test", None)
    assert here.jsonrpc_call("anna", key)
    before = door.sql("SELECT id, key, hits::text FROM clinic_rate_limit ORDER BY id")
    for _number in range(60):
        assert here.jsonrpc_call("anna", key)
    after = door.sql("SELECT id, key, hits::text FROM clinic_rate_limit ORDER BY id")
    # Once for the second process, which had not seen the key.
    assert len(after) == len(before)


def test_the_count_tells_nothing(door):
    """An account that does not exist is refused after as many guesses, in the same
    words."""
    words = {}
    for login in ("anna", "nobody-of-this-name"):
        here = Visitor(door, "203.0.113.7")
        door.sql("DELETE FROM clinic_rate_limit")
        said = []
        for number in range(14):
            page = here.page(login, f"wrong {number}").text
            said.append(re.search(r'alert-danger"[^>]*>\s*([^<]+?)\s*<', page)[1])
        words[login] = said
    assert words["anna"] == words["nobody-of-this-name"]
    assert len(set(words["anna"])) == 2, words["anna"]
    assert "quarter of an hour" in words["anna"][-1]


def test_asked_once_more_counts_too(door):
    """Somebody at a machine that was left logged in cannot guess the password there."""
    anna = door.rpc("anna", RIGHT)
    tried = count()

    def change(old):
        try:
            return anna.call(
                "res.users",
                "change_password",
                old,
                f"{RIGHT} {next(tried)}",
                context={"clinic_no_secret_to_guess": True},
            )
        except Exception as error:
            return str(error)

    said = [change(f"wrong {number}") for number in range(12)]
    assert "too many wrong passwords" in said[-1]
    assert "too many" in change(RIGHT)


@pytest.mark.parametrize(
    "new", ["1", "1234567", "anna-anna", "Password1!", "aaaaaaaaaa"]
)
def test_easy_passwords_are_refused(door, new):
    """Over RPC as on the page: too short, too common, the own name."""
    anna = door.rpc("anna", RIGHT)
    for method, args in (
        ("change_password", (RIGHT, new)),
        ("write", ([anna.uid], {"password": new})),
    ):
        for context in ({}, {"clinic_any_password": True, "install_mode": True}):
            with pytest.raises(Exception, match=r"characters|easy|not allowed"):
                anna.call("res.users", method, *args, context=context)
    assert Visitor(door, "198.51.100.9").session("anna", RIGHT)


def test_a_role_requires_a_second_factor(door):
    """Who has the role is asked for a code at log-in, and programs for a key."""
    here = Visitor(door, "198.51.100.9")
    try:
        with door.env() as env:
            group = env["res.groups"].create(
                {"name": "Careful", "clinic_second_factor": True}
            )
            bruno = env["res.users"].search([("login", "=", "bruno")])
            bruno.group_ids = [(4, group.id)]
        assert "/web/login/totp" in here.page("bruno", RIGHT).url
        assert not here.session("bruno", RIGHT)
        assert not here.jsonrpc_call("bruno", RIGHT)
        assert here.session("anna", RIGHT)
    finally:
        with door.env() as env:
            env["res.groups"].browse(group.id).unlink()
    assert here.session("bruno", RIGHT)
