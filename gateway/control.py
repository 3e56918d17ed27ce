"""Making the gateway behave badly, and asking what it did.

``GET /control``                switches, counts, what waits
``POST /control``               {"channel": "sms", "lose": 5, …}; or «all»
``POST /control/accounts``      opens or changes an account
``POST /control/phones``        names and addresses of telephones, their traits
``POST /control/release``       sends what was held back: {"shuffle": true, "repeat": 3}
``POST /control/bounce``        a mail comes back: {"id": …}
``POST /control/device``        {"id": …, "gone": true}
``POST /control/reset``         all good again, messages forgotten
"""

from . import smtp, whatsapp
from .behaviour import CHANNELS
from .web import Answer, Refused


def answer(gateway, request):
    """The routes under /control, for pages of this very gateway and for programs."""
    if request.headers.get("Sec-Fetch-Site", "none") not in ("none", "same-origin"):
        raise Refused(403, {"error": "from another page"})
    if request.method == "GET" and request.parts == ["control"]:
        return Answer(state(gateway))
    work = WORK.get("".join(request.parts[1:])) if request.method == "POST" else None
    if not work:
        return Answer({"error": "not found"}, 404)
    return Answer(work(gateway, request.values()))


def state(gateway):
    """Everything the panel shows."""
    return {
        "behaviours": {c: gateway.fate.of(c).as_dict() for c in CHANNELS},
        "counts": dict(gateway.store.counts),
        "held": len(gateway.courier.held),
        "waiting": gateway.courier.waiting(),
        "letters": len(gateway.box),
        "accounts": [
            {
                "channel": account.channel,
                "sender": account.sender,
                "callback": bool(account.callback),
                "verified": account.verified,
            }
            for account in gateway.store.accounts.values()
        ],
        "smtp_port": gateway.smtp_port,
        "pop_port": gateway.pop_port,
    }


def change(gateway, values):
    """Set switches."""
    channel = values.pop("channel", "all")
    if channel != "all" and channel not in CHANNELS:
        raise ValueError(f"no such channel: {channel}")
    for name in CHANNELS if channel == "all" else (channel,):
        gateway.fate.of(name).change(values)
    return state(gateway)


def accounts(gateway, values):
    """Open or change an account; WhatsApp's webhook is verified."""
    account = gateway.store.put_account(values)
    if account.channel == "whatsapp" and account.verify_token and account.callback:
        whatsapp.verify(gateway, account)
    return {"done": True}


def telephones(gateway, values):
    """Names of numbers: {"people": {number: {"name", "addresses"}}, "flags": …}."""
    with gateway.store.changed:
        gateway.store.people.update(values.get("people", {}))
        gateway.store.version += 1
        gateway.store.changed.notify_all()
    for phone, flags in values.get("flags", {}).items():
        for name, value in flags.items():
            gateway.store.flag(phone, name, value)
    return {"people": len(gateway.store.people)}


def release(gateway, values):
    """Send what was held back."""
    letters = gateway.courier.release(values.get("shuffle"), values.get("repeat", 1))
    return {"released": letters}


def bounce(gateway, values):
    """A mail comes back."""
    message = gateway.store.find(values["id"])
    if not message or message.channel != "email":
        raise ValueError("no such mail")
    smtp.bounce(gateway, message, values.get("code", "5.1.1"))
    return {"done": True}


def device(gateway, values):
    """A device is gone, or back."""
    gateway.store.devices[values["id"]]["gone"] = bool(values.get("gone", True))
    return {"done": True}


def reset(gateway, _values):
    """As after the start."""
    gateway.fate.reset()
    gateway.store.reset()
    gateway.courier.held.clear()
    with gateway.box_lock:
        gateway.box.clear()
    return state(gateway)


WORK = {
    "": change,
    "accounts": accounts,
    "phones": telephones,
    "release": release,
    "bounce": bounce,
    "device": device,
    "reset": reset,
}
