"""The demo gateway: telephones, mailboxes and providers for a clinic that has none.

A small program of its own (Python's standard library only) that speaks the protocols of
real providers over real sockets, takes messages in and shows them as on a telephone.
It listens on 127.0.0.1 only and reaches nobody. ``python -m gateway --help``.
"""
