"""The telephones, for the page in the browser.

``GET /api/phones``              all telephones, the last one first
``GET /api/phones/<number>``     its conversation
``POST /api/phones/<number>``    {"channel", "text"}: the person writes
``POST /api/read/<number>``      the person looks at it
``POST /api/key/<call>``         a key in a call, or just taking it
``GET /api/events``              server-sent events: something is new
"""

from pathlib import Path

from . import sms, smtp, voice, whatsapp
from .store import Message, new_id
from .web import Answer, Refused

STATIC = Path(__file__).parent / "static"
KINDS = {".html": "text/html", ".css": "text/css", ".js": "text/javascript"}
HEADERS = {
    "Content-Security-Policy": "default-src 'self'; img-src 'self' data:",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-cache",
}


def answer(gateway, request):
    """The page, its files, and what it asks."""
    if not request.parts or request.parts[0] != "api":
        return file(request.parts)
    if request.headers.get("Sec-Fetch-Site", "none") not in ("none", "same-origin"):
        raise Refused(403, {"error": "from another page"})
    name, rest = request.parts[1:2], request.parts[2:]
    if request.method == "GET" and name == ["events"]:
        return events(gateway, request)
    if request.method == "GET" and name == ["phones"]:
        return Answer(conversation(gateway, rest[0]) if rest else telephones(gateway))
    if request.method == "GET" and name == ["mail"] and rest:
        return mail(gateway, rest[0])
    if request.method == "POST" and rest:
        if name == ["phones"]:
            return Answer(write(gateway, rest[0], request.values()), 201)
        if name == ["read"]:
            return Answer({"read": look(gateway, rest[0])})
        if name == ["key"]:
            return Answer(press(gateway, rest[0], request.values()))
    return Answer({"error": "not found"}, 404)


def file(parts):
    """A file of the page."""
    path = STATIC / ("/".join(parts) or "index.html")
    kind = KINDS.get(path.suffix)
    if not kind or path.parent != STATIC or not path.exists():
        return Answer({"error": "not found"}, 404)
    return Answer(path.read_bytes(), 200, {"Content-Type": kind, **HEADERS})


def events(gateway, request):
    """A stream with the version each time something is new."""

    def pieces():
        version = -1
        while not gateway.stopped.is_set():
            now = gateway.store.wait(version, 15)
            version = now
            yield {"version": now}
            gateway.stopped.wait(0.15)

    return pieces


def telephones(gateway):
    """All telephones with their last message."""
    found = {}
    with gateway.store.lock:
        people = gateway.store.people
        owners = {
            address: number
            for number, person in people.items()
            for address in person.get("addresses", ())
        }
        messages = list(gateway.store.messages.values())
    for message in messages:
        phone = owners.get(message.phone, message.phone)
        known = found.setdefault(phone, {"unread": 0})
        unseen = message.direction == "out" and message.status not in ("read", "failed")
        known["unread"] += unseen and not message.extra.get("seen", False)
        known["last"] = message.subject or message.text
        known["at"], known["channel"] = message.at, message.channel
    for number in people:
        found.setdefault(number, {"unread": 0, "last": "", "at": 0, "channel": ""})
    rows = [
        row | {"phone": phone, "name": people.get(phone, {}).get("name", "")}
        for phone, row in found.items()
    ]
    rows.sort(key=lambda row: (-row["at"], row["name"], row["phone"]))
    return rows[:500]


def mine(gateway, phone):
    """The messages of a telephone, by all its addresses, oldest first."""
    with gateway.store.lock:
        person = gateway.store.people.get(phone, {})
        addresses = {phone, *person.get("addresses", ())}
        return [m for m in gateway.store.messages.values() if m.phone in addresses][
            -300:
        ]


def conversation(gateway, phone):
    """What stands on the screen of a telephone."""
    person = gateway.store.people.get(phone, {})
    return {
        "phone": phone,
        "name": person.get("name", ""),
        "flags": gateway.store.flags.get(phone, {}),
        "channels": channels(gateway, phone),
        "messages": [
            {
                "id": m.id,
                "channel": m.channel,
                "direction": m.direction,
                "clinic": m.clinic,
                "subject": m.subject,
                "text": m.text,
                "status": m.status,
                "error": m.error,
                "at": m.at,
                "segments": m.segments,
                "call": m.extra.get("call", ""),
                "pressed": m.extra.get("pressed", ""),
                "html": bool(m.extra.get("html")),
                "files": m.extra.get("files", []),
            }
            for m in mine(gateway, phone)
        ],
    }


