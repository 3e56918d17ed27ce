"""What the gateway remembers: accounts, messages, telephones; thread safe."""

import json
import secrets
import threading
import time
from collections import Counter, OrderedDict
from dataclasses import asdict, dataclass, field
from pathlib import Path

#: Messages kept; older ones are forgotten first.
KEPT = 200_000
#: Messages written to disk, for the telephones after a restart.
SAVED = 5_000

RANK = {"accepted": 1, "sent": 2, "failed": 3, "delivered": 4, "read": 5}


@dataclass
class Message:
    """One message: ``out`` to a telephone, as the clinic sees it, or ``in`` from it."""

    id: str
    channel: str
    direction: str
    phone: str
    clinic: str
    text: str
    account: str = ""
    subject: str = ""
    key: str = ""
    status: str = "accepted"
    error: str = ""
    at: float = field(default_factory=time.time)
    times: dict = field(default_factory=dict)
    segments: int = 1
    callback: str = ""
    extra: dict = field(default_factory=dict)
    number: int = 0
    changed: int = 0


@dataclass
class Account:
    """A customer of the gateway: one provider record of one clinic.

    :param str key: what the clinic shows: an API key, a bearer token
    :param str secret: with what the gateway signs what it tells
    :param str callback: where it tells
    :param str sender: the clinic's number
    """

    key: str
    channel: str = "sms"
    secret: str = ""
    callback: str = ""
    verify_token: str = ""
    sender: str = ""
    form: bool = False
    verified: bool = False


class Store:
    """Everything kept, under one lock; ``changed`` wakes those who watch."""

    def __init__(self, folder=None):
        self.folder = Path(folder) if folder else None
        self.lock = threading.RLock()
        self.changed = threading.Condition(self.lock)
        self.version = 0
        self.saved_version = 0
        self.messages = OrderedDict()
        self.by_key = {}
        self.accounts = {}
        self.people = {}
        self.flags = {}
        self.devices = {}
        self.media = {}
        self.counts = Counter()
        self.load()

    # -- messages ------------------------------------------------------------

    def add(self, message):
        """Keep a message; the one with the same account and key when there is one.

        :returns: the message kept, and whether it is new
        """
        with self.changed:
            place = (message.account, message.channel, message.key)
            if message.key and place in self.by_key:
                return self.messages[self.by_key[place]], False
            self.version += 1
            message.number = message.changed = self.version
            message.times.setdefault(message.status, message.at)
            self.messages[message.id] = message
            if message.key:
                self.by_key[place] = message.id
            self.counts[f"{message.channel}.{message.direction}"] += 1
            if len(self.messages) > KEPT:
                _id, old = self.messages.popitem(last=False)
                self.by_key.pop((old.account, old.channel, old.key), None)
            self.changed.notify_all()
            return message, True

    def find(self, id_):
        with self.lock:
            return self.messages.get(id_)

    def find_key(self, account, channel, key):
        with self.lock:
            return self.messages.get(self.by_key.get((account, channel, key)))

    def lift(self, message, status, error=""):
        """Give a message a later status; whether it changed."""
        with self.changed:
            if RANK[status] <= RANK[message.status] or message.status == "failed":
                return False
            self.version += 1
            message.status, message.error = status, error
            message.times[status] = time.time()
            message.changed = self.version
            self.counts[f"{message.channel}.{status}"] += 1
            self.changed.notify_all()
            return True

    def touch(self, message):
        """Tell those who watch that something about a message is different."""
        with self.changed:
            self.version += 1
            message.changed = self.version
            self.changed.notify_all()

    def wait(self, version, seconds):
        """Wait until there is something newer; the version now."""
        with self.changed:
            if self.version <= version:
                self.changed.wait(seconds)
            return self.version

    def last_from(self, phone, channel):
        """When the telephone last wrote by this channel; 0 for never."""
        with self.lock:
            return self.flags.get(phone, {}).get(f"wrote_{channel}", 0)

    # -- telephones ----------------------------------------------------------

    def flag(self, phone, name, value=None):
        """Read or set a trait of a telephone: no_whatsapp, opted_out, absent, …"""
        with self.lock:
            if value is not None:
                self.flags.setdefault(phone, {})[name] = value
            return self.flags.get(phone, {}).get(name)

    def owner(self, address):
        """The telephone an address (number, e-mail, device) belongs to."""
        for number, person in self.people.items():
            if address == number or address in person.get("addresses", ()):
                return number
        return address

    def account(self, key, channel):
        """The account of a key; one is opened for a key nobody knows yet."""
        with self.lock:
            account = self.accounts.get(f"{channel}:{key}")
            if account is None and key:
                account = self.put_account({"key": key, "channel": channel})
            return account

    def put_account(self, values):
        """Open or change an account.

        :raises TypeError: a value that accounts do not have
        """
        with self.changed:
            place = f"{values.get('channel', 'sms')}:{values['key']}"
            known = asdict(self.accounts[place]) if place in self.accounts else {}
            self.accounts[place] = Account(**(known | values))
            self.version += 1
            return self.accounts[place]

    def reset(self):
        """Forget messages, devices and counts; accounts and names stay."""
        with self.changed:
            for kept in (self.messages, self.by_key, self.flags, self.media):
                kept.clear()
            self.counts.clear()
            self.version += 1
            self.changed.notify_all()

    # -- disk ----------------------------------------------------------------

    def load(self):
        """Bring back what an earlier run saved."""
        path = self.folder and self.folder / "gateway.json"
        if not path or not path.exists():
            return
        try:
            kept = json.loads(path.read_text())
        except ValueError:
            return
        for values in kept["accounts"]:
            self.put_account(values)
        self.people = kept["people"]
        self.flags = kept["flags"]
        self.devices = kept["devices"]
        for values in kept["messages"]:
            message = Message(**values)
            self.messages[message.id] = message
            if message.key:
                self.by_key[(message.account, message.channel, message.key)] = (
                    message.id
                )
            self.version = max(self.version, message.changed)

    def save(self):
        """Write the state beside and move it into its place."""
        if not self.folder:
            return
        with self.lock:
            if self.saved_version == self.version:
                return
            self.saved_version = self.version
            kept = {
                "accounts": [asdict(account) for account in self.accounts.values()],
                "people": self.people,
                "flags": self.flags,
                "devices": self.devices,
                "messages": [
                    asdict(message) for message in list(self.messages.values())[-SAVED:]
                ],
            }
        self.folder.mkdir(parents=True, exist_ok=True)
        fresh = self.folder / "gateway.json.new"
        fresh.touch(mode=0o600)
        fresh.write_text(json.dumps(kept))
        fresh.replace(self.folder / "gateway.json")


def new_id(prefix):
    """An id nobody guesses."""
    return f"{prefix}{secrets.token_hex(12)}"
