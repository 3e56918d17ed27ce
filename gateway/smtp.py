"""A mail server on loopback that keeps what it is given, and a letter box (POP3).

Mails go to the telephone page under the receiver's address. What people answer there,
and reports that a mail could not be delivered (RFC 3464), wait in the letter box: Odoo
fetches them with POP3, user and password of any kind.
"""

import email
import email.policy
import socketserver
import threading
import time
from email.message import EmailMessage
from email.mime.base import MIMEBase
from email.mime.message import MIMEMessage
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.parser import BytesParser
from email.utils import formataddr, formatdate, make_msgid, parseaddr

from .store import Message, new_id

LARGEST = 20 * 1024 * 1024


class LineHandler(socketserver.StreamRequestHandler):
    """A conversation of lines."""

    timeout = 60
    disable_nagle_algorithm = True

    def say(self, line):
        self.wfile.write(line.encode() + b"\r\n")

    def words(self):
        """Lines until the client goes away: (command, rest)."""
        while True:
            line = self.rfile.readline(4096)
            if not line:
                return
            command, _space, rest = (
                line.decode("utf-8", "replace").strip().partition(" ")
            )
            yield command.upper(), rest

    def handle(self):
        try:
            self.converse()
        except (ConnectionError, TimeoutError):
            pass


class SmtpHandler(LineHandler):
    """SMTP as far as a mail client needs it (RFC 5321)."""

    def converse(self):
        gateway = self.server.gateway
        sender, receivers = "", []
        self.say("220 demo-gateway ESMTP")
        for command, rest in self.words():
            behaviour = gateway.fate.of("email")
            if command == "EHLO":
                self.say("250-demo-gateway")
                self.say("250-8BITMIME")
                self.say("250-SMTPUTF8")
                self.say(f"250 SIZE {LARGEST}")
            elif command in ("HELO", "NOOP"):
                self.say("250 OK")
            elif command == "RSET":
                sender, receivers = "", []
                self.say("250 OK")
            elif command == "MAIL":
                sender, receivers = (
                    parseaddr(rest.partition(":")[2].split(" ")[0])[1],
                    [],
                )
                self.say("250 OK")
            elif command == "RCPT":
                address = parseaddr(rest.partition(":")[2].split(" ")[0])[1]
                if self.answer_receiver(gateway, behaviour):
                    receivers.append(address)
            elif command == "DATA":
                if not receivers:
                    self.say("554 no receivers")
                    continue
                self.say("354 go on")
                raw = self.read_data()
                if gateway.fate.draw("email") == "lose":
                    take(gateway, sender, receivers, raw)
                    time.sleep(behaviour.hang)
                    return
                take(gateway, sender, receivers, raw)
                self.say("250 kept")
                sender, receivers = "", []
            elif command == "QUIT":
                self.say("221 bye")
                return
            else:
                self.say("502 not here")

    def answer_receiver(self, gateway, behaviour):
        """Say what the switches want; whether the receiver is taken."""
        time.sleep(behaviour.delay / 1000)
        fate = gateway.fate.draw("email")
        if behaviour.smtp == "hang":
            time.sleep(behaviour.hang or 60)
            return False
        if gateway.fate.wait_for("email") or fate == "error" or behaviour.smtp == "451":
            self.say("451 4.3.2 try again later")
            return False
        if fate == "refuse" or behaviour.smtp == "550":
            self.say("550 5.1.1 no such mailbox")
            return False
        self.say("250 OK")
        return True

    def read_data(self):
        lines, size = [], 0
        while True:
            line = self.rfile.readline(LARGEST)
            if not line or line in (b".\r\n", b".\n"):
                return b"".join(lines)
            size += len(line)
            if size <= LARGEST:
                lines.append(line[1:] if line.startswith(b"..") else line)


def take(gateway, sender, receivers, raw):
    """Keep a mail for each receiver."""
    mail = BytesParser(policy=email.policy.default).parsebytes(raw)
    body = mail.get_body(("plain", "html"))
    html = mail.get_body(("html",))
    files = [part.get_filename() or "file" for part in mail.iter_attachments()]
    for receiver in receivers:
        message = Message(
            id=new_id("mail-"),
            channel="email",
            direction="out",
            phone=receiver.lower(),
            clinic=parseaddr(str(mail.get("From", "")))[1] or sender,
            subject=str(mail.get("Subject", "")),
            text=text_of(body),
            extra={
                "html": text_of(html)[:200_000] if html else "",
                "message_id": str(mail.get("Message-Id", "")).strip(),
                "reply_to": str(mail.get("Reply-To") or mail.get("From") or ""),
                "return_path": sender,
                "files": files,
            },
        )
        gateway.store.add(message)
        if gateway.fate.happens("email", "undelivered"):
            bounce(gateway, message)
        else:
            gateway.store.lift(message, "sent")


