"""The WhatsApp Cloud API, as far as a clinic uses it.

``POST /v21.0/<phone number id>/messages``   a template, a text, «read» of a message
``POST /v21.0/<phone number id>/media``      a file to send; ``GET /v21.0/<media id>``
webhooks                                     statuses and messages, X-Hub-Signature-256
verification                                 GET hub.challenge, at a new account
"""

import hashlib
import json
import secrets
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

from .courier import Letter
from .sms import clean_number
from .store import Message, new_id
from .web import Answer, Refused

DAY = 24 * 3600
WORDS = {
    100: "Invalid parameter",
    131026: "Message undeliverable",
    131047: "Re-engagement message",
    131050: "User has stopped marketing messages from the business",
    130429: "Rate limit hit",
    131000: "Something went wrong",
    190: "Access token is not valid",
}


def error(code, status=400, details=""):
    """An error in the shape of the Graph API."""
    return Refused(
        status,
        {
            "error": {
                "message": f"(#{code}) {WORDS[code]}",
                "type": "OAuthException",
                "code": code,
                "error_data": {"messaging_product": "whatsapp", "details": details},
                "fbtrace_id": secrets.token_hex(6),
            }
        },
    )


def answer(gateway, request):
    """The routes under /vNN.0."""
    account = gateway.store.account(request.bearer(), "whatsapp")
    if not account:
        raise error(190, 401)
    if request.method == "POST" and request.parts[2:] == ["messages"]:
        return send(gateway, request, account)
    if request.method == "POST" and request.parts[2:] == ["media"]:
        return upload(gateway, request)
    if request.method == "GET" and request.parts[1] == "media-file":
        kind, content = gateway.store.media[request.parts[2]]
        return Answer(content, 200, {"Content-Type": kind})
    if request.method == "GET" and len(request.parts) == 2:
        return media(gateway, request)
    return Answer({"error": {"code": 100, "message": "Unsupported request"}}, 404)


def send(gateway, request, account):
    """Take a template or a text, or note that a message was read."""
    values = request.values()
    if values.get("messaging_product") != "whatsapp":
        raise error(100, 400, "messaging_product")
    if values.get("status") == "read":
        return read(gateway, values)
    fate = gateway.meet("whatsapp")
    if isinstance(fate, Answer):
        if fate.status == 429:
            raise error(130429, 429)
        return fate
    try:
        phone = clean_number(values.get("to"))
    except Refused:
        raise error(100, 400, "to") from None
    if fate == "refuse":
        raise error(131026)
    marketing, text = content(values)
    message = Message(
        id=new_id("wamid."),
        channel="whatsapp",
        direction="out",
        phone=phone,
        clinic=request.parts[1],
        text=text,
        account=account.key,
        extra={
            "reference": str(values.get("biz_opaque_callback_data") or ""),
            "type": values["type"],
        },
    )
    gateway.store.add(message)
    failure = 0
    flags = gateway.store.flags.get(phone, {})
    if flags.get("no_whatsapp"):
        failure = 131026
    elif marketing and flags.get("opted_out"):
        failure = 131050
    elif values["type"] == "text":
        if time.time() - gateway.store.last_from(phone, "whatsapp") > DAY:
            failure = 131047
    gateway.travel(message, str(failure or ""))
    if fate == "lose":
        return gateway.lose("whatsapp")
    return Answer(
        {
            "messaging_product": "whatsapp",
            "contacts": [{"input": str(values["to"]), "wa_id": phone[1:]}],
            "messages": [{"id": message.id}],
        }
    )


def content(values):
    """Whether it is marketing, and what the telephone shows."""
    kind = values.get("type", "text")
    values["type"] = kind
    if kind == "text":
        text = (values.get("text") or {}).get("body")
        if not text or len(text) > 4096:
            raise error(100, 400, "text.body")
        return False, text
    if kind == "template":
        template = values.get("template") or {}
        if not template.get("name") or not (template.get("language") or {}).get("code"):
            raise error(100, 400, "template")
        words = [
            str(parameter.get("text", ""))
            for component in template.get("components", ())
            for parameter in component.get("parameters", ())
        ]
        name = template["name"]
        return name.startswith("marketing"), "\n".join([f"[{name}]", *words])
    if kind in ("image", "document", "audio", "video"):
        part = values.get(kind) or {}
        return False, part.get("caption") or f"({kind})"
    raise error(100, 400, "type")


