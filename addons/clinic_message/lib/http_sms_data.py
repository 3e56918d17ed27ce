"""Reading and filling in what gateways over HTTP send and want: plain data."""

import json
import re
from urllib.parse import parse_qsl

WORD = re.compile(r"\{(\w+)\}")


class NotUnderstood(ValueError):
    """What came in is not in the form that was agreed."""


def fill(template, values):
    """Put values into the words in braces, however deep they stand.

    >>> fill({"to": ["{to}"], "n": 1}, {"to": "+39"})
    {'to': ['+39'], 'n': 1}
    """
    if isinstance(template, str):
        return WORD.sub(lambda found: str(values.get(found[1], found[0])), template)
    if isinstance(template, dict):
        return {key: fill(part, values) for key, part in template.items()}
    if isinstance(template, (list, tuple)):
        return [fill(part, values) for part in template]
    return template


def pick(data, path):
    """What stands at a path such as ``result.0.id``; ``None`` when nothing does.

    >>> pick({"a": [{"b": 5}]}, "a.0.b"), pick({"a": 1}, "a.b"), pick([], "9")
    (5, None, None)
    """
    if not path:
        return None
    for name in path.split("."):
        if isinstance(data, dict):
            data = data.get(name)
        elif isinstance(data, list) and name.isdigit() and int(name) < len(data):
            data = data[int(name)]
        else:
            return None
    return data


def number(address, form):
    """A number as the gateway wants it.

    >>> number("+39333", "digits"), number("+39333", "zeros"), number("+39333", "plus")
    ('39333', '0039333', '+39333')
    """
    digits = address.lstrip("+")
    return {"digits": digits, "zeros": f"00{digits}"}.get(form, f"+{digits}")


def matches(row, when):
    """Whether a callback is of a kind: its fields have these values, or are there.

    >>> matches({"a": 1}, {"a": "1"}), matches({"a": 1}, {"b": "*"}), matches({}, None)
    (True, False, True)
    """
    return all(
        pick(row, path) is not None if value == "*" else str(pick(row, path)) == value
        for path, value in (when or {}).items()
    )


def read(body, rules):
    """``(uid, error, data)`` of an answer."""
    if rules.get("pattern"):
        found = re.search(rules["pattern"], body.decode("utf-8", "replace"))
        groups = found.groupdict() if found else {}
        return groups.get("uid"), groups.get("error"), {}
    data = loads(body)
    return pick(data, rules.get("uid")), pick(data, rules.get("error")), data


def loads(body):
    """JSON, or an empty dictionary."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return {}


def parse(body, content_type):
    """The content of a callback.

    :raises NotUnderstood: neither JSON nor a form
    """
    try:
        if "json" in (content_type or ""):
            return json.loads(body)
        return dict(parse_qsl(body.decode("utf-8"), max_num_fields=100))
    except (ValueError, RecursionError):
        raise NotUnderstood("neither JSON nor a form") from None


def header(value):
    """A header's value on one line, in characters that headers know."""
    words = str(value).replace("\r", " ").replace("\n", " ")
    return words.encode("latin-1", "replace").decode("latin-1")


def as_float(value):
    """A number, or ``None``."""
    try:
        return float(value)
    except (TypeError, ValueError):
        return None
