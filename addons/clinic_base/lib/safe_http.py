"""The one way out over HTTP: to where it was meant to go, for as long as was agreed.

- The name is resolved once, every address it has is looked at, and the connection goes
  to that very address: a name that points elsewhere a moment later changes nothing.
- Addresses inside (private, loopback, link-local, metadata, …) are refused, in every
  spelling, unless the administrator named the host and port as his own.
- No redirect is followed. An answer has a largest size and a last moment, headers
  included, however slowly it drips.

The errors say what is known of the request: :class:`NotSent` is safe to repeat,
:class:`Lost` may have been taken.
"""

import contextlib
import http.client
import ipaddress
import os
import select
import socket
import ssl
import threading
import time
from typing import NamedTuple
from urllib.parse import urlsplit

#: The largest answer that is read, in bytes.
LARGEST = 1024 * 1024
#: Seconds after which an idle connection is not used again.
IDLE = 4
#: Networks whose addresses lead to others: (network, bits after the address inside).
EMBEDDING = (
    (ipaddress.ip_network("64:ff9b::/96"), 0),
    (ipaddress.ip_network("64:ff9b:1::/48"), 0),
    (ipaddress.ip_network("::/96"), 0),
    (ipaddress.ip_network("2002::/16"), 80),
)


class NotSent(Exception):
    """The request did not leave: nothing was taken."""


class Forbidden(NotSent):
    """The address is one that must not be called."""


class Lost(Exception):
    """The request left and no whole answer came: it may have been taken."""


class Reply(NamedTuple):
    status: int
    headers: dict
    body: bytes


def is_inside(address):
    """Whether an address belongs to this machine, its networks, or nobody.

    >>> is_inside("127.0.0.1"), is_inside("::ffff:10.0.0.1"), is_inside("8.8.8.8")
    (True, True, False)
    """
    ip = ipaddress.ip_address(address.partition("%")[0])
    if ip.version == 6:
        if ip.ipv4_mapped:
            return is_inside(str(ip.ipv4_mapped))
        if ip.teredo:
            return True
        for network, shift in EMBEDDING:
            if ip in network and int(ip) > 1:
                inner = ipaddress.IPv4Address((int(ip) >> shift) & 0xFFFFFFFF)
                return is_inside(str(inner))
    return not ip.is_global or ip.is_multicast or ip.is_reserved


def split(url):
    """``(scheme, host, port, target)`` of an address of the web.

    :raises Forbidden: it is no plain http or https address
    """
    if not isinstance(url, str) or any(c <= " " or c in "\\\x7f" for c in url):
        raise Forbidden("no address")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise Forbidden("no address") from None
    if parts.scheme not in ("http", "https") or not host:
        raise Forbidden("only http and https")
    if parts.username is not None or parts.password is not None:
        raise Forbidden("no user in an address")
    target = parts.path or "/"
    if parts.query:
        target += f"?{parts.query}"
    if not target.isascii():
        raise Forbidden("not encoded")
    return parts.scheme, host, port or (443 if parts.scheme == "https" else 80), target


