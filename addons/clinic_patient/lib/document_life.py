"""Documents of patients: what kinds there are, and the life of one."""

import re

from lxml import html

KINDS = [
    ("contract", "Contract"),
    ("consent", "Informed consent"),
    ("act", "Act of services done"),
    ("certificate", "Certificate"),
    ("privacy", "Privacy notice"),
    ("title", "Title page of the card"),
    ("other", "Other"),
]

STATES = [("issued", "Issued"), ("signed", "Signed"), ("void", "Void")]

#: ``{from: states that may follow}``
TRANSITIONS = {"issued": {"signed", "void"}, "signed": {"void"}, "void": set()}

#: What the patient sees in the portal.
SHOWN = ("issued", "signed")

#: A line to write on by hand.
BLANK = re.compile(r"[_＿]{4,}|[.…]{8,}")


def has_blanks(body):
    """Whether a paper still has room to be written on: a line, or an empty cell.

    :param str body: HTML
    """
    if not body or not str(body).strip():
        return True
    tree = html.fromstring(f"<div>{body}</div>")
    if BLANK.search(tree.text_content()):
        return True
    return any(
        not cell.text_content().strip() and cell.find(".//img") is None
        for cell in tree.iter("td")
    )
