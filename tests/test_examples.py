"""The examples in the docstrings of the addons' libraries are true."""

import doctest
import importlib

import pytest

from command import place

pytestmark = pytest.mark.beside

EXAMPLES = sorted(
    path
    for folder in (place.ADDONS, place.ROOT / "gateway")
    for path in folder.rglob("*.py")
    if ">>> " in path.read_text() and "tests" not in path.parts
)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_examples(path):
    """What is written behind >>> gives what is written below it."""
    inside = path.is_relative_to(place.ADDONS)
    parts = path.relative_to(place.ADDONS if inside else place.ROOT).with_suffix("")
    name = ".".join((("odoo", "addons") if inside else ()) + parts.parts)
    done = doctest.testmod(importlib.import_module(name))
    assert done.attempted
    assert not done.failed
