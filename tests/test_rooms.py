"""The rooms of the house: arrows run one way, and the drawn ones are the real ones."""

import ast
import os
import re

import pytest

from command import place

DOCUMENT = place.ROOT / "docs" / "architecture.md"
BEGIN, END = "<!-- rooms -->\n", "<!-- end of rooms -->"
#: Where another addon's name is an arrow: an import, an id in XML, CSV or Python, a
#: template, a file of a bundle.
KINDS = {".py", ".xml", ".csv", ".js", ".scss"}
NAMED = re.compile(
    r"(?<![\w/])(?:odoo\.addons\.|@)?(clinic_[a-z0-9_]+)(?=[./][A-Za-z_])"
)


def depends(addon):
    """What an addon's manifest asks for."""
    text = (place.ADDONS / addon / "__manifest__.py").read_text()
    return ast.literal_eval(text)["depends"]


ROOMS = {
    path.parent.name: None for path in sorted(place.ADDONS.glob("*/__manifest__.py"))
}
ROOMS = {name: [each for each in depends(name) if each in ROOMS] for name in ROOMS}


def below(addon):
    """All rooms on which one stands."""
    found = set(ROOMS[addon])
    for each in ROOMS[addon]:
        found |= below(each)
    return found


def lines_of(addon):
    """How many lines of Python a room has, its tests left out."""
    folder = place.ADDONS / addon
    return sum(
        len(path.read_text().splitlines())
        for path in folder.rglob("*.py")
        if "tests" not in path.relative_to(folder).parts
    )


def drawn():
    """The graph as Mermaid draws it, and how large the rooms are."""
    lines = [BEGIN.strip(), "", "```mermaid", "graph BT"]
    for addon, needed in ROOMS.items():
        lines += [f"    {addon} --> {each}" for each in needed]
    lines += ["```", "", "| room | lines of Python | stands on |", "|---|---|---|"]
    for addon, needed in ROOMS.items():
        size = f"{round(lines_of(addon), -2):,}"
        lines.append(f"| `{addon}` | {size} | {', '.join(needed) or 'Odoo alone'} |")
    return "\n".join([*lines, "", ""])


def arrows(text):
    """The lines of a drawing that are arrows between rooms."""
    return re.findall(r"^ +(clinic_\w+ --> clinic_\w+)$", text, re.MULTILINE)


@pytest.mark.beside
@pytest.mark.parametrize("addon", ROOMS)
def test_a_room_names_no_room_above(addon):
    """Imports, XML ids, templates and bundles lead to rooms on which it stands."""
    allowed = below(addon) | {addon}
    folder = place.ADDONS / addon
    wrong = {
        (str(path.relative_to(folder)), name)
        for path in folder.rglob("*")
        if path.suffix in KINDS and "files" not in path.parts
        for name in NAMED.findall(path.read_text())
        if name in ROOMS and name not in allowed
    }
    assert not wrong, f"{addon} stands on {sorted(allowed)}: {sorted(wrong)}"


@pytest.mark.beside
def test_the_drawing_is_the_house():
    """docs/architecture.md shows the arrows of the manifests and the rooms' sizes."""
    page = DOCUMENT.read_text()
    before, _begin, rest = page.partition(BEGIN)
    _old, _end, after = rest.partition(END)
    assert rest and _end, f"{DOCUMENT} has no place for the drawing"
    wanted = before + drawn() + END + after
    if os.environ.get("CLINIC_SCREENSHOTS") == "1":
        DOCUMENT.write_text(wanted)
        return
    assert arrows(page) == arrows(drawn()), (
        "CLINIC_SCREENSHOTS=1 ./clinic test draws it"
    )


@pytest.mark.beside
def test_the_suite_brings_every_room():
    """`-i clinic_suite` installs all, and names only rooms on which no other stands."""
    assert below("clinic_suite") == ROOMS.keys() - {"clinic_suite"}
    needed = set().union(*(below(each) for each in ROOMS["clinic_suite"]))
    assert not needed & set(ROOMS["clinic_suite"])
