"""The life of a message: its states, and which may follow which.

Plain data, shared by the models and the tests.
"""

#: In order of a message's life.
STATES = [
    ("queued", "Queued"),
    ("claimed", "Being sent"),
    ("unknown", "Perhaps sent"),
    ("accepted", "Accepted"),
    ("sent", "Sent"),
    ("delivered", "Delivered"),
    ("read", "Read"),
    ("replied", "Answered"),
    ("failed", "Failed"),
    ("bounced", "Bounced"),
    ("expired", "Expired"),
    ("suppressed", "Held back"),
    ("cancelled", "Cancelled"),
    ("received", "Received"),
]

#: What a provider may say later only lifts a message, whatever the order it comes in.
#: A failure ends a message that was not delivered; a delivery told late wins over it,
#: since the person did get the message.
RANK = {
    "queued": 0,
    "claimed": 10,
    "unknown": 20,
    "accepted": 30,
    "sent": 40,
    "expired": 50,
    "failed": 51,
    "bounced": 52,
    "delivered": 60,
    "read": 70,
    "replied": 80,
}

#: States in which the message has left the house, or may have.
GONE = ("unknown", "accepted", "sent", "delivered", "read", "replied")

#: States that count as reached, for reports.
REACHED = ("delivered", "read", "replied")

#: States in which a message did not arrive by this channel: another may be tried.
LOST = ("failed", "bounced", "expired")

#: States that end a message that was never sent.
WITHHELD = ("suppressed", "cancelled")


def follows(old, new):
    """Whether a status heard from a provider changes a message in state `old`.

    >>> follows("sent", "delivered"), follows("read", "delivered")
    (True, False)
    >>> follows("suppressed", "delivered")
    False
    """
    if old not in RANK or new not in RANK:
        return False
    return RANK[new] > RANK[old]


#: Why a message was held back, in words for the staff.
REASONS = [
    ("no_address", "No address or number that may be used"),
    ("no_channel", "No channel is switched on for it"),
    ("archived", "The card is archived or erased"),
    ("minor", "A minor without a guardian"),
    ("recipient", "May not act for the patient any more"),
    ("optout", "The person said STOP"),
    ("consent", "No consent to news and offers"),
    ("permission", "The number may not be used for this channel"),
    ("cap", "Enough messages for these days"),
    ("quiet", "Quiet hours lasted longer than it was worth sending"),
    ("repeat", "The same text was sent to this address lately"),
    ("digest", "Told in one message with others of the family"),
    ("obsolete", "Not true any more"),
]

#: Kinds of answers: what was said to somebody who wrote stays said.
ANSWERS = ("reply", "reply_ask")
