"""A webhook's request as adapters read it: plain data."""

from typing import NamedTuple

from .heard import is_signed


class Forged(Exception):
    """It is not signed as agreed: nothing of it is believed."""


class Request(NamedTuple):
    method: str
    headers: dict
    query: dict
    body: bytes
    content_type: str

    def check(self, secret, header, prefix):
        """Believe only what is signed, when a secret was agreed.

        :raises Forged: no signature, or not the right one
        """
        if not secret:
            return
        given = next(
            (v for k, v in self.headers.items() if k.lower() == header.lower()), None
        )
        if not is_signed(secret, self.body, given, prefix):
            raise Forged("signature")
