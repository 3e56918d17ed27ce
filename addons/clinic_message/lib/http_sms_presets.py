"""What is known of SMS gateways, as data for ``http_sms``.

``demo`` is tested against the demo gateway. The others follow what their makers publish
and were never tried on the services themselves: look at them before you rely on them.
"""

from .http_sms_presets_china import ALIYUN, HUAWEI
from .http_sms_presets_turkey import JETSMS, NETGSM, VERIMOR

DEMO = {
    "url": "{base_url}/sms/send",
    "headers": {"Authorization": "Bearer {key}", "Idempotency-Key": "{uuid}"},
    "fields": {
        "to": "{to}",
        "from": "{sender}",
        "text": "{text}",
        "reference": "{uuid}",
    },
    "answer": {
        "uid": "id",
        "error": "error.code",
        "price": "price",
        "segments": "segments",
    },
    "permanent": ["invalid_number", "empty_text"],
    "temporary": ["rate_limit"],
    "receipt": {
        "when": {"type": "receipt"},
        "uid": "id",
        "uuid": "reference",
        "status": "status",
        "error": "error",
        "time": "time",
        "price": "price",
    },
    "inbound": {
        "when": {"type": "inbound"},
        "uid": "id",
        "from": "from",
        "text": "text",
        "time": "time",
    },
    "states": {
        "accepted": "accepted",
        "sent": "sent",
        "delivered": "delivered",
        "failed": "failed",
    },
    "signature": {"header": "X-Signature", "prefix": "sha256="},
    "poll": {
        "url": "{base_url}/sms/status/{uid}",
        "headers": {"Authorization": "Bearer {key}"},
        "list": "messages",
        "uid": "id",
        "uuid": "reference",
        "status": "status",
        "error": "error",
    },
}

#: Jasmin's HTTP API; also the way to operators that speak SMPP only.
JASMIN = {
    "method": "GET",
    "url": "{base_url}/send",
    "body": "none",
    "query": {
        "username": "{user}",
        "password": "{key}",
        "to": "{to}",
        "from": "{sender}",
        "content": "{text}",
        "coding": "{coding}",
        "dlr": "yes",
        "dlr-level": "3",
        "dlr-method": "POST",
        "dlr-url": "{callback}",
    },
    "number": "digits",
    "answer": {"pattern": r'Success "(?P<uid>[^"]+)"|Error "(?P<error>[^"]+)"'},
    "temporary": [
        "Cannot send submit_sm, check SMPPClientManager log file for details"
    ],
    "receipt": {"uid": "id", "status": "message_status", "error": "err"},
    "inbound": {
        "when": {"content": "*"},
        "uid": "id",
        "from": "from",
        "text": "content",
    },
    "states": {
        "ESME_ROK": "accepted",
        "ACCEPTD": "sent",
        "DELIVRD": "delivered",
        "UNDELIV": "failed",
        "REJECTD": "failed",
        "DELETED": "failed",
        "EXPIRED": "expired",
    },
    "reply": "ACK/Jasmin",
}

#: Kannel's sendsms; its receipts bring our own key in the address.
KANNEL = {
    "method": "GET",
    "url": "{base_url}/cgi-bin/sendsms",
    "body": "none",
    "query": {
        "username": "{user}",
        "password": "{key}",
        "to": "{to}",
        "from": "{sender}",
        "text": "{text}",
        "charset": "UTF-8",
        "coding": "{kannel_coding}",
        "dlr-mask": "31",
        "dlr-url": "{callback}?uuid={uuid}&status=%d",
    },
    "number": "plus",
    # Kannel gives no number: ours is the one its receipts bring back.
    "answer": {"pattern": r"^(?P<uid>[03]): |^(?P<error>.+)", "own_uid": True},
    "receipt": {
        "when": {"uuid": "*"},
        "uid": "uuid",
        "uuid": "uuid",
        "status": "status",
    },
    "states": {"1": "delivered", "2": "failed", "8": "sent", "16": "failed"},
}

#: SMSC (Russia).
SMSC = {
    "url": "{base_url}/sys/send.php",
    "body": "form",
    "fields": {
        "login": "{user}",
        "psw": "{key}",
        "phones": "{to}",
        "mes": "{text}",
        "sender": "{sender}",
        "charset": "utf-8",
        "fmt": "3",
        "cost": "3",
    },
    "number": "digits",
    "answer": {"uid": "id", "error": "error_code", "price": "cost", "segments": "cnt"},
    "permanent": ["1", "3", "6", "7", "8"],
    "temporary": ["2", "4", "5", "9"],
    "inbound": {
        "when": {"mes": "*"},
        "uid": "id",
        "from": "phone",
        "text": "mes",
    },
    "receipt": {
        "when": {"status": "*"},
        "uid": "id",
        "status": "status",
        "error": "err",
    },
    "states": {
        "-1": "accepted",
        "0": "sent",
        "1": "delivered",
        "2": "read",
        "3": "expired",
        "20": "failed",
        "22": "failed",
        "23": "failed",
        "24": "failed",
        "25": "failed",
    },
}

#: Skebby (Italy).
SKEBBY = {
    "url": "{base_url}/API/v1.0/REST/sms",
    "headers": {"user_key": "{user}", "Access_token": "{key}"},
    "fields": {
        "message_type": "GP",
        "message": "{text}",
        "recipient": ["{to}"],
        "sender": "{sender}",
        "order_id": "{uuid}",
    },
    "number": "plus",
    "answer": {"uid": "order_id", "error": "error_code"},
    "receipt": {
        "when": {"order_id": "*"},
        "uid": "order_id",
        "uuid": "order_id",
        "status": "status",
    },
    "states": {
        "SENT": "sent",
        "WAITING": "sent",
        "DLVRD": "delivered",
        "ERROR": "failed",
        "TIMEOUT": "expired",
        "INVALIDDST": "failed",
    },
}

PRESETS = {
    "demo": DEMO,
    "jasmin": JASMIN,
    "kannel": KANNEL,
    "smsc": SMSC,
    "skebby": SKEBBY,
    "verimor": VERIMOR,
    "netgsm": NETGSM,
    "jetsms": JETSMS,
    "aliyun": ALIYUN,
    "huawei": HUAWEI,
}