def text_of(part):
    """The words of a part, whatever its character set."""
    if part is None:
        return ""
    try:
        return part.get_content()
    except (LookupError, KeyError):
        return part.get_payload(decode=True).decode("utf-8", "replace")


def bounce(gateway, message, code="5.1.1"):
    """The mail could not be delivered: a report goes to its return path."""
    gateway.store.lift(message, "failed", code)
    report = MIMEMultipart("report", **{"report-type": "delivery-status"})
    report["From"] = formataddr(("Mail Delivery System", "MAILER-DAEMON@demo-gateway"))
    report["To"] = message.extra["return_path"]
    report["Subject"] = "Undelivered Mail Returned to Sender"
    report["Date"] = formatdate()
    report["Message-Id"] = make_msgid(domain="demo-gateway")
    report["References"] = message.extra["message_id"]
    report["Auto-Submitted"] = "auto-replied"
    report.attach(MIMEText("The mail could not be delivered.\n"))
    status = MIMEBase("message", "delivery-status")
    for lines in (
        "Reporting-MTA: dns; demo-gateway\n",
        f"Final-Recipient: rfc822; {message.phone}\nAction: failed\nStatus: {code}\n",
    ):
        status.attach(email.message_from_string(lines))
    report.attach(status)
    original = EmailMessage()
    original["Message-Id"] = message.extra["message_id"]
    original["To"] = message.phone
    original["Subject"] = message.subject
    original.set_content("")
    report.attach(MIMEMessage(original))
    gateway.letter_box(report.as_bytes())


def reply(gateway, message):
    """What a person answers from the telephone page, as a mail to the clinic."""
    mail = EmailMessage()
    mail["From"] = message.phone
    mail["To"] = message.clinic
    mail["Subject"] = message.subject or "Re:"
    mail["Date"] = formatdate()
    mail["Message-Id"] = f"<{message.id}@demo-gateway>"
    if message.extra.get("reply"):
        mail["In-Reply-To"] = mail["References"] = message.extra["reply"]
    mail.set_content(message.text)
    gateway.letter_box(mail.as_bytes())


class PopHandler(LineHandler):
    """POP3 as far as a mail client needs it (RFC 1939)."""

    def converse(self):
        gateway = self.server.gateway
        with gateway.box_lock:
            mails = list(gateway.box)
        gone = set()
        self.say("+OK demo-gateway")
        for command, rest in self.words():
            number = int(rest.split(" ")[0]) - 1 if rest[:1].isdigit() else -1
            if command in ("USER", "PASS", "NOOP"):
                self.say("+OK")
            elif command == "STAT":
                self.say(f"+OK {len(mails)} {sum(map(len, mails))}")
            elif command in ("LIST", "UIDL"):
                self.say("+OK")
                for index, mail in enumerate(mails):
                    self.say(f"{index + 1} {len(mail)}")
                self.say(".")
            elif command == "RETR" and 0 <= number < len(mails):
                self.say("+OK")
                for line in mails[number].splitlines():
                    self.wfile.write(
                        (b"." if line[:1] == b"." else b"") + line + b"\r\n"
                    )
                self.say(".")
            elif command == "DELE" and 0 <= number < len(mails):
                gone.add(mails[number])
                self.say("+OK")
            elif command == "RSET":
                gone.clear()
                self.say("+OK")
            elif command == "QUIT":
                with gateway.box_lock:
                    gateway.box[:] = [mail for mail in gateway.box if mail not in gone]
                self.say("+OK bye")
                return
            else:
                self.say("-ERR")


class LineServer(socketserver.ThreadingTCPServer):
    """A thread for each conversation."""

    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 128

    def __init__(self, port, handler, gateway):
        self.gateway = gateway
        super().__init__(("127.0.0.1", port), handler)
        name = f"{handler.__name__}-{self.server_address[1]}"
        self.thread = threading.Thread(
            target=self.serve_forever, name=name, daemon=True
        )
        self.thread.start()
