"""A generic SMS gateway over HTTP: what differs between them is data.

A configuration is a dictionary (see ``http_sms_presets``):

``method``, ``url``, ``headers``, ``query``, ``fields``
    the request; words in braces are filled in: ``{to} {sender} {text} {uuid} {user}
    {key} {base_url} {callback} {coding}``
    besides those of ``values``; ``{template} {parameters} {parameter_map}`` of a text
    that the provider approved, ``{basic}`` user and key for ``Authorization: Basic``
``values``     more words in braces, such as the number of a channel
``body``       ``json`` (default), ``form`` or ``none``
``by_purpose`` fields for messages of one purpose: filters of news and offers
``sign``       how a request is signed, see ``http_sms_sign``
``approved_only``  only texts with an approved name are taken
``number``     ``plus`` (+39…), ``digits`` (39…) or ``zeros`` (0039…)
``answer``     paths into the JSON answer: ``uid``, ``error``, ``price``, ``segments``;
               ``good``, codes that are no errors;
               or a ``pattern`` (regular expression) with groups ``uid`` and ``error``
``permanent``, ``temporary``  codes of errors that stay, and that pass
``receipt``    ``when``, ``uid``, ``uuid``, ``status``, ``error``, ``time``, ``price``
``inbound``    ``when``, ``uid``, ``from``, ``text``, ``time``; ``country``, the code
               that senders leave out
``states``     their word for a status → ours
``signature``  ``header`` and ``prefix``
``poll``       ``url`` with ``{uid}``, ``list``, and paths as in ``receipt``
``reply``      what their callback wants to be answered
"""

import base64
import json
from urllib.parse import urlencode, urlsplit

from odoo.addons.clinic_base.lib import safe_http

from . import sms_text
from .fan_out import of_status, retry_after
from .heard import Inbound, Status, moment
from .http_sms_data import (
    NotUnderstood,
    as_float,
    fill,
    header,
    loads,
    matches,
    number,
    parse,
    pick,
    read,
)
from .http_sms_sign import SIGNERS
from .port import Outcome

__all__ = ["HttpSms", "NotUnderstood"]


def basic(values):
    """User and key as HTTP's basic authentication wants them."""
    words = f"{values.get('user') or ''}:{values.get('key') or ''}"
    return base64.b64encode(words.encode()).decode()


class HttpSms:
    """One gateway with one account.

    :param dict config: see the module
    :param dict values: ``base_url``, ``sender``, ``user``, ``key``, ``callback``
    :param own: ``host:port`` words of hosts inside that may be called
    """

    def __init__(self, config, values, timeout=10.0, own=()):
        self.config = config
        self.values = {**(config.get("values") or {}), **values}
        self.timeout, self.own = timeout, own

    def call(self, part, values):
        """Make a request of the configuration."""
        url = self.address(part["url"], values)
        query = fill(part.get("query") or {}, values)
        headers = fill(part.get("headers") or {}, values)
        body = None
        fields = fill(part.get("fields") or {}, values)
        if part.get("sign"):
            query, more = SIGNERS[part["sign"]](part, query, values)
            headers |= more
        if query:
            url += ("&" if "?" in url else "?") + urlencode(query)
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
        config = self.config
        if config.get("approved_only") and not item.template_name:
            words = "the text has no name under which the provider approved it"
            return Outcome("refused", failure="not_approved", error=words)
        wide = sms_text.encoding(item.body) == "ucs2"
        values = self.values | {
            "to": number(item.address, config.get("number", "plus")),
            "template": item.template_name,
            "parameters": json.dumps(item.parameters, ensure_ascii=False),
            "parameter_map": json.dumps(
                {f"p{place}": text for place, text in enumerate(item.parameters, 1)},
                ensure_ascii=False,
            ),
            "basic": basic(self.values),
            "sender": self.values.get("sender") or item.extra.get("sender", ""),
            "text": item.body,
            "uuid": item.uuid,
            "coding": 8 if wide else 0,
            "kannel_coding": 2 if wide else 0,
        }
        filters = (config.get("by_purpose") or {}).get(item.extra.get("purpose"), {})
        part = {**config, "fields": {**(config.get("fields") or {}), **filters}}
        return self.read_answer(self.call(part, values), item)

    def read_answer(self, reply, item):
        """Put an answer into an ``Outcome``."""
        rules = self.config.get("answer") or {}
        uid, error, data = read(reply.body, rules)
        failed = of_status(reply)
        if reply.status == 429 or (failed and not error):
            return failed
        good = ("0", "None", "False", "OK", *rules.get("good", ()))
        if error and str(error) not in good:
            return self.refusal(str(error), failed, reply)
        if uid in (None, "", False):
            return Outcome("ambiguous", failure="answer", error="no number was given")
        if rules.get("own_uid"):
            uid = item.uuid
        price, parts = pick(data, rules.get("price")), pick(data, rules.get("segments"))
        return Outcome(
            "accepted",
            # Whatever stands there: `port.usable` drops what is no number.
            uid=uid,
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
        values = {**self.values, "uid": uid, "basic": basic(self.values)}
        reply = self.call({"method": "GET", "body": "none", **rules}, values)
        if reply.status in (401, 403, 429) or reply.status >= 500:
            raise safe_http.NotSent(f"HTTP {reply.status}")
        if not 200 <= reply.status < 300:
            return []
        data = loads(reply.body)
        rows = pick(data, rules["list"]) if rules.get("list") else data
        rows = rows if isinstance(rows, list) else [rows]
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
            country, digits = inbound.get("country", ""), str(sender).lstrip("+0")
            if country and not digits.startswith(country):
                sender = f"+{country}{digits}"
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
