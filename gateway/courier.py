"""Telling the clinic what happened: receipts and inbound messages, over HTTP."""

import hashlib
import heapq
import hmac
import itertools
import random
import threading
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

#: Seconds between the tries of a callback that nobody took.
PAUSES = (1, 2, 5, 15, 60)


class Letter(NamedTuple):
    """One callback: where to, with what, signed by which secret."""

    url: str
    body: bytes
    content_type: str
    channel: str
    secret: str = ""
    header: str = "X-Signature"
    prefix: str = "sha256="


class Courier:
    """Delivers letters and runs what is to happen later; a few threads."""

    def __init__(self, fate, counts, threads=8):
        self.fate = fate
        self.counts = counts
        self.heap = []
        self.order = itertools.count()
        self.wake = threading.Condition()
        self.held = []
        self.pool = ThreadPoolExecutor(threads, thread_name_prefix="courier")
        self.opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        self.stopping = False
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def later(self, seconds, work, *arguments):
        """Do something after a while."""
        with self.wake:
            when = time.monotonic() + seconds
            heapq.heappush(self.heap, (when, next(self.order), work, arguments))
            self.wake.notify()

    def run(self):
        """The clock: hand what is due to the pool."""
        while not self.stopping:
            with self.wake:
                if not self.heap:
                    self.wake.wait(1)
                    continue
                seconds = self.heap[0][0] - time.monotonic()
                if seconds > 0:
                    self.wake.wait(min(seconds, 1))
                    continue
                _when, _order, work, arguments = heapq.heappop(self.heap)
            try:
                self.pool.submit(work, *arguments)
            except RuntimeError:  # it is being stopped
                return

    def stop(self):
        with self.wake:
            self.stopping = True
            self.wake.notify()
        self.pool.shutdown(wait=False, cancel_futures=True)

    def waiting(self):
        """Letters and events that are still to come, the held ones left out."""
        with self.wake:
            return len(self.heap)

    def post(self, letter):
        """Send a receipt as the switches of its channel say."""
        behaviour = self.fate.of(letter.channel)
        if not letter.url or behaviour.receipts == "off":
            return
        copies = [letter] * max(1, int(behaviour.repeat))
        if behaviour.receipts == "hold":
            with self.wake:
                self.held += copies
            return
        for copy in copies:
            self.later(0, self.deliver, copy)

    def release(self, shuffle=False, repeat=1):
        """Send what was held back; the number of letters."""
        with self.wake:
            letters, self.held = self.held * max(1, int(repeat)), []
        if shuffle or any(
            self.fate.of(c).shuffle for c in {x.channel for x in letters}
        ):
            random.shuffle(letters)
        for letter in letters:
            self.later(0, self.deliver, letter)
        return len(letters)

    def headers(self, letter):
        """What the letter is sent with, rightly signed or not, as is asked for."""
        headers = {"Content-Type": letter.content_type, "User-Agent": "demo-gateway"}
        forge = self.fate.of(letter.channel).forge
        if not letter.secret or forge == "missing":
            return headers
        secret = letter.secret + ("!" if forge == "wrong" else "")
        digest = hmac.new(secret.encode(), letter.body, hashlib.sha256).hexdigest()
        signature = letter.prefix + digest
        if forge == "non_ascii":
            signature = letter.prefix + "ü" * 64
        headers[letter.header] = signature
        return headers

    def deliver(self, letter, attempt=0):
        """One try; again later when the clinic is not there or has no time."""
        request = urllib.request.Request(
            letter.url, letter.body, self.headers(letter), method="POST"
        )
        try:
            with self.opener.open(request, timeout=20) as answer:
                answer.read(1000)
                status = answer.status
        except urllib.error.HTTPError as error:
            status = error.code
            error.close()
        except (OSError, ValueError):
            status = 0
        self.counts[f"callback.{status}"] += 1
        if (status == 429 or status >= 500 or not status) and attempt < len(PAUSES):
            pause = PAUSES[attempt] * random.uniform(0.8, 1.2)
            self.later(pause, self.deliver, letter, attempt + 1)
