"""An HTTP SMS gateway, of the common kind.

``POST /sms/send``            JSON or form: to, from, text, reference, callback
``GET /sms/status/<id>``      what became of a message; ``?reference=`` by the client's
receipts                      POSTed to the callback, signed with HMAC-SHA256

The key is a bearer token (or ``api_key`` in a form). ``Idempotency-Key``, or the
reference, makes a repeat harmless while the switch ``honour_keys`` is on.
"""

import json
import re
import time
import urllib.parse

from .courier import Letter
from .store import Message, new_id
from .web import Answer, Refused

BASIC = set(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENDED = set("^{}\\[~]|€\f")
PRICE = 0.04
NUMBER = re.compile(r"\+?[1-9]\d{5,14}")


def parts(text):
    """How many SMS a text takes, counted as a network does: part by part."""
    if set(text) <= BASIC | EXTENDED:
        units = [2 if char in EXTENDED else 1 for char in text]
        single, many = 160, 153
    else:
        units = [len(char.encode("utf-16-be")) // 2 for char in text]
        single, many = 70, 67
    if sum(units) <= single:
        return 1
    count, room = 1, many
    for unit in units:
        if unit > room:
            count, room = count + 1, many
        room -= unit
    return count


def clean_number(number):
    """A number as telephones are known here: + and digits."""
    digits = re.sub(r"[\s()./-]", "", str(number or ""))
    if digits.startswith("00"):
        digits = digits[2:]
    if not NUMBER.fullmatch(digits):
        raise Refused(
            400, {"error": {"code": "invalid_number", "message": "not a number"}}
        )
    return "+" + digits.lstrip("+")


def answer(gateway, request):
    """The routes under /sms."""
    if request.parts[1:] == ["send"] and request.method == "POST":
        return send(gateway, request)
    if request.parts[1:2] == ["status"]:
        return status(gateway, request)
    return Answer({"error": {"code": "not_found"}}, 404)


def known(gateway, request, values=None):
    """The account of the caller."""
    key = request.bearer() or (values or request.query).get("api_key", "")
    account = gateway.store.account(key, "sms")
    if not account:
        raise Refused(401, {"error": {"code": "unauthorized", "message": "no key"}})
    return account


def send(gateway, request):
    """Take one message."""
    values = request.values()
    account = known(gateway, request, values)
    fate = gateway.meet("sms")
    if isinstance(fate, Answer):
        return fate
    phone = clean_number(values.get("to"))
    text = str(values.get("text") or "")
    if not text:
        raise Refused(400, {"error": {"code": "empty_text", "message": "no text"}})
    if fate == "refuse":
        raise Refused(
            422, {"error": {"code": "invalid_number", "message": "does not exist"}}
        )
    reference = str(values.get("reference") or "")
    key = request.headers.get("Idempotency-Key") or reference
    message = Message(
        id=new_id("sms-"),
        channel="sms",
        direction="out",
        phone=phone,
        clinic=str(values.get("from") or account.sender),
        text=text,
        account=account.key,
        key=key if gateway.fate.of("sms").honour_keys else "",
        segments=parts(text),
        callback=str(values.get("callback") or ""),
        extra={"reference": reference},
    )
    message, fresh = gateway.store.add(message)
    if fresh:
        gateway.travel(message)
    if fate == "lose":
        return gateway.lose("sms")
    body = spoil(describe(message), gateway.fate.of("sms").answers)
    return Answer(body, 202 if fresh else 200)


def spoil(body, how):
    """An answer as no gateway should give it."""
    if how == "same":
        return body | {"id": "sms-same"}
    if how == "nul":
        return body | {"id": body["id"] + "\0"}
    if how == "list":
        return body | {"id": [body["id"]]}
    if how == "huge":
        return body | {"more": "x" * 10_000_000}
    if how == "missing":
        return {name: value for name, value in body.items() if name != "id"}
    return body


def describe(message):
    """A message as the gateway speaks of it."""
    return {
        "id": message.id,
        "reference": message.extra.get("reference", ""),
        "status": message.status,
        "segments": message.segments,
        "price": f"{PRICE * message.segments:.4f}",
        "error": message.error,
    }


def status(gateway, request):
    """What became of messages."""
    account = known(gateway, request)
    if request.parts[2:]:
        found = [gateway.store.find(id_) for id_ in request.parts[2].split(",")]
    else:
        reference = request.query.get("reference", "")
        found = [gateway.store.find_key(account.key, "sms", reference)]
    found = [each for each in found if each and each.account == account.key]
    if not found:
        return Answer({"error": {"code": "not_found"}, "messages": []}, 404)
    return Answer({"messages": [describe(each) for each in found]})


def letter(gateway, account, message, body):
    """A callback in the form the account wishes."""
    url = message.callback or account.callback
    if account.form:
        data = urllib.parse.urlencode(body).encode()
        kind = "application/x-www-form-urlencoded"
    else:
        data, kind = json.dumps(body).encode(), "application/json"
    return Letter(url, data, kind, "sms", account.secret)


def receipt(gateway, account, message, state, at):
    """A delivery receipt."""
    body = describe(message) | {"type": "receipt", "status": state, "time": int(at)}
    return letter(gateway, account, message, body)


def inbound(gateway, account, message):
    """What the telephone wrote."""
    body = {
        "type": "inbound",
        "id": message.id,
        "from": message.phone,
        "to": message.clinic,
        "text": message.text,
        "time": int(time.time()),
    }
    return letter(gateway, account, message, body)
