"""Read a roster of people from CSV or XLSX. No Odoo.

Columns are found by their headings, in the words that firms use.
"""

import csv
import io
import zipfile
from datetime import date, datetime

import openpyxl

LARGEST = 5_000_000
#: What a workbook may unpack to: a bomb is larger.
LARGEST_UNPACKED = 60_000_000
MOST_ROWS = 2_000

HEADINGS = {
    "family_name": ("family name", "surname", "last name", "cognome", "nachname"),
    "given_name": ("given name", "first name", "nome", "vorname"),
    "name": ("name", "full name", "employee", "nominativo", "dipendente"),
    "birth_date": ("birth date", "date of birth", "born", "data di nascita"),
    "phone": ("phone", "telephone", "mobile", "telefono", "cellulare"),
    "email": ("email", "e-mail", "mail"),
    "tax_code": ("tax code", "codice fiscale", "fiscal code"),
    "sex": ("sex", "gender", "sesso"),
}
SEXES = {"m": "male", "f": "female", "male": "male", "female": "female"}
FORMATS = ("%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y", "%d-%m-%Y")


class NotReadable(Exception):
    """The file is no roster; the argument is large, broken, headings or rows."""


def read(content):
    """Return the people in a file.

    :param bytes content: CSV with commas, semicolons or tabs; or XLSX
    :returns: list of (line number, dict of the columns that were found)
    :raises NotReadable: with the reason
    """
    if len(content) > LARGEST:
        raise NotReadable("large")
    rows = _read_xlsx(content) if content[:2] == b"PK" else _read_csv(content)
    columns = {}
    for place, heading in enumerate(rows[0] if rows else ()):
        plain = " ".join(str(heading or "").lower().replace("_", " ").split())
        for name, words in HEADINGS.items():
            if plain in words and name not in columns:
                columns[name] = place
    if not {"name", "family_name"} & columns.keys():
        raise NotReadable("headings")
    if len(rows) > MOST_ROWS:
        raise NotReadable("rows")
    people = []
    for number, row in enumerate(rows[1:], 2):
        person = {
            name: row[place] for name, place in columns.items() if place < len(row)
        }
        person = {name: _plain(value) for name, value in person.items()}
        if any(person.values()):
            people.append((number, person))
    return people


def _plain(value):
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return value if isinstance(value, date) else " ".join(str(value or "").split())


def birth_date(value):
    """Return a date as firms write it, or None; the day comes before the month.

    :raises ValueError: it is none
    """
    if not value or isinstance(value, date):
        return value or None
    for pattern in FORMATS:
        try:
            return datetime.strptime(value, pattern).date()
        except ValueError:
            continue
    raise ValueError(value)


def sex(value):
    """Return male or female, or None for anything else."""
    return SEXES.get(str(value or "").lower())


def _read_csv(content):
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", errors="replace")
    delimiter = max(";\t,", key=text[:5000].count)
    return list(csv.reader(io.StringIO(text.replace("\x00", "")), delimiter=delimiter))


def _read_xlsx(content):
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(one.file_size for one in archive.infolist()) > LARGEST_UNPACKED:
                raise NotReadable("large")
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True)
        rows = []
        for row in book.active.iter_rows(values_only=True, max_row=MOST_ROWS + 2):
            rows.append(list(row[:50]))
        return rows
    except NotReadable:
        raise
    except Exception as error:
        # openpyxl raises anything at all for a workbook that is broken.
        raise NotReadable("broken") from error
