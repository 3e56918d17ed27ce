"""Fixtures of the tests that cross addons; `./clinic test` runs them.

site, site_workers, site_demo   a running server on a database of its own
rpc(login, password)            a user of `site` who calls methods
odoo_env()                      an Odoo environment on the database of `site`
browser, page                   Chromium; console errors fail the test
desk(login, action)             a page of the demo clinic, as somebody of its staff
screenshot(page, name)          a picture, for the docs when asked for
axe(page)                       serious accessibility findings of a page
report(text)                    figures on the terminal and in .clinic/logs
gateway                         a demo gateway; its `url`, and `control(name, **values)`
"""

import os
from pathlib import Path

import pytest
from sending import DemoGateway
from support import Site, server

import odoo.addons

from command import lint, odoo_tests, place

# Libraries of our addons can be imported before any database is opened.
odoo.addons.__path__.append(str(place.ADDONS))

CHROMIUM = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
)


#: Who takes a test, by the site that it shares with others.
LANES = {"site_demo": "demo", "site_workers": "workers", "site": "site"}


def pytest_addoption(parser):
    """`--lane`: one of the processes that command/journeys.py runs side by side."""
    parser.addoption("--lane", help="only tests that run in this process")


def lane(item):
    """Which process takes a test: by its mark, by the site that it uses, or `apart`."""
    if item.get_closest_marker("beside"):
        return "beside"
    used = (name for site, name in LANES.items() if site in item.fixturenames)
    return next(used, "apart")


def pytest_collection_modifyitems(config, items):
    """Leave the tests of other processes out."""
    wanted = config.getoption("--lane")
    if wanted:
        left = [item for item in items if lane(item) != wanted]
        items[:] = [item for item in items if lane(item) == wanted]
        config.hook.pytest_deselected(items=left)


def served(*arguments, **options):
    """A started site; at the end its log must be clean."""
    site = Site(*arguments, **options)
    try:
        site.start()
        yield site
        complaints = site.complaints()
    finally:
        site.discard()
    assert not complaints, f"{site.log}:\n" + "\n".join(complaints[:20])


@pytest.fixture(scope="session")
def site():
    """The addons without demo data on one threaded server, as `up` runs it."""
    yield from served("threaded")


@pytest.fixture(scope="session")
def site_workers():
    """The same on two worker processes, as a site runs it."""
    yield from served("workers", workers=2)


@pytest.fixture(scope="session")
def site_demo():
    """The demo clinic on one threaded server; tests may change it."""
    yield from served("demo", source=odoo_tests.demo_database(server()))


@pytest.fixture
def rpc(site):
    """Log in: rpc("admin").call("res.partner", "search_count", [])."""
    return site.rpc


@pytest.fixture
def odoo_env(site):
    """Open an environment: `with odoo_env() as env:`; it commits at the end."""
    return site.env


@pytest.fixture(scope="session")
def chromium():
    """One Chromium for the whole run."""
    from playwright.sync_api import sync_playwright

    executable = os.environ.get("CLINIC_BROWSER")
    if not executable:
        pytest.fail("no Chromium on this machine; as root: apt-get install chromium")
    with sync_playwright() as playwright:
        application = playwright.chromium.launch(
            executable_path=executable, args=list(CHROMIUM)
        )
        yield application
        application.close()


class Browser:
    """Pages in fresh contexts, and what went wrong in their consoles."""

    def __init__(self, application):
        self.application = application
        self.contexts = []
        self.errors = []
        self.allowed = []

    def page(self, width=1280, height=900, **options):
        """A page of a visitor nobody knows yet; options as Playwright's context."""
        options.setdefault("locale", "en-US")
        context = self.application.new_context(
            viewport={"width": width, "height": height}, **options
        )
        context.set_default_timeout(30_000)
        context.set_default_navigation_timeout(90_000)
        self.contexts.append(context)
        page = context.new_page()
        page.on("console", self.listen)
        page.on("pageerror", lambda error: self.errors.append(f"page: {error}"))
        return page

    def listen(self, message):
        """Remember what a page's console says as an error."""
        if message.type == "error":
            self.errors.append(f"console: {message.text} ({message.location})")

    def log_in(self, page, site, login="admin", password=None):
        """Make the page's visitor a user of the site."""
        session = site.rpc(login, password).session_id
        page.context.add_cookies(
            [{"name": "session_id", "value": session, "url": site.url}]
        )

    def allow(self, words):
        """Say that the test provokes console errors with these words."""
        self.allowed.append(words)

    def finish(self):
        """Close everything; the errors nobody allowed."""
        for context in self.contexts:
            context.close()
        return [e for e in self.errors if not any(w in e for w in self.allowed)]


@pytest.fixture
def browser(chromium):
    """Chromium for one test; its console errors fail the test."""
    browser = Browser(chromium)
    yield browser
    errors = browser.finish()
    assert not errors, "\n".join(errors[:20])


@pytest.fixture
def page(browser):
    """One page of an anonymous visitor."""
    return browser.page()


@pytest.fixture(scope="session")
def screenshot():
    """Save a picture: into docs/images with CLINIC_SCREENSHOTS=1, else aside."""
    docs = os.environ.get("CLINIC_SCREENSHOTS") == "1"
    folder = place.ROOT / "docs" / "images" if docs else place.HOME / "screenshots"
    folder.mkdir(parents=True, exist_ok=True)

    def save(page, name, **options):
        path = folder / f"{name}.png"
        page.screenshot(path=str(path), **options)
        return path

    return save


@pytest.fixture(scope="session")
def axe():
    """Ask axe-core about a page: its serious and critical findings, as text."""
    source = Path(lint.NODE) / "node_modules" / "axe-core" / "axe.min.js"
    if not source.exists():
        pytest.fail("axe-core is not there: it is installed with npm by ./clinic test")

    def findings(page, **options):
        page.evaluate(source.read_text())
        result = page.evaluate("options => axe.run(document, options)", options)
        return [
            f"{found['impact']}: {found['id']} — {found['help']}: "
            + "; ".join(" ".join(node["target"]) for node in found["nodes"][:5])
            for found in result["violations"]
            if found["impact"] in ("serious", "critical")
        ]

    return findings


@pytest.fixture
def desk(site_demo, browser):
    """Open an action of the backend as somebody of the staff: desk(login, action)."""

    def open_action(login, action):
        page = browser.page(width=1366, height=850)
        browser.log_in(page, site_demo, login, login)
        page.goto(f"{site_demo.url}/odoo/action-{action}")
        return page

    return open_action


@pytest.fixture
def gateway():
    """A demo gateway of its own, in a thread of this process."""
    running = DemoGateway()
    yield running
    running.stop()


@pytest.fixture
def report(pytestconfig):
    """Say figures on the terminal and keep them in .clinic/logs."""
    capture = pytestconfig.pluginmanager.getplugin("capturemanager")

    def say(text):
        with capture.global_and_fixture_disabled():
            print(f"\n    {text}", flush=True)
        with place.log_path("reliability").open("a") as log:
            log.write(f"{text}\n")

    return say
