"""What a file that people upload may hold at most, and what is said of one that holds
more or nothing that can be read. No Odoo."""

LARGEST = 100 * 2**20
#: Pages of HTML and spreadsheets of the old kind are held in memory as a whole.
LARGEST_WHOLE = 25 * 2**20
#: What an XLSX or ODS file may hold when it is unpacked.
LARGEST_UNPACKED = 400 * 2**20
LARGEST_STRINGS = 150 * 2**20
MOST_PARTS = 2000
MOST_SHEETS = 200
MOST_COLUMNS = 200
MOST_ROWS = 500_000
#: Lines without any text, beside those with some.
MOST_EMPTY = 2_000_000
MOST_MERGED = 100_000
LONGEST_CELL = 32_767


class BadFile(Exception):
    """The file cannot be read; ``reason`` is a word for the caller to explain.

    :param str reason: empty, too_large, not_a_table, encoding, mixed_encoding, bomb,
        doctype, password, damaged, columns, rows, quote
    :param int line: the line at fault, as a person counts it, or None
    :param str text: what stands there
    """

    def __init__(self, reason, line=None, text=""):
        super().__init__(reason, line)
        self.reason = reason
        self.line = line
        self.text = text
