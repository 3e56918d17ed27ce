"""Counting what passed and failed."""

from .steps import say

SHOWN = 40


class Tally:
    """The checks of one stage: how many passed, which failed and why."""

    def __init__(self, title):
        self.title = title
        self.passed = 0
        self.failures = []

    def check(self, what, right, reasons=()):
        """Count one check."""
        if right:
            self.passed += 1
        else:
            self.fail(what, reasons)

    def fail(self, what, reasons=()):
        """Count one failed check."""
        if isinstance(reasons, str):
            reasons = [reasons]
        self.failures.append((what, [str(reason) for reason in reasons]))

    def add(self, other):
        """Count what another tally counted."""
        self.passed += other.passed
        self.failures += [
            (f"{other.title}: {what}", reasons) for what, reasons in other.failures
        ]

    def show(self):
        """Print the failures."""
        for what, reasons in self.failures:
            say(f"    FAILED {self.title}: {what}")
            lines = [line for reason in reasons for line in reason.splitlines()]
            for line in lines[:SHOWN]:
                say(f"      {line}")
            if len(lines) > SHOWN:
                say(f"      … and {len(lines) - SHOWN} lines more")

    def __str__(self):
        return f"{self.passed} passed, {len(self.failures)} failed"
