"""The ways by which a message reaches a person."""

CHANNELS = [
    ("email", "E-mail"),
    ("sms", "SMS"),
    ("whatsapp", "WhatsApp"),
    ("push", "Push"),
    ("voice", "Voice call"),
    ("letter", "Letter"),
]

#: Channels whose address is a telephone number.
BY_NUMBER = ("sms", "whatsapp", "voice")
