"""To whom letters of a batch are addressed. Plain Python, no Odoo."""

from typing import NamedTuple


class Recipient(NamedTuple):
    """Somebody who gets a letter.

    :param str name: as it stands on the envelope
    :param str family: family name, to address a household
    :param tuple address: lines below the name, in order; empty if there is none
    """

    name: str
    family: str
    address: tuple


def same_place(address):
    """The address as it is compared: no case, no signs, no double blanks."""
    text = " ".join(address).casefold()
    return "".join(char if char.isalnum() else " " for char in text).split()


def households(recipients, words):
    """Join those of one family name at one address into one letter.

    :param recipients: list of :class:`Recipient`, in order
    :param words: function that turns a family name into the words on the envelope
    :returns: list of :class:`Recipient`; a household stands where its first member was
    """
    groups = {}
    for recipient in recipients:
        key = (recipient.family.casefold(), *same_place(recipient.address))
        groups.setdefault(key, []).append(recipient)
    return [
        members[0]
        if len(members) == 1
        else members[0]._replace(name=words(members[0].family))
        for members in groups.values()
    ]


def sheets(recipients, columns, rows, first=1):
    """Lay labels out on sheets.

    :param int first: number of the first free label of the first sheet, from 1
    :returns: list of sheets, each a list of rows of :class:`Recipient` or ``None``
    """
    cells = [None] * (first - 1) + list(recipients)
    size = columns * rows
    cells += [None] * (-len(cells) % size)
    return [
        [
            cells[start + columns * row : start + columns * (row + 1)]
            for row in range(rows)
        ]
        for start in range(0, len(cells), size)
    ]
