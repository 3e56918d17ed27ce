"""A telephone exchange that calls, reads a text and takes keys.

``POST /voice/calls``   to, from, text, keys («1 confirms»), reference; events come
to the callback: ringing, answered, key, finished, no_answer. On the telephone's page
the call can be taken and keys pressed; a number marked absent never answers.
"""

import json
import time

from .courier import Letter
from .sms import clean_number
from .store import Message, new_id
from .web import Answer, Refused


def answer(gateway, request):
    """The routes under /voice."""
    account = gateway.store.account(request.bearer(), "voice")
    if not account:
        raise Refused(401, {"error": {"code": "unauthorized"}})
    if request.method == "POST" and request.parts[1:] == ["calls"]:
        return call(gateway, request, account)
    if request.method == "GET" and len(request.parts) == 3:
        message = gateway.store.find(request.parts[2])
        if message and message.account == account.key:
            return Answer(describe(message))
    return Answer({"error": {"code": "not_found"}}, 404)


def call(gateway, request, account):
    """Begin a call."""
    values = request.values()
    fate = gateway.meet("voice")
    if isinstance(fate, Answer):
        return fate
    phone = clean_number(values.get("to"))
    if fate == "refuse":
        raise Refused(422, {"error": {"code": "invalid_number"}})
    key = request.headers.get("Idempotency-Key") or str(values.get("reference") or "")
    message = Message(
        id=new_id("call-"),
        channel="voice",
        direction="out",
        phone=phone,
        clinic=str(values.get("from") or account.sender),
        text=str(values.get("text") or ""),
        account=account.key,
        key=key if gateway.fate.of("voice").honour_keys else "",
        extra={"reference": str(values.get("reference") or ""), "call": "ringing"},
    )
    message, fresh = gateway.store.add(message)
    if fresh:
        event(gateway, message, "ringing")
        seconds = gateway.fate.of("voice").travel / 1000
        absent = gateway.store.flag(phone, "absent")
        missed = absent or gateway.fate.happens("voice", "undelivered")
        # A call that nobody takes on the page is taken by itself after a while.
        gateway.courier.later(seconds, finish, gateway, message, not missed)
    if fate == "lose":
        return gateway.lose("voice")
    return Answer(describe(message), 202)


def describe(message):
    """A call as the exchange speaks of it."""
    return {
        "id": message.id,
        "reference": message.extra["reference"],
        "status": message.extra["call"],
        "key": message.extra.get("pressed", ""),
    }


def finish(gateway, message, taken):
    """The call was taken, or it was not."""
    if message.extra["call"] != "ringing":
        return
    if taken:
        press(gateway, message, "")
    else:
        gateway.store.lift(message, "failed", "no_answer")
        event(gateway, message, "no_answer")


def press(gateway, message, key):
    """The person takes the call; a key may be pressed, then it ends."""
    if message.extra["call"] == "ringing":
        gateway.store.lift(message, "delivered")
        event(gateway, message, "answered")
    if key:
        message.extra["pressed"] = key
        event(gateway, message, "key")
    event(gateway, message, "finished")


def event(gateway, message, name):
    """Something happened in a call: note it and tell the clinic."""
    message.extra["call"] = name
    gateway.store.touch(message)
    account = gateway.store.account(message.account, "voice")
    body = describe(message) | {"type": "call", "time": int(time.time())}
    gateway.courier.post(
        Letter(
            account.callback,
            json.dumps(body).encode(),
            "application/json",
            "voice",
            account.secret,
        )
    )