def resolve(host, port, own=(), lookup=socket.getaddrinfo):
    """The address to call.

    :param own: ``host:port`` words that may lie inside
    :param lookup: as ``socket.getaddrinfo``
    :raises Forbidden: one of its addresses lies inside
    :raises NotSent: the name is not known
    """
    try:
        found = lookup(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise NotSent("the name is not known") from error
    addresses = [entry[4][0] for entry in found]
    if not addresses:
        raise NotSent("the name is not known")
    if f"{host}:{port}" not in own and any(map(is_inside, addresses)):
        raise Forbidden("an address inside")
    return addresses[0]


class Watch:
    """Breaks connections whose time is over; one thread for all of a process."""

    def __init__(self):
        self.lock = threading.Lock()
        self.watched = {}
        self.thread = None

    def begin(self, sock, deadline):
        with self.lock:
            self.watched[id(sock)] = (sock, deadline)
            if self.thread is None or not self.thread.is_alive():
                self.thread = threading.Thread(target=self.run, daemon=True)
                self.thread.start()

    def end(self, sock):
        with self.lock:
            self.watched.pop(id(sock), None)

    def run(self):
        while True:
            time.sleep(0.05)
            now = clock()
            with self.lock:
                if not self.watched:
                    self.thread = None
                    return
                late = [s for s, deadline in self.watched.values() if deadline < now]
                for sock in late:
                    del self.watched[id(sock)]
            for sock in late:
                with contextlib.suppress(OSError):
                    sock.shutdown(socket.SHUT_RDWR)


clock = time.monotonic
watch = Watch()
tls = ssl.create_default_context()


class Connection(http.client.HTTPConnection):
    """A connection to one address, whatever its name means by now."""

    def __init__(self, scheme, host, port, address):
        super().__init__(address, port)
        self.scheme, self.name, self.used = scheme, host, clock()

    def open(self, seconds):
        sock = socket.create_connection((self.host, self.port), seconds)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self.scheme == "https":
            sock = tls.wrap_socket(sock, server_hostname=self.name)
        self.sock = sock

    def is_fresh(self):
        """Whether it is open and the other side has said nothing meanwhile."""
        if not self.sock or clock() - self.used > IDLE:
            return False
        return not select.select([self.sock], [], [], 0)[0]


def call(
    method,
    url,
    headers=None,
    body=None,
    timeout=10.0,
    largest=LARGEST,
    own=(),
    lookup=socket.getaddrinfo,
):
    """Make one request.

    :param str method: GET, POST, …
    :param str url: http or https
    :param bytes body: what is sent
    :param float timeout: seconds for everything together
    :param int largest: bytes of an answer
    :param own: ``host:port`` words of hosts inside that may be called
    :raises NotSent: nothing was taken
    :raises Lost: it may have been taken
    """
    deadline = clock() + timeout
    scheme, host, port, target = split(url)
    address = resolve(host, port, own, lookup)
    connection = connect(scheme, host, port, address, deadline)
    written = f"[{host}]" if ":" in host else host
    default = 443 if scheme == "https" else 80
    headers = {
        "Host": written if port == default else f"{written}:{port}",
        "User-Agent": "clinic",
        **(headers or {}),
    }
    sock = connection.sock
    sock.settimeout(timeout)
    watch.begin(sock, deadline)
    whole = False
    try:
        connection.request(method, target, body=body, headers=headers)
        answer = connection.getresponse()
        content = answer.read(largest + 1)
        if len(content) > largest:
            raise Lost("the answer is too large")
        if answer.length or clock() >= deadline:
            raise Lost("the answer is not whole")
        whole = answer.isclosed() and not answer.will_close
        return Reply(answer.status, dict(answer.getheaders()), content)
    except (OSError, http.client.HTTPException, ValueError) as error:
        late = clock() >= deadline or isinstance(error, TimeoutError)
        raise Lost("no answer in time" if late else "the connection broke") from error
    finally:
        watch.end(sock)
        connection.used = clock()
        if whole and connection.sock:
            idle.give((scheme, host, port, address), connection)
        else:
            connection.close()


class Idle:
    """Open connections that wait for the next call, of this process only."""

    def __init__(self, most=32):
        self.lock = threading.Lock()
        self.most = most
        self.kept = {}

    def take(self, key):
        """A connection that can be used, or ``None``."""
        while True:
            with self.lock:
                waiting = self.kept.get((os.getpid(), key))
                connection = waiting.pop() if waiting else None
            if connection is None or connection.is_fresh():
                return connection
            connection.close()

    def give(self, key, connection):
        """Keep a connection for the next call."""
        with self.lock:
            waiting = self.kept.setdefault((os.getpid(), key), [])
            waiting.append(connection)
            late = waiting.pop(0) if len(waiting) > self.most else None
        if late:
            late.close()


idle = Idle()


def connect(scheme, host, port, address, deadline):
    """An open connection to an address: one that waits, or a new one.

    :raises NotSent: nobody answers there
    """
    connection = idle.take((scheme, host, port, address))
    if connection:
        return connection
    connection = Connection(scheme, host, port, address)
    try:
        connection.open(max(0.001, deadline - clock()))
    except (OSError, ValueError) as error:
        connection.close()
        raise NotSent("the service cannot be reached") from error
    return connection
