"""The gateway as a whole: its servers, and how a message travels."""

import threading
import time

from . import control, phones, push, sms, smtp, voice, web, whatsapp
from .behaviour import Fate
from .courier import Courier
from .store import RANK, Store

#: How a message of a channel is told to the clinic.
TELLERS = {"sms": sms, "whatsapp": whatsapp}


class Gateway:
    """A demo gateway on free or given ports, running until :meth:`stop`.

    >>> gateway = Gateway()
    >>> gateway.url  # doctest: +SKIP
    'http://127.0.0.1:40123'
    >>> gateway.stop()

    :param int port: of HTTP; 0 for a free one
    :param int smtp_port: of the mail server
    :param int pop_port: of the letter box
    :param folder: where to keep things for the next run; nowhere if left out
    """

    def __init__(self, port=0, smtp_port=0, pop_port=0, folder=None):
        self.store = Store(folder)
        self.fate = Fate()
        self.courier = Courier(self.fate, self.store.counts)
        self.box, self.box_lock = [], threading.Lock()
        self.stopped = threading.Event()
        self.server = web.Server(port, self)
        self.port = self.server.server_port
        self.url = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.smtp = smtp.LineServer(smtp_port, smtp.SmtpHandler, self)
        self.smtp_port = self.smtp.server_address[1]
        self.pop = smtp.LineServer(pop_port, smtp.PopHandler, self)
        self.pop_port = self.pop.server_address[1]
        threading.Thread(target=self.keep, daemon=True).start()

    def keep(self):
        """Save what changed, every two seconds."""
        while not self.stopped.wait(2):
            self.store.save()

    def stop(self):
        """End all servers; keep the state."""
        self.stopped.set()
        for server in (self.server, self.smtp, self.pop):
            server.shutdown()
            server.server_close()
        self.courier.stop()
        self.store.save()

    def answer(self, request):
        """Find who answers a request."""
        first = request.parts[0] if request.parts else ""
        if first == "sms":
            return sms.answer(self, request)
        if first == "voice":
            return voice.answer(self, request)
        if first == "push":
            return push.answer(self, request)
        if first == "control":
            return control.answer(self, request)
        if first[:1] == "v" and first[1:].replace(".", "").isdigit():
            return whatsapp.answer(self, request)
        return phones.answer(self, request)

    def meet(self, channel):
        """What awaits the next message: an Answer, or «take», «refuse», «lose»."""
        if self.fate.of(channel).hold:
            self.store.counts[f"{channel}.held"] += 1
            self.fate.hold(channel)
        web.pause(self.fate.of(channel).delay)
        seconds = self.fate.wait_for(channel)
        if seconds:
            self.store.counts[f"{channel}.limited"] += 1
            return web.Answer(
                {"error": {"code": "rate_limit", "message": "too many"}},
                429,
                {"Retry-After": str(max(1, round(seconds)))},
            )
        fate = self.fate.draw(channel)
        if fate == "error":
            return web.Answer({"error": {"code": "server_error"}}, 500)
        return fate

    def lose(self, channel):
        """The message was taken, the answer is lost."""
        time.sleep(self.fate.of(channel).hang)
        return web.Answer(lost=True)

    def travel(self, message, failure=""):
        """Let a message go its way; the clinic is told of each step."""
        seconds = self.fate.of(message.channel).travel / 1000
        if not failure and self.store.flag(message.phone, "absent"):
            failure = "absent"
        if not failure and self.fate.happens(message.channel, "undelivered"):
            failure = "131026" if message.channel == "whatsapp" else "unreachable"
        if failure:
            self.courier.later(seconds, self.reach, message, "failed", failure)
            return
        self.courier.later(seconds, self.reach, message, "sent")
        self.courier.later(2 * seconds, self.reach, message, "delivered")
        if self.fate.happens(message.channel, "read"):
            self.courier.later(3 * seconds, self.reach, message, "read")

    def reach(self, message, status, failure=""):
        """A message gets to a status; the clinic hears of it."""
        changed = self.store.lift(message, status, failure)
        # «sent» may come after «delivered» on the courier's threads: still told.
        late = RANK[status] < RANK[message.status] and message.status != "failed"
        teller = TELLERS.get(message.channel)
        if not (changed or late) or not teller:
            return
        at = message.times.setdefault(status, time.time())
        account = self.store.account(message.account, message.channel)
        self.courier.post(teller.receipt(self, account, message, status, at))

    def letter_box(self, mail):
        """Put a mail where Odoo fetches it."""
        with self.box_lock:
            self.box.append(mail)
