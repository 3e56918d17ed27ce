"""How requests to SMS gateways are signed: one function for each way.

Each takes the part of the configuration, the query and the words in braces, and returns
the query and the headers to send.
"""

import base64
import hashlib
import hmac
import uuid
from datetime import datetime, timezone
from urllib.parse import quote


def now():
    """The moment in the form both ways want."""
    return datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def exact(text):
    """Percent-encoding of RFC 3986.

    >>> exact("a b*~/")
    'a%20b%2A~%2F'
    """
    return quote(str(text), safe="-_.~")


def aliyun_signature(method, query, key):
    """The signature of a request to Alibaba Cloud (RPC style, HMAC-SHA1).

    The example of the maker's handbook:

    >>> query = {
    ...     "AccessKeyId": "testid", "Action": "DescribeRegions", "Format": "XML",
    ...     "SignatureMethod": "HMAC-SHA1", "SignatureVersion": "1.0",
    ...     "SignatureNonce": "3ee8c1b8-83d3-44af-a94f-4e0ad82fd6cf",
    ...     "Timestamp": "2016-02-23T12:46:24Z", "Version": "2014-05-26",
    ... }
    >>> aliyun_signature("GET", query, "testsecret")
    'OLeaidS1JvxuMvnyHOwuJ+uX5qY='
    """
    pairs = "&".join(f"{exact(k)}={exact(v)}" for k, v in sorted(query.items()))
    words = f"{method}&{exact('/')}&{exact(pairs)}"
    digest = hmac.new(f"{key}&".encode(), words.encode(), hashlib.sha1).digest()
    return base64.b64encode(digest).decode()


def aliyun(part, query, values):
    """Alibaba Cloud: the whole query is signed, each request has its own nonce."""
    query = {
        **query,
        "AccessKeyId": values["user"],
        "Format": "JSON",
        "SignatureMethod": "HMAC-SHA1",
        "SignatureNonce": uuid.uuid4().hex,
        "SignatureVersion": "1.0",
        "Timestamp": now(),
    }
    method = part.get("method", "POST")
    return {**query, "Signature": aliyun_signature(method, query, values["key"])}, {}


def wsse_digest(nonce, created, key):
    """The digest of Huawei's samples: SHA-256 in hexadecimal, then Base64.

    >>> wsse_digest("n", "c", "k")[:16]
    'MDI5MGRhMGY3ODFk'
    """
    digest = hashlib.sha256(f"{nonce}{created}{key}".encode()).hexdigest()
    return base64.b64encode(digest.encode()).decode()


def wsse(part, query, values):
    """Huawei Cloud: a user name token in the headers."""
    nonce, created = uuid.uuid4().hex, now()
    digest = wsse_digest(nonce, created, values["key"])
    return query, {
        "Authorization": 'WSSE realm="SDP",profile="UsernameToken",type="Appkey"',
        "X-WSSE": f'UsernameToken Username="{values["user"]}",'
        f'PasswordDigest="{digest}",Nonce="{nonce}",Created="{created}"',
    }


SIGNERS = {"aliyun": aliyun, "wsse": wsse}
