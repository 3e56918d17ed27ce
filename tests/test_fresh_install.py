"""A second checkout becomes a running demo clinic with one command."""

import re
import time
import urllib.error
import urllib.request

import pytest
from checkout import Checkout


@pytest.fixture(scope="module")
def checkout(tmp_path_factory):
    """A fresh copy of this project; what it started is stopped at the end."""
    checkout = Checkout(tmp_path_factory.mktemp("fresh") / "clinic")
    yield checkout
    checkout.remove()


def up(checkout, *options):
    """Run `up --detach`; (seconds, output, address)."""
    started = time.monotonic()
    code, output = checkout.run("up", "--detach", *options)
    assert code == 0, output
    return (
        time.monotonic() - started,
        output,
        re.search(r"Site: +(http://\S+)", output)[1],
    )


@pytest.mark.slow
def test_second_checkout(checkout):
    """Up within 90 s, at an address of its own, with a log-in of every role."""
    seconds, output, address = up(checkout)
    with urllib.request.urlopen(address) as answer:
        assert answer.status == 200
    assert re.search(r"^  admin +", output, re.MULTILINE)
    assert seconds < 90, output


@pytest.mark.slow
def test_set_up_already(checkout):
    """Stopped and started again in at most 15 s, at the same address."""
    first = up(checkout)[2]
    assert checkout.run("stop")[0] == 0
    seconds, output, address = up(checkout)
    assert address == first
    assert seconds < 15, output


@pytest.mark.slow
def test_workers_behind_nginx(checkout):
    """Prefork mode serves pages and the live connection at one address."""
    address = up(checkout, "--workers", "2")[2]
    with urllib.request.urlopen(f"{address}websocket/health") as answer:
        assert answer.status == 200
    with pytest.raises(urllib.error.HTTPError, match="404"):
        urllib.request.urlopen(f"{address}web/database/manager")


@pytest.mark.slow
def test_reset_asks(checkout):
    """Without an answer nothing is removed."""
    up(checkout)
    code, output = checkout.run("reset")
    assert code == 1
    assert "--yes" in output
    assert (checkout.folder / ".clinic" / "postgres").exists()
