"""Texts that a spreadsheet program must not take for formulas. No Odoo."""

import re

#: What makes a cell a formula, a command or a surprise when it comes first.
_RISKY = ("=", "+", "-", "@", "\t", "\r", "\0")
#: Control characters that XML forbids, hence XLSX too.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_BLANKS = " \n\u00a0\ufeff"


def is_risky(text):
    """Whether a program that opens ``text`` as a cell may run it."""
    return text.lstrip(_BLANKS).startswith(_RISKY)


def for_csv(text):
    """Return ``text`` with an apostrophe in front where it could be run."""
    return f"'{text}" if is_risky(text) else text


def for_xlsx(text):
    """Return ``text`` without the characters that no XLSX file may hold."""
    return _FORBIDDEN.sub("", text)


def clean_json(value):
    """Return JSON in which every text is safe in a cell."""
    if isinstance(value, str):
        return for_csv(for_xlsx(value))
    if isinstance(value, list):
        return [clean_json(each) for each in value]
    if isinstance(value, dict):
        return {key: clean_json(each) for key, each in value.items()}
    return value
