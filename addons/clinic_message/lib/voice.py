"""Calls that speak a text, over a small HTTP interface of a telephone exchange.

``POST {base_url}/voice/calls`` begins a call; what happens in it comes as callbacks.
The contact centre's own exchange may take its place with an adapter of its own.
"""

import json

from odoo.addons.clinic_base.lib import safe_http

from .fan_out import of_status
from .heard import Status, moment
from .http_sms import NotUnderstood, loads
from .port import Outcome

STATES = {
    "answered": "delivered",
    "key": "read",
    "no_answer": "failed",
    "busy": "failed",
    "failed": "failed",
}


class Voice:
    """One account at an exchange."""

    def __init__(self, base_url, key, sender="", timeout=10.0, own=()):
        self.base, self.key, self.sender = base_url.rstrip("/"), key, sender
        self.timeout, self.own = timeout, own

    def send(self, item):
        """Begin one call; an ``Outcome``."""
        body = {
            "to": item.address,
            "from": self.sender,
            "text": item.body,
            "lang": item.lang,
            "reference": item.uuid,
        }
        headers = {
            "Authorization": f"Bearer {self.key}",
            "Content-Type": "application/json",
            "Idempotency-Key": item.uuid,
        }
        reply = safe_http.call(
            "POST",
            f"{self.base}/voice/calls",
            headers,
            json.dumps(body).encode(),
            self.timeout,
            own=self.own,
        )
        failed = of_status(reply)
        if failed:
            return failed
        uid = loads(reply.body).get("id")
        if not uid:
            return Outcome("ambiguous", failure="answer", error="no number was given")
        return Outcome("accepted", uid=str(uid)[:200])


def hear(body):
    """Read a callback: a list of ``Status``, and the key that was pressed.

    :raises NotUnderstood: it is no callback about a call
    """
    data = loads(body)
    if not isinstance(data, dict) or not data.get("id") or "status" not in data:
        raise NotUnderstood("no call")
    word = str(data["status"])
    state = STATES.get(word)
    if not state:
        return [], ""
    status = Status(
        str(data["id"])[:200],
        state,
        str(data["reference"])[:64] if data.get("reference") else None,
        moment(data.get("time")),
        detail=word if state == "failed" else None,
    )
    return [status], str(data.get("key") or "")[:1] if word == "key" else ""
