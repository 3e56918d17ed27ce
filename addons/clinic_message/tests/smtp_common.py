import contextlib
import datetime
import ipaddress
import socketserver
import ssl
import tempfile
import threading
import time
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec


class MailServer(socketserver.ThreadingTCPServer):
    """A mail server on loopback whose answers a test writes.

    ``receiver`` and ``letter`` are called with the address, or with the letter, and
    return a line to answer, or ``None`` to break the connection.
    """

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), MailTalk)
        self.port = self.server_address[1]
        self.tls = None
        self.reset()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def reset(self):
        self.receiver = lambda address: "250 OK"
        self.letter = lambda letter: "250 kept"
        # Conversations that still go on keep the old list.
        self.letters, self.connections = [], 0

    def stop(self):
        self.shutdown()
        self.server_close()

    def use_tls(self):
        """Offer STARTTLS with a certificate that nobody signed."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
        begin = datetime.datetime(2020, 1, 1)
        certificate = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(key.public_key())
            .serial_number(1)
            .not_valid_before(begin)
            .not_valid_after(datetime.datetime(2100, 1, 1))
            .add_extension(
                x509.SubjectAlternativeName(
                    [x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
                ),
                critical=False,
            )
            .sign(key, hashes.SHA256())
        )
        pem = serialization.Encoding.PEM
        content = certificate.public_bytes(pem) + key.private_bytes(
            pem,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "server.pem")
            path.write_bytes(content)
            self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.tls.load_cert_chain(path)


class MailTalk(socketserver.StreamRequestHandler):
    """One conversation (RFC 5321)."""

    timeout = 20

    def say(self, line):
        self.wfile.write(line.encode() + b"\r\n")

    def handle(self):
        self.server.connections += 1
        # Who hangs up has had enough.
        with contextlib.suppress(OSError):
            self.say("220 test")
            self.converse()

    def converse(self):
        letters = self.server.letters
        while line := self.rfile.readline().decode().strip():
            word = line[:4].upper()
            if word == "EHLO":
                self.say("250-test")
                self.say("250 STARTTLS" if self.server.tls else "250 8BITMIME")
            elif word == "STAR":
                self.say("220 go on")
                secure = self.server.tls.wrap_socket(self.connection, server_side=True)
                self.rfile, self.wfile = secure.makefile("rb"), secure.makefile("wb", 0)
            elif word == "RCPT":
                answer = self.server.receiver(line.partition(":")[2].split(" ")[0])
                if answer is None:
                    return
                self.say(answer)
            elif word == "DATA":
                self.say("354 go on")
                content = b""
                while (part := self.rfile.readline()) not in (b".\r\n", b""):
                    content += part
                answer = self.server.letter(content)
                if answer is None or answer.startswith("250"):
                    letters.append(content)
                if answer is None:
                    return
                self.say(answer)
            else:
                self.say("221 bye" if word == "QUIT" else "250 OK")
                if word == "QUIT":
                    return


def slowly(seconds, answer):
    """Answers after a while."""

    def respond(_what):
        time.sleep(seconds)
        return answer

    return respond
