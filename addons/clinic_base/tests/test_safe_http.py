import contextlib
import socket
import threading
import time

from odoo.tests import BaseCase, tagged

from ..lib import safe_http

#: Ways to say «this machine» or «a machine inside», and ways to say it with tricks.
PAYLOADS = (
    "http://127.0.0.1/",
    "http://127.1/",
    "http://127.0.1/",
    "http://2130706433/",
    "http://0x7f000001/",
    "http://0x7f.0.0.1/",
    "http://0177.0.0.1/",
    "http://017700000001/",
    "http://0/",
    "http://0.0.0.0/",
    "http://localhost/",
    "http://LOCALHOST:5432/",
    "http://[::1]/",
    "http://[::]/",
    "http://[::ffff:127.0.0.1]/",
    "http://[::ffff:7f00:1]/",
    "http://[::127.0.0.1]/",
    "http://[64:ff9b::127.0.0.1]/",
    "http://[64:ff9b::a9fe:a9fe]/",
    "http://[2002:7f00:1::]/",
    "http://[2001:0:53aa:64c::1]/",
    "http://[fe80::1]/",
    "http://[fc00::1]/",
    "http://[fd00:ec2::254]/",
    "http://169.254.169.254/latest/meta-data/",
    "http://169.254.170.2/",
    "http://100.100.100.200/",
    "http://10.0.0.1/",
    "http://172.16.0.1/",
    "http://192.168.1.1/",
    "http://224.0.0.1/",
    "http://255.255.255.255/",
    "http://user:word@8.8.8.8/",
    "http://8.8.8.8@127.0.0.1/",
    "http://8.8.8.8\\@127.0.0.1/",
    "http://127.0.0.1\t/",
    "http://１２７.0.0.1/",
    "file:///etc/passwd",
    "gopher://127.0.0.1:6379/_INFO",
    "ftp://127.0.0.1/",
    "//127.0.0.1/",
    "http:///etc",
    "",
)


class Server:
    """A server of one conversation: says what it is told to, and counts visitors."""

    def __init__(self, say, drip=0):
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.say, self.drip, self.visitors = say, drip, 0
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        while True:
            try:
                client, _address = self.socket.accept()
            except OSError:
                return
            self.visitors += 1
            with client, contextlib.suppress(OSError):
                client.recv(65536)
                client.sendall(self.say)
                while self.drip:
                    client.sendall(b"x")
                    time.sleep(self.drip)

    def close(self):
        # Closing alone does not end `accept` in the other thread.
        self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()
        self.thread.join(5)


def answer_of(address):
    return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 80))]


@tagged("post_install", "-at_install")
class TestSafeHttp(BaseCase):
    """What the clinic calls is what was meant, and it waits as long as agreed."""

    def serve(self, say, **options):
        server = Server(say, **options)
        self.addCleanup(server.close)
        return server

    def test_addresses_inside(self):
        """S8: no spelling of an address inside is called."""
        self.assertGreaterEqual(len(PAYLOADS), 30)
        for url in PAYLOADS:
            with self.subTest(url=url), self.assertRaises(safe_http.NotSent):
                safe_http.call("GET", url, timeout=1)

    def test_one_inside_among_others(self):
        """A name with a public and an inside address is refused."""

        def lookup(*_arguments, **_options):
            return answer_of("8.8.8.8") + answer_of("10.0.0.1")

        with self.assertRaises(safe_http.Forbidden):
            safe_http.call("GET", "http://both.example/", lookup=lookup, timeout=1)

    def test_rebinding(self):
        """S8: a name is asked once; what it says later leads nowhere."""
        asked = []

        def lookup(host, port, **_options):
            asked.append(host)
            # 192.0.2.0/24 would be public if it were anybody's; refused as reserved.
            return answer_of("93.184.215.14" if len(asked) == 1 else "127.0.0.1")

        self.assertEqual(
            safe_http.resolve("rebind.example", 80, lookup=lookup), "93.184.215.14"
        )
        with self.assertRaises(safe_http.Forbidden):
            safe_http.resolve("rebind.example", 80, lookup=lookup)
        asked.clear()
        server = self.serve(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        own = (f"own.example:{server.port}",)

        def inside(host, port, **_options):
            asked.append(host)
            return answer_of("127.0.0.1")

        reply = safe_http.call(
            "GET", f"http://own.example:{server.port}/", own=own, lookup=inside
        )
        self.assertEqual((reply.status, reply.body), (200, b"ok"))
        self.assertEqual(asked, ["own.example"], "the name is looked up once")

    def test_another_port_of_an_own_host(self):
        """What the administrator allowed is one port, not the machine."""
        server = self.serve(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        with self.assertRaises(safe_http.Forbidden):
            safe_http.call(
                "GET", f"http://127.0.0.1:{server.port}/", own=("127.0.0.1:1",)
            )
        self.assertEqual(server.visitors, 0)

    def test_redirects_are_not_followed(self):
        """S8: a redirect to inside is an answer as any other."""
        inner = self.serve(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        place = f"http://127.0.0.1:{inner.port}/".encode()
        outer = self.serve(
            b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: "
            + place
            + b"\r\n\r\n"
        )
        own = (f"127.0.0.1:{outer.port}", f"127.0.0.1:{inner.port}")
        reply = safe_http.call("GET", f"http://127.0.0.1:{outer.port}/", own=own)
        self.assertEqual(reply.status, 302)
        self.assertEqual(inner.visitors, 0)

    def test_drips_and_floods(self):
        """A second is a second, in headers as in bodies; a megabyte is a megabyte."""
        for say, drip in (
            (b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n", 0.02),
            (b"HTTP/1.1 200 OK\r\n\r\n", 0.02),
            (b"HTTP/1.1 200 OK\r\nX-Slow: ", 0.02),
            (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", 0.02),
            (
                b"HTTP/1.1 200 OK\r\nContent-Length: 9000000\r\n\r\n"
                + b"x" * 3_000_000,
                0,
            ),
            (b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nxx", 0),
            (b"hello\r\n\r\n", 0),
            (b"", 0),
        ):
            server = self.serve(say, drip=drip)
            began = time.perf_counter()
            with self.subTest(say=say[:60]), self.assertRaises(safe_http.Lost):
                safe_http.call(
                    "GET",
                    f"http://127.0.0.1:{server.port}/",
                    timeout=0.5,
                    own=(f"127.0.0.1:{server.port}",),
                )
            self.assertLess(time.perf_counter() - began, 1.5)

    def test_nobody_there(self):
        """A connection that is refused is known to have taken nothing."""
        with socket.create_server(("127.0.0.1", 0)) as closed:
            port = closed.getsockname()[1]
        with self.assertRaises(safe_http.NotSent) as caught:
            safe_http.call(
                "GET", f"http://127.0.0.1:{port}/", own=(f"127.0.0.1:{port}",)
            )
        self.assertNotIsInstance(caught.exception, safe_http.Forbidden)
