"""How the gateway behaves: well by default, badly on request, for each channel."""

import random
import threading
import time
from dataclasses import asdict, dataclass, fields

#: The tokens of a channel that took nothing lately, and since when.
FULL = (1e9, 0.0)
ANSWERS = ("", "same", "nul", "list", "missing", "huge")
#: Seconds after which a call that is held goes on by itself.
LONGEST_HOLD = 120
CHANNELS = ("sms", "whatsapp", "push", "voice", "email")


@dataclass
class Behaviour:
    """The switches of one channel.

    Percentages are of the messages; a message is hit by one of them at most, in the
    order in which they stand here.
    """

    #: milliseconds before an answer
    delay: float = 0.0
    #: messages taken in a second; 0: as many as come
    limit: float = 0.0
    #: % refused for good (a number that does not exist)
    refuse: float = 0.0
    #: % answered with «server error», nothing taken
    error: float = 0.0
    #: % taken, but the answer never comes
    lose: float = 0.0
    #: seconds the connection then hangs before it is closed
    hang: float = 0.0
    #: whether a call waits, without an answer, until this is switched off again
    hold: bool = False
    #: how the answer of a message that was taken is spoilt: «same» number for all,
    #: «nul» in the number, a «list» for one, «missing» number, «huge» answer
    answers: str = ""
    #: whether the same key gives the same answer instead of a second message
    honour_keys: bool = True
    #: «auto»: told as they happen; «hold»: kept until released; «off»: never told
    receipts: str = "auto"
    #: milliseconds from taken to sent, and from sent to delivered
    travel: float = 300.0
    #: % that never arrive (delivery fails after acceptance)
    undelivered: float = 0.0
    #: how often each receipt is told
    repeat: int = 1
    #: whether receipts that are released come in random order
    shuffle: bool = False
    #: «wrong», «missing» or «non_ascii» signatures
    forge: str = ""
    #: % of delivered messages that are read at once
    read: float = 0.0
    #: what the mail server says to every recipient: 250, 451, 550, or «hang»
    smtp: str = "250"

    def change(self, changes):
        """Set switches from outside.

        :raises ValueError: a name or a value that does not exist
        """
        kinds = {field.name: type(getattr(self, field.name)) for field in fields(self)}
        fresh = {}
        for name, value in changes.items():
            if name not in kinds:
                raise ValueError(f"no such switch: {name}")
            kind = kinds[name]
            if kind is not str and isinstance(value, str):
                value = (
                    value.strip() not in ("", "0", "false")
                    if kind is bool
                    else (float(value or 0))
                )
            fresh[name] = kind(value)
        if fresh.get("receipts", "auto") not in ("auto", "hold", "off"):
            raise ValueError("receipts: auto, hold or off")
        if fresh.get("forge", "") not in ("", "wrong", "missing", "non_ascii"):
            raise ValueError("forge: wrong, missing, non_ascii or nothing")
        if fresh.get("answers", "") not in ANSWERS:
            raise ValueError(f"answers: one of {', '.join(ANSWERS[1:])}, or nothing")
        if fresh.get("smtp", "250") not in ("250", "451", "550", "hang"):
            raise ValueError("smtp: 250, 451, 550 or hang")
        for name, value in fresh.items():
            setattr(self, name, value)

    def as_dict(self):
        return asdict(self)


class Fate:
    """Decides what happens to the next message of a channel; thread safe."""

    def __init__(self):
        self.lock = threading.Lock()
        self.random = random.Random()
        self.behaviours = {channel: Behaviour() for channel in CHANNELS}
        self.tokens = {channel: FULL for channel in CHANNELS}

    def reset(self):
        """All good again."""
        with self.lock:
            for channel in CHANNELS:
                self.behaviours[channel] = Behaviour()
                self.tokens[channel] = FULL

    def of(self, channel):
        return self.behaviours[channel]

    def hold(self, channel):
        """Wait until the channel is not held any more."""
        last = time.monotonic() + LONGEST_HOLD
        while self.behaviours[channel].hold and time.monotonic() < last:
            time.sleep(0.02)

    def wait_for(self, channel):
        """0 when the channel takes one more now, else the seconds until it does."""
        limit = self.behaviours[channel].limit
        if limit <= 0:
            return 0
        now = time.monotonic()
        with self.lock:
            level, since = self.tokens[channel]
            level = min(max(1.0, limit), level + (now - since) * limit)
            if level >= 1:
                self.tokens[channel] = (level - 1, now)
                return 0
            self.tokens[channel] = (level, now)
            return (1 - level) / limit

    def draw(self, channel):
        """«refuse», «error», «lose» or «take» for the next message."""
        behaviour = self.behaviours[channel]
        if not (behaviour.refuse or behaviour.error or behaviour.lose):
            return "take"
        dice = self.random.random() * 100
        for name in ("refuse", "error", "lose"):
            dice -= getattr(behaviour, name)
            if dice < 0:
                return name
        return "take"

    def happens(self, channel, name):
        """Whether something with a percentage happens this time."""
        share = getattr(self.behaviours[channel], name)
        return share > 0 and self.random.random() * 100 < share
