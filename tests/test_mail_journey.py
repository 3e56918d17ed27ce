"""E-mail both ways over real sockets: out by SMTP, back by POP3, as Odoo fetches it."""

import time

import pytest

ADDRESS = "anna.mail@example.com"
#: Seconds until a scheduled action of the site has sent what waits.
PATIENCE = 60


@pytest.fixture
def letters(site, gateway):
    """A clinic whose mails go through the demo gateway; the incoming server's id."""
    gateway.control("accounts", channel="email", key="mail", sender="Clinic")
    with site.env() as env:
        env.company.email = "clinic@example.com"
        servers = env["ir.mail_server"]
        servers.search([]).active = False
        servers.create(
            {
                "name": "Gateway",
                "smtp_host": "127.0.0.1",
                "smtp_port": gateway.smtp_port,
                "smtp_encryption": "none",
            }
        )
        incoming = env["fetchmail.server"].create(
            {
                "name": "Gateway",
                "server_type": "pop",
                "server": "127.0.0.1",
                "port": gateway.pop_port,
                "user": "clinic",
                "password": "any",
                "state": "done",
            }
        )
        # The test fetches; Odoo's own clock would hold the letter box meanwhile.
        env.ref("mail.ir_cron_mail_gateway_action").active = False
        env["res.partner"].create(
            {
                "is_patient": True,
                "family_name": "Posta",
                "given_name": "Anna",
                "email": ADDRESS,
            }
        )
        return incoming.id


def write(site, step):
    """A message to Anna; its number when it has left."""
    with site.env() as env:
        anna = env["res.partner"].search([("email", "=", ADDRESS)])
        message = env["clinic.message"]._queue(
            "direct", anna, step=step, channel="email", body=f"Dear Anna, {step}."
        )
        number = message.id
    for _try in range(PATIENCE * 5):
        ((state,),) = site.sql("SELECT state FROM clinic_message WHERE id = %s", number)
        if state not in ("queued", "claimed"):
            return number, state
        time.sleep(0.2)
    return pytest.fail(f"it is still {state}")


def fetch(site, incoming):
    """Odoo fetches the letter box, as its scheduled action does."""
    with site.env() as env:
        failed = env["fetchmail.server"].browse(incoming)._fetch_mail()
        assert failed is None


@pytest.mark.slow
def test_a_letter_and_its_answer(site, gateway, letters):
    """MSG-02, MSG-05: a letter leaves, the patient answers on the telephone, Odoo
    fetches the answer, and it stands in the inbox; one that cannot be delivered comes
    back as a bounce with its reason."""
    number, state = write(site, "see you on Monday")
    assert state == "sent"
    gateway.ask(f"/api/phones/{ADDRESS}", {"channel": "email", "text": "I will come"})
    fetch(site, letters)
    fetch(site, letters)
    with site.env() as env:
        message = env["clinic.message"].browse(number)
        answers = env["clinic.message"].search(
            [("direction", "=", "in"), ("address", "=", ADDRESS)]
        )
        assert answers.mapped("body") == ["I will come"]
        assert answers.reply_to_id == message
        assert (message.state, answers.inbox_state) == ("replied", "new")

    gateway.control(channel="email", undelivered=100)
    number, state = write(site, "one that comes back")
    fetch(site, letters)
    with site.env() as env:
        message = env["clinic.message"].browse(number)
        assert (message.state, message.failure_type) == ("bounced", "5.1.1")
        assert "no such mailbox" in message.error
