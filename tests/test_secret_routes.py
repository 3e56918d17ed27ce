"""Addresses that are secrets: no log and no header gives one away.

Every route of the site with a token in its address is asked behind nginx, by the file
that a site uses and with its log on, in every spelling that leads to it.
"""

import http.client
import inspect
import re
import socket
import threading
import time
import uuid
from urllib.parse import quote

import pytest
import requests
from support import Site

from command import nginx, place, ports, processes, secret_routes

pytestmark = pytest.mark.slow

#: Names of arguments that hold a secret, in an address or in a query.
TOKENS = re.compile(r"token|secret|passw|signature|hash|hmac|sid$|_code$")
#: Arguments with such a name, or with a name that says nothing, that are none.
HARMLESS = {
    # A key of a cached file: the same for everybody.
    "unique",
    "hash",
    "img_key",
    # Google's proof of a site's owner, shown to everybody.
    "key",
    # Names in addresses of pages.
    "page_name_slugified",
    "record_slug",
    "filename",
    "path",
}
#: What a part of an address may be, beside a secret: numbers and known words.
WORDS = re.compile(r"<(?:(?P<kind>[^<>:]+):)?(?P<name>\w+)>")


@pytest.fixture(scope="module")
def fronted():
    """A site of two processes behind nginx as it is shipped, logging; its front."""
    site = Site("fronted", workers=2)
    front = ports.fresh("fronted-front")
    try:
        site.start("--proxy-mode")
        nginx.start(front, site.port, site.gevent_port, "nginx-fronted")
        site.front = f"http://127.0.0.1:{front}"
        for _number in range(100):
            try:
                requests.get(f"{site.front}/web/health", timeout=20)
                break
            except requests.ConnectionError:
                time.sleep(0.05)
        yield site
    finally:
        processes.stop("nginx-fronted")
        site.discard()


def rules(site):
    """``[(rule, arguments of the address, arguments of the query)]`` of the URL map."""
    with site.env() as env:
        # Odoo names the database of a request's thread when it makes the map.
        threading.current_thread().dbname = env.cr.dbname
        found = []
        for rule in env["ir.http"].routing_map().iter_rules():
            parts = dict((name, kind) for kind, name in WORDS.findall(rule.rule))
            try:
                taken = set(inspect.signature(rule.endpoint.func).parameters)
            except (AttributeError, ValueError):
                taken = set()
            found.append((rule.rule, parts, taken - set(parts)))
    return found


def filled(rule, secret):
    """The address of a rule with the secret in its place, and harmless words."""

    def word(part):
        kind, name = part["kind"] or "", part["name"]
        if TOKENS.search(name) and name not in HARMLESS:
            return secret
        return "1" if kind.startswith(("int", "model")) else "word"

    return WORDS.sub(word, rule)


def spelled(address):
    """The address in every spelling that leads to the same page."""
    yield address
    yield f"/zh_CN{address}"
    yield f"/it{address}"
    yield "/" + quote(address[1:], safe="")
    yield "".join(f"%{ord(c):02x}" if c.isalpha() else c for c in address)
    yield f"{address}?utm_source=x&debug=1"
    yield f"{address}/no-such-page"
    yield "/" + quote(quote(address[1:], safe=""), safe="")


def asked(site):
    """``{secret: address}`` of what this test asks for: a secret of each rule's own."""
    found = {}
    for rule, parts, query in rules(site):
        if rule.startswith(("/web/database", "/websocket")):
            continue
        secret = f"SECRET{uuid.uuid4().hex}"
        if any(TOKENS.search(n) and n not in HARMLESS for n in parts):
            found[secret] = filled(rule, secret)
        for name in sorted(n for n in query if TOKENS.search(n) and n not in HARMLESS):
            secret = f"SECRET{uuid.uuid4().hex}"
            found[secret] = f"{filled(rule, secret)}?{name}={secret}"
    # Pages that Odoo itself names in mails, whose arguments no signature tells.
    for page in ("/web/reset_password", "/web/signup", "/my/invoices/1", "/web/login"):
        for name in ("token", "access_token", "signup_token"):
            secret = f"SECRET{uuid.uuid4().hex}"
            found[secret] = f"{page}?{name}={secret}"
    secret = f"SECRET{uuid.uuid4().hex}"
    target = quote(f"/my/reports/view/{secret}", safe="")
    found[secret] = f"/web/login?redirect={target}"
    return found


def logs(site):
    """Everything that nginx and Odoo wrote."""
    names = ("nginx-fronted", "nginx-fronted-access", "nginx-fronted-error")
    paths = [place.log_path(name) for name in names] + [site.log]
    return {p.name: p.read_text(errors="replace") for p in paths if p.exists()}


