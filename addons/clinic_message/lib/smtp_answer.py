"""What an SMTP conversation came to, in the words of the port."""

import re
import smtplib

from .port import Outcome

#: An enhanced status code (RFC 3463).
ENHANCED = re.compile(r"\b([245]\.\d{1,3}\.\d{1,3})\b")
#: Seconds to wait when a server asks to come again: it doubles up to an hour.
COME_AGAIN, LONGEST = 300, 3600


class Handed:
    """Whether a letter was being handed over when the conversation ended.

    From the word DATA on the server may have taken the letter, whatever was heard.
    """

    def __init__(self, session):
        self.session, self.begun = session, False
        original = getattr(session, "data", None)

        def data(content):
            self.begun = True
            return original(content)

        if original:
            session.data = data

    def release(self):
        """Look no longer."""
        vars(self.session).pop("data", None)


def code_of(code, text):
    """The code that says most about an answer.

    >>> code_of(550, b"5.1.1 no such user"), code_of(451, "later")
    ('5.1.1', '451')
    """
    words = text.decode("ascii", "replace") if isinstance(text, bytes) else str(text)
    found = ENHANCED.search(words)
    return found[1] if found else str(code)


def outcome(error, begun, attempts=0):
    """The outcome of a try that ended with an error.

    :param Exception error: what smtplib or the network raised
    :param bool begun: whether the letter was being handed over
    :param int attempts: tries before this one
    :returns: ``Outcome`` without words; ``detail`` says whose trouble it is:
        ``receiver``, ``letter``, ``sender``, ``server`` or ``connection``

    >>> refused = smtplib.SMTPRecipientsRefused({"a@b.c": (550, b"5.1.1 no")})
    >>> outcome(refused, False)[:3]
    ('refused', None, '5.1.1')
    >>> outcome(smtplib.SMTPDataError(451, b"4.7.1 greylisted"), True).state
    'retry'
    >>> outcome(TimeoutError(), True).state, outcome(TimeoutError(), False).state
    ('ambiguous', 'retry')
    """
    again = min(COME_AGAIN * 2**attempts, LONGEST)
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, text = next(iter(error.recipients.values()), (550, b""))
        return of_code(code, text, "receiver", again)
    if isinstance(error, smtplib.SMTPSenderRefused):
        # It refuses the clinic and not this letter: others would be lost in vain.
        failure = code_of(error.smtp_code, error.smtp_error)
        return Outcome("retry", failure=failure, detail="sender")
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return Outcome("retry", failure=str(error.smtp_code), detail="sender")
    if isinstance(error, smtplib.SMTPDataError):
        return of_code(error.smtp_code, error.smtp_error, "letter", again)
    if isinstance(error, smtplib.SMTPResponseException):
        failure = code_of(error.smtp_code, error.smtp_error)
        return Outcome("retry", failure=failure, detail="server")
    failure = type(error).__name__[:60]
    state = "ambiguous" if begun else "retry"
    return Outcome(state, failure=failure, detail="connection")


def of_code(code, text, whose, again):
    """A refusal for good (5xx), or for now (4xx)."""
    failure = code_of(code, text)
    if 500 <= code < 600:
        return Outcome("refused", failure=failure, detail=whose)
    return Outcome("retry", failure=failure, retry_after=again, detail=whose)
