"""Registry of the checkers of personal tax codes, by ISO country code.

A checker is a module, or any object, with the five functions of
:mod:`.codice_fiscale`: ``looks_like``, ``validate``, ``base``, ``mismatches`` and
``variants``. An addon for another country calls :func:`register` when it is imported.
"""

import re

from . import codice_fiscale
from .tax_code_result import InvalidTaxCode

__all__ = ["InvalidTaxCode", "base", "compact", "find_checker", "register"]

_CHECKERS = {"IT": codice_fiscale}
_SEPARATORS = re.compile(r"[\s.\-/]+")


def register(country_code, checker):
    """Use ``checker`` for the codes of the country with this ISO code."""
    _CHECKERS[country_code.upper()] = checker


def compact(code):
    """Return ``code`` in capital letters without blanks and separators."""
    return _SEPARATORS.sub("", code or "").upper()


def find_checker(code, country_code=None):
    """Return the checker for ``code``, or None when no country claims it.

    :param country_code: where the clinic works; its checker, if there is one, has the
        word. Otherwise the first one that recognises the shape of the code.
    """
    checker = _CHECKERS.get((country_code or "").upper())
    if checker:
        return checker
    code = compact(code)
    return next((c for c in _CHECKERS.values() if c.looks_like(code)), None)


def base(code, country_code=None):
    """Return the one spelling under which all variants of ``code`` are equal."""
    code = compact(code)
    checker = code and find_checker(code, country_code)
    return checker.base(code) if checker else code
