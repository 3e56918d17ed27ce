"""A generic SMS gateway over HTTP: what differs between them is data.

A configuration is a dictionary (see ``http_sms_presets``):

``method``, ``url``, ``headers``, ``query``, ``fields``
    the request; words in braces are filled in: ``{to} {sender} {text} {uuid} {user}
    {key} {base_url} {callback} {coding}``
``body``       ``json`` (default), ``form`` or ``none``
``number``     ``plus`` (+39…), ``digits`` (39…) or ``zeros`` (0039…)
``answer``     paths into the JSON answer: ``uid``, ``error``, ``price``, ``segments``;
               or a ``pattern`` (regular expression) with groups ``uid`` and ``error``
``permanent``, ``temporary``  codes of errors that stay, and that pass
``receipt``    ``when``, ``uid``, ``uuid``, ``status``, ``error``, ``time``, ``price``
``inbound``    ``when``, ``uid``, ``from``, ``text``, ``time``
``states``     their word for a status → ours
``signature``  ``header`` and ``prefix``
``poll``       ``url`` with ``{uid}``, ``list``, and paths as in ``receipt``
``reply``      what their callback wants to be answered
"""

import json
import re
from urllib.parse import parse_qsl, urlencode, urlsplit

from . import safe_http, sms_text
from .fan_out import of_status, retry_after
from .heard import Inbound, Status, moment
from .port import Outcome

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


class HttpSms:
    """One gateway with one account.

    :param dict config: see the module
    :param dict values: ``base_url``, ``sender``, ``user``, ``key``, ``callback``
    :param own: ``host:port`` words of hosts inside that may be called
    """

    def __init__(self, config, values, timeout=10.0, own=()):
        self.config, self.values = config, values
        self.timeout, self.own = timeout, own

    def call(self, part, values):
        """Make a request of the configuration."""
        url = self.address(part["url"], values)
        query = fill(part.get("query") or {}, values)
        if query:
            url += ("&" if "?" in url else "?") + urlencode(query)
        headers = fill(part.get("headers") or {}, values)
        body = None
        fields = fill(part.get("fields") or {}, values)
        if part.get("body", "json") == "json" and fields:
            body = json.dumps(fields).encode()
            headers.setdefault("Content-Type", "application/json")
        elif part.get("body") == "form":
            body = urlencode(fields).encode()
            headers.setdefault("Content-Type", "application/x-www-form-urlencoded")
        return safe_http.call(
            part.get("method", "POST"),
            url,
            {name: header(value) for name, value in headers.items()},
            body,
            self.timeout,
            own=self.own,
        )

    def address(self, template, values):
        """The address of a request: what is filled in cannot lead elsewhere."""
        base = str(values.get("base_url") or "").rstrip("/")
        url = fill(template, {**values, "base_url": base})
        wanted = urlsplit(fill(template.split("?")[0], {"base_url": base})).netloc
        if urlsplit(url).netloc != wanted:
            raise safe_http.Forbidden("no address")
        return url

    def send(self, item):
        """Send one message; an ``Outcome``."""
        wide = sms_text.encoding(item.body) == "ucs2"
        values = self.values | {
            "to": number(item.address, self.config.get("number", "plus")),
            "sender": self.values.get("sender") or item.extra.get("sender", ""),
            "text": item.body,
            "uuid": item.uuid,
            "coding": 8 if wide else 0,
            "kannel_coding": 2 if wide else 0,
        }
        return self.read_answer(self.call(self.config, values), item)

    def read_answer(self, reply, item):
        """Put an answer into an ``Outcome``."""
        rules = self.config.get("answer") or {}
        uid, error, data = read(reply.body, rules)
        failed = of_status(reply)
        if reply.status == 429 or (failed and not error):
            return failed
        if error and str(error) not in ("0", "None", "False", "OK"):
            return self.refusal(str(error), failed, reply)
        if not uid:
            return Outcome("ambiguous", failure="answer", error="no number was given")
        if rules.get("own_uid"):
            uid = item.uuid
        price, parts = pick(data, rules.get("price")), pick(data, rules.get("segments"))
        return Outcome(
            "accepted",
            uid=str(uid)[:200],
            price=as_float(price),
            segments=int(as_float(parts) or 0) or sms_text.segments(item.body),
        )

    def refusal(self, code, failed, reply):
        """The outcome of an error with a code."""
        words = f"the gateway answered {code[:60]}"
        if code in map(str, self.config.get("temporary", ())):
            return Outcome(
                "retry",
                failure=code[:60],
                error=words,
                retry_after=retry_after(reply, 0),
            )
        if code in map(str, self.config.get("permanent", ())) or not failed:
            return Outcome("refused", failure=code[:60], error=words)
        return failed._replace(failure=code[:60], error=words)

    def poll(self, uid):
        """Ask what became of a message; a list of ``Status``.

        :raises NotSent: the gateway does not answer such questions now
        """
        rules = self.config.get("poll")
        if not rules:
            return []
        values = {**self.values, "uid": uid}
        reply = self.call({"method": "GET", "body": "none", **rules}, values)
        if reply.status in (401, 403, 429) or reply.status >= 500:
            raise safe_http.NotSent(f"HTTP {reply.status}")
        if not 200 <= reply.status < 300:
            return []
        data = loads(reply.body)
        rows = pick(data, rules["list"]) if rules.get("list") else [data]
        found = [self.status(row, rules) for row in rows or ()]
        return [status for status in found if status]

    def hear(self, body, content_type, query=None):
        """Read a callback: a list of ``Status`` and ``Inbound``.

        :raises NotUnderstood: it is not in the form that was agreed
        """
        data = parse(body, content_type) if body else dict(query or {})
        rows = data if isinstance(data, list) else [data]
        heard = []
        for row in rows[:1000]:
            if not isinstance(row, dict):
                raise NotUnderstood("no fields")
            event = self.event(row)
            if event is None:
                raise NotUnderstood("neither a receipt nor a message")
            heard += [event] if event else []
        return heard

    def event(self, row):
        """One receipt or message; ``None`` when it is neither, ``()`` without news."""
        inbound = self.config.get("inbound") or {}
        if inbound and matches(row, inbound.get("when")):
            sender, text = pick(row, inbound["from"]), pick(row, inbound["text"])
            if not sender or not isinstance(text, str):
                return None
            return Inbound(
                str(pick(row, inbound["uid"]) or "")[:200],
                str(sender)[:60],
                text,
                moment(pick(row, inbound.get("time"))),
            )
        receipt = self.config.get("receipt") or {}
        if receipt and matches(row, receipt.get("when")):
            if pick(row, receipt["uid"]) is None and not receipt.get("uuid"):
                return None
            return self.status(row, receipt) or ()
        return None

    def status(self, row, rules):
        """A status as we call it; ``None`` for a word that says nothing to us."""
        state = (self.config.get("states") or {}).get(str(pick(row, rules["status"])))
        uid, uuid = pick(row, rules["uid"]), pick(row, rules.get("uuid"))
        if not state or not (uid or uuid):
            return None
        code = str(pick(row, rules.get("error")) or "")[:60] or None
        return Status(
            str(uid or "")[:200],
            state,
            str(uuid)[:64] if uuid else None,
            moment(pick(row, rules.get("time"))),
            code if state == "failed" else None,
            code if state == "failed" else None,
            as_float(pick(row, rules.get("price"))),
        )


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
