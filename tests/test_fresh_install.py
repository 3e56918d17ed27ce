"""A second checkout becomes a running demo clinic with one command.

How long that takes is measured by `./clinic bench --only startup`.
"""

import re
import urllib.error
import urllib.request

import pytest
from checkout import Checkout

pytestmark = [pytest.mark.beside, pytest.mark.long]


@pytest.fixture(scope="module")
def checkout(tmp_path_factory):
    """A fresh copy of this project; what it started is stopped at the end."""
    checkout = Checkout(tmp_path_factory.mktemp("fresh") / "clinic")
    yield checkout
    checkout.remove()


def test_second_checkout(checkout):
    """Up at an address of its own, with a log-in of every role."""
    output, address = checkout.up()
    with urllib.request.urlopen(address) as answer:
        assert answer.status == 200
    assert re.search(r"^  admin +", output, re.MULTILINE)


def test_set_up_already(checkout):
    """Stopped and started again, nothing is set up anew; at the same address."""
    _output, first = checkout.up()
    assert checkout.run("stop")[0] == 0
    output, address = checkout.up()
    assert address == first
    # Nothing is done twice: every step of the set-up finds its work there.
    assert output.count("all there") >= 4, output


def test_workers_behind_nginx(checkout):
    """Prefork mode serves pages and the live connection at one address."""
    address = checkout.up("--workers", "2")[1]
    with urllib.request.urlopen(f"{address}websocket/health") as answer:
        assert answer.status == 200
    with pytest.raises(urllib.error.HTTPError, match="404"):
        urllib.request.urlopen(f"{address}web/database/manager")


def test_reset_asks(checkout):
    """Without an answer nothing is removed."""
    checkout.up()
    code, output = checkout.run("reset")
    assert code == 1
    assert "--yes" in output
    assert (checkout.folder / ".clinic" / "postgres").exists()
