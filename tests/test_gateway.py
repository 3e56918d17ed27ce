"""The demo gateway by itself: its telephones in a browser, its speed, its manners."""

import smtplib
import threading
import time
import urllib.error
import urllib.request

import pytest

pytestmark = pytest.mark.beside

SMS = {"Authorization": "Bearer key"}
PHONE = "+393331234567"


def send(gateway, text, number=0):
    """Give the gateway one SMS."""
    values = {"to": PHONE, "from": "Clinic", "text": text, "reference": f"{number}"}
    return gateway.ask("/sms/send", values, **SMS)


def test_a_telephone_in_the_browser(gateway, browser, screenshot, axe):
    """What is sent appears by itself; what is typed is there to be told."""
    browser.allow("Blocked script execution")
    page = browser.page()
    gateway.control(
        "phones",
        people={PHONE: {"name": "Anna Verdi", "addresses": ["anna@mail.example"]}},
    )
    gateway.control(
        "accounts", channel="sms", key="key", callback="http://127.0.0.1:9/"
    )
    page.goto(gateway.url)
    page.get_by_text("Anna Verdi").first.click()
    page.get_by_text("Nothing here yet.").wait_for()
    send(gateway, "Your visit is tomorrow. <b>Come</b>")
    bubble = page.locator(".bubble").first
    bubble.wait_for()
    assert "<b>Come</b>" in bubble.inner_text()
    page.locator(".tick.delivered").wait_for()
    with smtplib.SMTP("127.0.0.1", gateway.smtp_port) as mails:
        mails.sendmail(
            "clinic@mail.example",
            ["anna@mail.example"],
            "Subject: Hello\nContent-Type: text/html\n\n"
            "<p>Dear Anna</p><script>parent.document.title = 'run'</script>",
        )
    page.frame_locator(".bubble iframe").get_by_text("Dear Anna").wait_for()
    page.select_option("#channel", "sms")
    page.fill("#text", "Yes, thank you")
    page.press("#text", "Enter")
    page.locator(".bubble.mine").wait_for()
    assert page.title() == "Telephones of the demo clinic"
    assert not axe(page)
    screenshot(page, "test-telephones")


def test_the_script_of_a_mail_does_not_run(gateway, browser):
    """Opened alone, a mail is a page that may do nothing."""
    with smtplib.SMTP("127.0.0.1", gateway.smtp_port) as mails:
        mails.sendmail(
            "clinic@mail.example",
            ["anna@mail.example"],
            "Content-Type: text/html\n\n"
            "<p>Hello</p><script>document.title = 'run'</script>",
        )
    message = gateway.ask("/api/phones/anna@mail.example")["messages"][0]
    browser.allow("Blocked script execution")
    browser.allow("Content Security Policy")
    page = browser.page()
    page.goto(f"{gateway.url}/api/mail/{message['id']}")
    assert page.title() != "run"


def test_other_pages_do_not_reach_it(gateway):
    """A page of another site can neither read nor steer it."""
    for headers in (
        {"Host": "evil.example"},
        {"Sec-Fetch-Site": "cross-site"},
    ):
        request = urllib.request.Request(f"{gateway.url}/api/phones", headers=headers)
        with pytest.raises(urllib.error.HTTPError) as caught:
            urllib.request.urlopen(request, timeout=10)
        assert caught.value.code == 403


def test_repeats_and_limits(gateway):
    """The same key is the same message; above the limit there is 429."""
    first, again = send(gateway, "Hello", 1), send(gateway, "Hello", 1)
    assert first["id"] == again["id"]
    gateway.control(channel="sms", honour_keys=False)
    assert send(gateway, "Hello", 1)["id"] != first["id"]
    gateway.control(channel="sms", limit=0.001)
    send(gateway, "Hello", 2)
    with pytest.raises(urllib.error.HTTPError) as caught:
        send(gateway, "Hello", 3)
    assert caught.value.code == 429


def test_it_is_remembered(gateway, tmp_path):
    """What came before a restart is on the telephone after it."""
    from gateway.program import Gateway

    first = Gateway(folder=tmp_path)
    first.store.put_account({"key": "key", "sender": "Clinic"})
    second = None
    try:
        request = urllib.request.Request(
            f"{first.url}/sms/send",
            b'{"to": "+393331234567", "text": "Hello"}',
            {"Content-Type": "application/json", **SMS},
        )
        urllib.request.urlopen(request, timeout=10).close()
        first.stop()
        second = Gateway(folder=tmp_path)
        texts = [message.text for message in second.store.messages.values()]
        assert texts == ["Hello"]
        assert second.store.account("key", "sms").sender == "Clinic"
    finally:
        if second:
            second.stop()


def test_how_many_it_takes(gateway, report):
    """A figure for the bench: messages a second over kept connections."""
    import http.client

    each, threads = 250, 4

    def run(name):
        connection = http.client.HTTPConnection("127.0.0.1", gateway.port)
        for number in range(each):
            connection.request(
                "POST",
                "/sms/send",
                f'{{"to": "{PHONE}", "text": "Hi", "reference": "{name}-{number}"}}',
                {"Content-Type": "application/json", **SMS},
            )
            connection.getresponse().read()
        connection.close()

    workers = [threading.Thread(target=run, args=(name,)) for name in range(threads)]
    began = time.perf_counter()
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    seconds = time.perf_counter() - began
    report(f"demo gateway: {each * threads / seconds:.0f} SMS a second taken")
    assert gateway.store.counts["sms.out"] == each * threads