def test_no_log_holds_a_secret(fronted, report):
    """Each route with a token, in each spelling, by GET and POST, and as a referrer."""
    secrets = asked(fronted)
    count = 0
    for secret, address in secrets.items():
        for url in spelled(address) if "?" not in address else [address]:
            for method in ("GET", "POST"):
                # Not `requests`: it would write the address as it is usual.
                line = http.client.HTTPConnection(fronted.front[7:], timeout=60)
                referrer = f"{fronted.front}/clinic/stop/{secret}"
                line.request(method, url, headers={"Referer": referrer})
                assert line.getresponse().status
                line.close()
                count += 1
    # What is no request at all is written down by the server itself.
    for address in list(secrets.values())[:5]:
        with socket.create_connection(("127.0.0.1", fronted.port), timeout=20) as line:
            line.sendall(f"GET {address} HTTP/9.9\r\n\r\n".encode())
            line.recv(1000)
    found = logs(fronted)
    report(
        f"{len(secrets)} secrets in {count} requests; {sum(map(len, found.values())):,}"
        " characters of logs"
    )
    told = {
        (where, secrets[secret]): next(x for x in text.splitlines() if secret in x)[
            :300
        ]
        for where, text in found.items()
        for secret in secrets
        if secret in text
    }
    assert len(secrets) > 40
    # It looked where something was written.
    assert found["nginx-fronted-access.log"].count("***") > 100
    assert found[fronted.log.name].count("***") > 100
    assert not told


def test_every_route_with_a_secret_is_listed(fronted):
    """A route whose address holds a token stands in an addon's `secret_routes.txt`."""
    with fronted.env():
        from odoo.addons.clinic_base.lib.secret_routes import MASK, mask
    unlisted = []
    for rule, parts, _query in rules(fronted):
        if any(TOKENS.search(n) and n not in HARMLESS for n in parts):
            # Short, so that no rule about long parts hides it.
            address = filled(rule, "shorT0")
            if "shorT0" in mask(address) or MASK not in mask(address):
                unlisted.append(rule)
    assert not unlisted


def test_shipped_file_is_made_from_the_lists():
    """deploy/nginx.conf says what the addons list."""
    text = secret_routes.CONF.read_text()
    assert secret_routes.written(text) == text


def test_pages_with_secrets_are_kept_by_nobody(fronted):
    """No search engine, no other site, no cache: also where the page is not there."""
    for address in ("/clinic/stop/x", "/zh_CN/clinic/visit/1/x", "/my/reports/view/x"):
        for base in (fronted.front, fronted.url):
            answer = requests.get(base + address, allow_redirects=False, timeout=60)
            assert "noindex" in answer.headers.get("X-Robots-Tag", ""), address
            assert answer.headers.get("Referrer-Policy") == "no-referrer", address


def test_own_pages_are_in_no_frame(fronted):
    """Pages of one's own, and those where passwords are typed."""
    for address in ("/my", "/web/login", "/web/reset_password", "/clinic/book"):
        answer = requests.get(fronted.front + address, timeout=60)
        assert "frame-ancestors 'self'" in answer.headers["Content-Security-Policy"]
        assert answer.headers["X-Frame-Options"] == "SAMEORIGIN"


def test_cookies_are_of_this_site(fronted):
    """No other site makes a browser send the session with a form."""
    answer = requests.get(f"{fronted.front}/web/login", timeout=60)
    cookie = answer.headers["Set-Cookie"]
    assert "SameSite=Lax" in cookie
    assert "HttpOnly" in cookie


def test_away(fronted):
    """While Odoo is away a page says so, in the visitor's language, forms included."""
    inner, gevent = ports.fresh("away-odoo"), ports.fresh("away-gevent")
    front = ports.fresh("away-front")
    process = nginx.start(front, inner, gevent, "nginx-away")
    try:
        for language, words in (("it-IT,it", "prenotando"), ("de", "is held for you")):
            for method in ("GET", "POST"):
                for _number in range(100):
                    try:
                        answer = requests.request(
                            method,
                            f"http://127.0.0.1:{front}/clinic/book/hold",
                            headers={"Accept-Language": language},
                            timeout=20,
                        )
                        break
                    except requests.ConnectionError:
                        assert process.poll() is None
                assert answer.status_code == 502
                assert words in answer.text
                assert answer.headers["Cache-Control"] == "no-store"
    finally:
        processes.stop("nginx-away")