def channels(gateway, phone):
    """The channels this telephone can write by."""
    person = gateway.store.people.get(phone, {})
    addresses = {phone, *person.get("addresses", ())}
    found = ["sms", "whatsapp"] if any(a.startswith("+") for a in addresses) else []
    return found + (["email"] if any("@" in a for a in addresses) else [])


def mail(gateway, id_):
    """An e-mail as its sender laid it out, in a page of its own that runs nothing."""
    message = gateway.store.find(id_)
    if not message or message.channel != "email":
        return Answer({"error": "not found"}, 404)
    policy = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:"
    headers = HEADERS | {"Content-Security-Policy": policy}
    html = message.extra.get("html") or "<pre></pre>"
    return Answer(
        html.encode(), 200, headers | {"Content-Type": "text/html; charset=utf-8"}
    )


def write(gateway, phone, values):
    """A person writes to the clinic: to the account that wrote last by this channel.

    :raises Refused: nobody is there to write to
    """
    channel, text = str(values.get("channel") or "sms"), str(values.get("text") or "")
    if not text.strip():
        raise Refused(400, {"error": "nothing was written"})
    earlier = [
        m for m in mine(gateway, phone) if m.channel == channel and m.direction == "out"
    ]
    if channel == "email":
        return write_mail(gateway, phone, text, earlier)
    teller = {"sms": sms, "whatsapp": whatsapp}.get(channel)
    if not teller:
        raise Refused(400, {"error": "nobody answers by this channel"})
    account = pick_account(gateway, channel, earlier, values.get("account"))
    message = Message(
        id=new_id("wamid." if channel == "whatsapp" else "in-"),
        channel=channel,
        direction="in",
        phone=next((m.phone for m in earlier[-1:]), phone),
        clinic=earlier[-1].clinic if earlier else account.sender,
        text=text,
        account=account.key,
        extra={"reply": str(values.get("reply") or "")},
    )
    gateway.store.add(message)
    gateway.store.flag(message.phone, f"wrote_{channel}", message.at)
    look(gateway, phone)
    gateway.courier.post(teller.inbound(gateway, account, message))
    return {"id": message.id}


def pick_account(gateway, channel, earlier, key=None):
    """Whom a person writes to."""
    if key:
        return gateway.store.account(key, channel)
    if earlier:
        return gateway.store.account(earlier[-1].account, channel)
    with gateway.store.lock:
        for account in gateway.store.accounts.values():
            if account.channel == channel and account.callback:
                return account
    raise Refused(409, {"error": "no clinic has an account for this channel"})


def write_mail(gateway, phone, text, earlier):
    """A person answers by e-mail."""
    person = gateway.store.people.get(phone, {})
    addresses = [a for a in (phone, *person.get("addresses", ())) if "@" in a]
    if not addresses or not earlier:
        raise Refused(409, {"error": "there is no mail to answer"})
    last = earlier[-1]
    message = Message(
        id=new_id("mail-"),
        channel="email",
        direction="in",
        phone=last.phone,
        clinic=last.extra["reply_to"] or last.clinic,
        subject=f"Re: {last.subject}",
        text=text,
        extra={"reply": last.extra["message_id"]},
    )
    gateway.store.add(message)
    smtp.reply(gateway, message)
    return {"id": message.id}


def look(gateway, phone):
    """The person reads what is on the screen: WhatsApp tells the clinic."""
    count = 0
    for message in mine(gateway, phone):
        if message.direction != "out" or message.extra.get("seen"):
            continue
        if message.channel == "whatsapp" and message.status in ("sent", "delivered"):
            gateway.reach(message, "read")
        message.extra["seen"] = True
        gateway.store.touch(message)
        count += 1
    return count


def press(gateway, id_, values):
    """A key in a call."""
    message = gateway.store.find(id_)
    if not message or message.channel != "voice":
        raise Refused(404, {"error": "no such call"})
    voice.press(gateway, message, str(values.get("key") or "")[:1])
    return {"done": True}
