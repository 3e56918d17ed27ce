"""Web push (RFC 8030): one message to one device.

Keys and encryption are the caller's: Odoo has both.
"""

import json
from typing import NamedTuple
from urllib.parse import urlsplit

from odoo.addons.clinic_base.lib import safe_http

from .fan_out import of_status
from .masked import harmless
from .port import Outcome

#: Seconds a push service keeps a message for a device that is off.
TTL = 24 * 3600
#: Hosts of the browsers' push services; a device that names another is refused.
SERVICES = (
    "fcm.googleapis.com",
    "updates.push.services.mozilla.com",
    "web.push.apple.com",
    ".push.apple.com",
    ".notify.windows.com",
    "jmt17.google.com",
)


class Device(NamedTuple):
    """Where a browser listens."""

    id: int
    endpoint: str
    p256dh: str
    auth: str


def is_service(endpoint, own=()):
    """Whether an address belongs to a push service we know.

    >>> is_service("https://fcm.googleapis.com/fcm/send/x")
    True
    >>> is_service("https://fcm.googleapis.com.evil.example/")
    False
    >>> is_service("http://127.0.0.1:8069/")
    False
    >>> is_service("http://127.0.0.1:1/", ["127.0.0.1:1"])
    True
    """
    try:
        scheme, host, port, _target = safe_http.split(endpoint)
    except safe_http.Forbidden:
        return False
    if f"{host}:{port}" in own:
        return True
    if scheme != "https" or port != 443:
        return False
    return any(
        host == name or (name.startswith(".") and host.endswith(name))
        for name in SERVICES
    )


def payload(item):
    """What the service worker gets: a title, no word of the matter itself.

    A push shows on a locked screen: the text is what the kind's template says, without
    links that open something by themselves, and opens the messages in the portal.
    """
    return json.dumps(
        {
            "title": harmless(item.subject),
            "options": {
                "body": harmless(item.body)[:500],
                "tag": item.uuid,
                "data": {"url": item.extra.get("url") or "/my/messages"},
            },
        }
    )


def send(device, item, sign, encrypt, timeout=10.0, own=()):
    """Send to one device.

    :param sign: takes the audience, returns the value of Authorization
    :param encrypt: takes text and device, returns bytes (aes128gcm)
    :returns: ``Outcome``; failure ``gone`` means that the device is no more
    """
    if not is_service(device.endpoint, own):
        return Outcome("refused", failure="gone", error="no push service")
    parts = urlsplit(device.endpoint)
    reply = safe_http.call(
        "POST",
        device.endpoint,
        {
            "Authorization": sign(f"{parts.scheme}://{parts.netloc}"),
            "Content-Encoding": "aes128gcm",
            "Content-Type": "application/octet-stream",
            "TTL": str(TTL),
            "Topic": item.uuid.replace("-", "")[:32],
        },
        encrypt(payload(item), device),
        timeout,
        own=own,
    )
    if reply.status in (404, 410):
        return Outcome("refused", failure="gone", error="the device is gone")
    failed = of_status(reply)
    if failed:
        # A topic replaces what waits: a repeat shows once.
        return failed._replace(state="retry") if failed.state == "ambiguous" else failed
    where = next((v for k, v in reply.headers.items() if k.lower() == "location"), "")
    return Outcome("sent", uid=where[-200:] or None)
