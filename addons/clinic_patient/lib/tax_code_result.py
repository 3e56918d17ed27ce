"""What a checker of tax codes answers with."""


class InvalidTaxCode(ValueError):
    """The code cannot have been given out; ``reason`` is "length" or "format"."""

    def __init__(self, reason):
        super().__init__(reason)
        self.reason = reason