def read(gateway, values):
    """The clinic has read what the telephone wrote."""
    message = gateway.store.find(values.get("message_id"))
    if not message:
        raise error(100, 400, "message_id")
    gateway.store.lift(message, "read")
    return Answer({"success": True})


def upload(gateway, request):
    """Keep a file (multipart form) to be sent."""
    kind = request.headers.get("Content-Type", "")
    boundary = kind.partition("boundary=")[2].strip('"').encode()
    for part in request.body.split(b"--" + boundary) if boundary else ():
        head, _blank, body = part.partition(b"\r\n\r\n")
        if b'name="file"' in head:
            lines = head.decode(errors="replace").split("\r\n")
            kinds = [
                x.split(":", 1)[1].strip()
                for x in lines
                if x.lower()[:12] == "content-type"
            ]
            return Answer({"id": keep_media(gateway, body[:-2], *kinds[:1])})
    raise error(100, 400, "file")


def keep_media(gateway, body, kind="application/octet-stream"):
    """Keep a file; its id."""
    id_ = str(secrets.randbits(50))
    gateway.store.media[id_] = (kind, body)
    return id_


def media(gateway, request):
    """Where a file can be fetched, and what it is."""
    id_ = request.parts[1]
    if id_ not in gateway.store.media:
        raise error(100, 404, "media")
    kind, body = gateway.store.media[id_]
    return Answer(
        {
            "messaging_product": "whatsapp",
            "url": f"{request.origin}/{request.parts[0]}/media-file/{id_}",
            "mime_type": kind,
            "sha256": hashlib.sha256(body).hexdigest(),
            "file_size": len(body),
            "id": id_,
        }
    )


def webhook(account, number, value):
    """A letter in the shape of Meta's webhooks."""
    body = {
        "object": "whatsapp_business_account",
        "entry": [
            {
                "id": "0",
                "changes": [
                    {
                        "field": "messages",
                        "value": {
                            "messaging_product": "whatsapp",
                            "metadata": {
                                "display_phone_number": account.sender,
                                "phone_number_id": number,
                            },
                            **value,
                        },
                    }
                ],
            }
        ],
    }
    return Letter(
        account.callback,
        json.dumps(body).encode(),
        "application/json",
        "whatsapp",
        account.secret,
        "X-Hub-Signature-256",
    )


def receipt(gateway, account, message, state, at):
    """A status of a message."""
    status = {
        "id": message.id,
        "status": state,
        "timestamp": str(int(at)),
        "recipient_id": message.phone[1:],
        "pricing": {"billable": True, "pricing_model": "PMP", "category": "utility"},
    }
    if message.extra.get("reference"):
        status["biz_opaque_callback_data"] = message.extra["reference"]
    if state == "failed":
        code = int(message.error) if message.error.isdigit() else 131000
        title = WORDS.get(code, "Error")
        status["errors"] = [{"code": code, "title": title, "message": title}]
    return webhook(account, message.clinic, {"statuses": [status]})


def inbound(gateway, account, message):
    """What the telephone wrote."""
    kind = message.extra.get("type", "text")
    part = {"body": message.text} if kind == "text" else message.extra.get("part", {})
    reply = message.extra.get("reply")
    value = {
        "contacts": [{"profile": {"name": message.phone}, "wa_id": message.phone[1:]}],
        "messages": [
            {
                "from": message.phone[1:],
                "id": message.id,
                "timestamp": str(int(time.time())),
                "type": kind,
                kind: part,
                **({"context": {"id": reply}} if reply else {}),
            }
        ],
    }
    return webhook(account, message.clinic, value)


def verify(gateway, account):
    """Ask the clinic's webhook whether it knows the word agreed on; in a thread."""
    threading.Thread(target=_verify, args=(gateway, account), daemon=True).start()


def _verify(gateway, account):
    challenge = secrets.token_hex(8)
    query = urllib.parse.urlencode(
        {
            "hub.mode": "subscribe",
            "hub.verify_token": account.verify_token,
            "hub.challenge": challenge,
        }
    )
    try:
        opener = gateway.courier.opener
        with opener.open(f"{account.callback}?{query}", timeout=20) as reply:
            account.verified = reply.read(100).decode() == challenge
    except (OSError, ValueError):
        account.verified = False
    gateway.store.counts[f"verified.{account.verified}"] += 1
