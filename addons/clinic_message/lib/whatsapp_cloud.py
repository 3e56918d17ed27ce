"""WhatsApp by Meta's Cloud API.

Outside the 24 hours after a person wrote only approved templates are taken: a message
with a template's name goes as template, any other as text. Our key travels as
``biz_opaque_callback_data`` and comes back with each status, so that a message whose
answer was lost is found again.
"""

import json
import re

from odoo.addons.clinic_base.lib import safe_http

from .fan_out import of_status, retry_after
from .heard import Inbound, Status, moment
from .http_sms import NotUnderstood, loads, pick
from .port import Outcome

#: Codes after which the same message may be sent later.
LATER = {4, 80007, 130429, 131048, 131049, 131056, 133004, 131057, 2, 1}
#: Codes in words of ours, for rules of fall-back and opt-out.
FAILURES = {
    131026: "undeliverable",
    131047: "window_closed",
    131050: "opted_out",
    131051: "unsupported",
    132000: "template",
    132001: "template",
    132005: "template",
    132007: "template",
    132012: "template",
    132015: "template",
    132016: "template",
}
#: Codes of an access that does not work: nothing was taken, an administrator must act.
ACCESS = {0, 3, 10, 190, 200, 131005, 368, 131031}
STATES = {
    "sent": "sent",
    "delivered": "delivered",
    "read": "read",
    "failed": "failed",
}
TEXTS = 4096


class WhatsAppCloud:
    """One number of a WhatsApp Business account.

    :param str base_url: of the Graph API, with its version
    :param str phone_id: id of the number
    :param str token: bearer token
    """

    def __init__(self, base_url, phone_id, token, timeout=10.0, own=()):
        self.base = base_url.rstrip("/")
        self.phone_id, self.token = phone_id, token
        self.timeout, self.own = timeout, own

    def call(self, method, url, body=None, largest=safe_http.LARGEST):
        headers = {"Authorization": f"Bearer {self.token}"}
        if body is not None:
            headers["Content-Type"] = "application/json"
            body = json.dumps(body).encode()
        return safe_http.call(
            method, url, headers, body, self.timeout, largest, own=self.own
        )

    def send(self, item):
        """Send one message; an ``Outcome``."""
        body = self.body(item)
        if body is None:
            return Outcome(
                "refused",
                failure="window_closed",
                error="outside the 24 hours a template is needed",
            )
        reply = self.call("POST", f"{self.base}/{self.phone_id}/messages", body)
        data = loads(reply.body)
        code = pick(data, "error.code")
        if isinstance(code, int):
            return self.refusal(code, reply)
        failed = of_status(reply)
        if failed:
            return failed
        uid = pick(data, "messages.0.id")
        if not uid:
            return Outcome("ambiguous", failure="answer", error="no number was given")
        return Outcome("accepted", uid=str(uid)[:200])

    def body(self, item):
        """What is sent; ``None`` when it would not be taken."""
        common = {
            "messaging_product": "whatsapp",
            "recipient_type": "individual",
            "to": item.address.lstrip("+"),
            "biz_opaque_callback_data": item.uuid,
        }
        if item.template_name:
            template = {
                "name": item.template_name,
                "language": {"code": item.template_lang or item.lang or "en_US"},
            }
            if item.parameters:
                template["components"] = [
                    {
                        "type": "body",
                        "parameters": [
                            {"type": "text", "text": one_line(value)}
                            for value in item.parameters
                        ],
                    }
                ]
            return {**common, "type": "template", "template": template}
        if item.extra.get("in_window") is False:
            return None
        return {**common, "type": "text", "text": {"body": item.body[:TEXTS]}}

    def refusal(self, code, reply):
        """The outcome of an error of the Graph API."""
        words = f"WhatsApp answered {code}"
        if code in LATER or reply.status == 429:
            # Nothing was taken; how long to wait is rarely said.
            return Outcome(
                "retry",
                failure=str(code),
                error=words,
                retry_after=retry_after(reply, 60.0),
            )
        if code in ACCESS:
            return Outcome("retry", failure=str(code), error=words)
        if reply.status >= 500 or code == 131000:
            return Outcome("ambiguous", failure=str(code), error=words)
        return Outcome("refused", failure=FAILURES.get(code, str(code)), error=words)

    def fetch(self, media_id, largest):
        """A file somebody sent: ``(mimetype, bytes)``, or ``None``.

        The host that Meta names for a file is looked at as any other.
        """
        if not re.fullmatch(r"[\w.-]{1,100}", media_id):
            return None
        about = loads(self.call("GET", f"{self.base}/{media_id}").body)
        if not pick(about, "url") or (pick(about, "file_size") or 0) > largest:
            return None
        reply = self.call("GET", about["url"], largest=largest)
        if reply.status != 200:
            return None
        return str(about.get("mime_type") or "application/octet-stream"), reply.body


def one_line(value):
    """A parameter as templates take it: no line breaks, tabs or runs of spaces.

    >>> one_line("a\\n b\\t    c")
    'a b c'
    """
    return " ".join(str(value).split())


def hear(body, phone_id=None):
    """Read a webhook: a list of ``Status`` and ``Inbound``.

    :param bytes body: as it came
    :param str phone_id: our number; what is about others is left out
    :raises NotUnderstood: it is no webhook of WhatsApp
    """
    data = loads(body)
    if not isinstance(data, dict) or not isinstance(data.get("entry"), list):
        raise NotUnderstood("no entries")
    heard = []
    for entry in data["entry"][:1000]:
        for change in rows(entry, "changes"):
            value = change.get("value")
            if not isinstance(value, dict):
                continue
            number = pick(value, "metadata.phone_number_id")
            if phone_id and number and str(number) != phone_id:
                continue
            heard += [read_status(row) for row in rows(value, "statuses")]
            heard += [read_message(row) for row in rows(value, "messages")]
    return [event for event in heard if event]


def rows(data, name):
    """The dictionaries in a list; nothing from anything else."""
    there = data.get(name) if isinstance(data, dict) else None
    return (
        [row for row in there if isinstance(row, dict)]
        if isinstance(there, list)
        else []
    )


def read_status(row):
    """A status of a message we sent."""
    state = STATES.get(str(row.get("status")))
    if not state or not row.get("id"):
        return None
    code = pick(row, "errors.0.code")
    failure = None
    if state == "failed":
        failure = FAILURES.get(code, str(code or "failed")[:60])
    return Status(
        str(row["id"])[:200],
        state,
        str(row["biz_opaque_callback_data"])[:64]
        if row.get("biz_opaque_callback_data")
        else None,
        moment(row.get("timestamp")),
        f"WhatsApp said {code}" if code else None,
        failure,
    )


def read_message(row):
    """What a person wrote, pressed or sent."""
    if not row.get("id") or not row.get("from"):
        return None
    kind = str(row.get("type"))
    text = (
        pick(row, "text.body")
        or pick(row, "button.text")
        or pick(row, "interactive.button_reply.title")
        or pick(row, "interactive.list_reply.title")
        or pick(row, f"{kind}.caption")
        or ("" if pick(row, f"{kind}.id") else f"({kind})")
    )
    media = pick(row, f"{kind}.id") if kind not in ("text", "button") else None
    return Inbound(
        str(row["id"])[:200],
        f"+{str(row['from']).lstrip('+')}"[:60],
        str(text),
        moment(row.get("timestamp")),
        str(pick(row, "context.id"))[:200] if pick(row, "context.id") else None,
        str(media)[:100] if media else None,
    )
