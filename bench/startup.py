"""From a checkout to a running demo clinic: for the first time, and again."""

import tempfile
import time
from pathlib import Path

from checkout import Checkout
from lab import Result, say


def measure():
    """A second checkout with the downloads there, then the same once more."""
    with tempfile.TemporaryDirectory() as folder:
        checkout = Checkout(Path(folder) / "clinic")
        try:
            for words, bound in (
                ("a second checkout, until the demo clinic answers", 90),
                ("the same, set up already", 15),
            ):
                say(f"{words} …")
                began = time.perf_counter()
                checkout.up()
                took = time.perf_counter() - began
                yield Result(
                    words, "", "", "", f"{took:.0f} s", took, f"<= {bound}", "seconds"
                )
                assert checkout.run("stop")[0] == 0
        finally:
            checkout.remove()
