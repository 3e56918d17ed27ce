"""A web push service (RFC 8030) whose devices are telephones of this gateway.

``POST /push/devices``     opens a subscription: endpoint, p256dh, auth
``POST /push/to/<id>``     a message: checks the VAPID token (RFC 8292), decrypts the
                           content (RFC 8291); 201, 400, 403, 404, 410, 413, 429

Keys need the package `cryptography`; without it contents stay encrypted and tokens are
read but not verified.
"""

import base64
import json
import secrets
import time
import urllib.parse

from .store import Message, new_id
from .web import Answer, Refused

try:
    from cryptography.exceptions import InvalidSignature, InvalidTag
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec, utils
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF
except ImportError:
    ec = None

LARGEST = 4096


def encode(raw):
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def decode(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def answer(gateway, request):
    """The routes under /push."""
    if request.method == "POST" and request.parts[1:] == ["devices"]:
        return Answer(open_device(gateway, request), 201)
    if request.method == "POST" and request.parts[1:2] == ["to"]:
        return take(gateway, request)
    return Answer({"error": "not found"}, 404)


def open_device(gateway, request):
    """A new subscription, as a browser would hand it to the clinic's page."""
    phone = str(request.values().get("phone") or "")
    id_ = secrets.token_urlsafe(24)
    device = {"phone": phone, "auth": encode(secrets.token_bytes(16))}
    if ec:
        private = ec.generate_private_key(ec.SECP256R1())
        point = private.public_key().public_numbers()
        public = b"\x04" + point.x.to_bytes(32, "big") + point.y.to_bytes(32, "big")
        device["private"] = f"{private.private_numbers().private_value:x}"
        device["p256dh"] = encode(public)
    gateway.store.devices[id_] = device
    return {
        "endpoint": f"{request.origin}/push/to/{id_}",
        "keys": {"p256dh": device.get("p256dh", ""), "auth": device["auth"]},
    }


def take(gateway, request):
    """Take one push message."""
    device = gateway.store.devices.get("".join(request.parts[2:3]))
    if not device:
        return Answer(b"", 404)
    if device.get("gone"):
        return Answer(b"", 410)
    check_vapid(request)
    if not str(request.headers.get("TTL", "")).isdigit():
        raise Refused(400, {"error": "TTL is missing"})
    if len(request.body) > LARGEST:
        return Answer(b"", 413)
    fate = gateway.meet("push")
    if isinstance(fate, Answer):
        return fate
    if fate == "refuse":
        return Answer(b"", 410)
    try:
        content = json.loads(decrypt(device, request.body))
    except ValueError:
        content = {"title": "(encrypted)", "options": {"body": ""}}
    options = content.get("options", {})
    message = Message(
        id=new_id("push-"),
        channel="push",
        direction="out",
        phone=device["phone"],
        clinic="",
        subject=str(content.get("title", "")),
        text=str(options.get("body", "")),
        extra={"ttl": int(request.headers["TTL"]), "data": options.get("data", {})},
    )
    gateway.store.add(message)
    gateway.store.lift(message, "delivered")
    if fate == "lose":
        return gateway.lose("push")
    return Answer(b"", 201, {"Location": f"{request.origin}/push/message/{message.id}"})


def check_vapid(request):
    """The clinic proves who it is.

    :raises Refused: no token, a late one, one for another service, a wrong signature
    """
    kind, _space, rest = request.headers.get("Authorization", "").partition(" ")
    pairs = dict(part.strip().partition("=")[::2] for part in rest.split(","))
    if kind.lower() != "vapid" or not {"t", "k"} <= pairs.keys():
        raise Refused(401, {"error": "vapid"})
    try:
        head, claims, signature = pairs["t"].split(".")
        said = json.loads(decode(claims))
        algorithm = json.loads(decode(head)).get("alg")
        audience = urllib.parse.urlsplit(said["aud"])
        expires = float(said["exp"])
        signed = decode(signature)
        public = decode(pairs["k"])
    except (ValueError, KeyError, TypeError):
        raise Refused(403, {"error": "vapid"}) from None
    origin = f"{audience.scheme}://{audience.netloc}"
    if (
        algorithm != "ES256"
        or origin != request.origin
        or not time.time() < expires < time.time() + 25 * 3600
        or len(signed) != 64
    ):
        raise Refused(403, {"error": "vapid claims"})
    if ec:
        key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), public)
        der = utils.encode_dss_signature(
            int.from_bytes(signed[:32], "big"), int.from_bytes(signed[32:], "big")
        )
        try:
            key.verify(der, f"{head}.{claims}".encode(), ec.ECDSA(hashes.SHA256()))
        except InvalidSignature:
            raise Refused(403, {"error": "vapid signature"}) from None


def decrypt(device, body):
    """The content of an aes128gcm body (RFC 8188, RFC 8291).

    :raises ValueError: it was not encrypted for this device, or there are no keys here
    """
    if not ec:
        raise ValueError("no keys")
    salt, size, length = body[:16], int.from_bytes(body[16:20], "big"), body[20]
    sender, content = body[21 : 21 + length], body[21 + length :]
    private = ec.derive_private_key(int(device["private"], 16), ec.SECP256R1())
    other = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), sender)
    shared = private.exchange(ec.ECDH(), other)

    def derive(salt, secret, info, length):
        return HKDF(hashes.SHA256(), length, salt, info).derive(secret)

    info = b"WebPush: info\0" + decode(device["p256dh"]) + sender
    secret = derive(decode(device["auth"]), shared, info, 32)
    key = derive(salt, secret, b"Content-Encoding: aes128gcm\0", 16)
    nonce = derive(salt, secret, b"Content-Encoding: nonce\0", 12)
    try:
        plain = AESGCM(key).decrypt(nonce, content[:size], None)
    except InvalidTag:
        raise ValueError("not for this device") from None
    return plain.rstrip(b"\0")[:-1]
