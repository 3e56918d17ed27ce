"""What is read of text files: encodings, separators, quotation marks. No database."""

import csv
import io
import random

from odoo.tests import BaseCase, tagged

from ..lib import import_file, import_text
from ..lib.import_limits import BadFile

#: People whose names an encoding can write.
PEOPLE = {
    "utf-8": [("Núñez", "Zoë"), ("Яшин", "Лев"), ("王", "小明")],
    "utf-8-sig": [("Núñez", "Zoë")],
    "utf-16": [("Іванов", "李"), ("Rossi", "Nicolò")],
    "utf-16-le": [("Rossi", "Nicolò"), ("Ёлкина", "Анна")],
    "cp1252": [("Muñoz", "Niccolò"), ("Lefèvre", "Chloé"), ("Müller", "Jörg")],
    "cp1250": [("Wałęsa", "Łukasz"), ("Dvořák", "Jiří"), ("Kovačević", "Đorđe")],
    "cp1254": [("Yıldız", "Şükrü"), ("Çağlar", "Ayşe")],
    "cp850": [("Niccolò", "Zoè"), ("Cantù", "Aloisi")],
    "cp1251": [("Иванова", "Надежда"), ("ЩУКИН", "ПЁТР")],
    "cp866": [("Иванова", "Надежда"), ("Сергеев", "Илья")],
    "koi8_r": [("Иванова", "Надежда"), ("Сергеев", "Илья")],
    "gb18030": [("王", "小明"), ("李", "娜")],
}
CELLS = (
    *("Rossi", "Anna", "", "3471100011", "12/03/1980", "dell'Orto", "1,5"),
    *("Via Roma; 1", 'Studio "Alfa" srl', "a\nb", "riga1\r\nriga2; x", '"'),
    *("; int. 4", 'x"', '"y', "\n", 'a "b; c" d', "\n;\n"),
)


def lines_of(text, delimiter=";"):
    """Return the lines of a text as (number, cells, problem), blank ones left out."""
    records = import_text.records(text, delimiter)
    return [tuple(record) for record in records if any(record.cells)]


@tagged("post_install", "-at_install")
class TestImportText(BaseCase):
    def rows_of(self, data, **options):
        file = import_file.open_file(data, import_file.Settings(**options))
        return [line.cells for line in file._lines() if line.cells]

    def refused(self, text, delimiter=";"):
        with self.assertRaises(BadFile) as caught:
            lines_of(text, delimiter)
        self.assertEqual(caught.exception.reason, "quote")
        return caught.exception.line, caught.exception.text

    # ------------------------------------------------------------
    # Encodings
    # ------------------------------------------------------------

    def test_encodings(self):
        """Every usual encoding is recognised by the letters alone."""
        for encoding, people in PEOPLE.items():
            lines = [f"{family};{given};x\r\n" for family, given in people] * 10
            data = ("Family;Given;Note\r\n" + "".join(lines)).encode(encoding)
            with self.subTest(encoding):
                found = self.rows_of(data)[1 : len(people) + 1]
                self.assertEqual([tuple(row[:2]) for row in found], people)

    def test_encodings_by_headings(self):
        """Known headings tell the encoding of a list of one person."""
        for encoding, headings in {
            "cp866": "Фамилия;Имя;Дата рождения",
            "koi8_r": "Фамилия;Имя;Телефон",
            "cp1251": "Фамилия;Имя;Отчество",
            "mac_roman": "Nom;Prénom;Téléphone",
            "cp1250": "Nazwisko;Imię;Kod pocztowy",
            "cp1254": "Soyadı;Adı;Doğum tarihi",
            "gb18030": "姓名;出生日期;手机",
            "cp850": "Cognome;Nome;Città",
        }.items():
            data = f"{headings}\r\nx;y;z\r\n".encode(encoding)
            with self.subTest(encoding):
                self.assertEqual(self.rows_of(data)[0], headings.split(";"))

    def test_end_of_a_file_of_dos(self):
        """The sign with which DOS ends a file is no patient."""
        rows = self.rows_of(b"Cognome;Nome\r\nRossi;Ugo\r\n\x1a")
        self.assertEqual(rows[1:], [["Rossi", "Ugo"]])

    def test_mixed_encodings(self):
        """A line in another encoding is named, and does not spoil all letters."""
        good = "Cognome;Nome\r\n" + "Nicolò;Zoë\r\n" * 20
        data = good.encode() + "Cantù;Ugo\r\n".encode("cp1252") + good.encode()
        with self.assertRaises(BadFile) as caught:
            self.rows_of(data)
        self.assertEqual(caught.exception.reason, "mixed_encoding")
        self.assertEqual(caught.exception.line, 22)
        self.assertIn("Cant", caught.exception.text)

    # ------------------------------------------------------------
    # Separators
    # ------------------------------------------------------------

    def test_delimiters(self):
        """Commas inside of quotes and decimal commas do not mislead."""
        for delimiter in import_text.DELIMITERS:
            line = delimiter.join(('"Via Roma, 1; b"', "Rossi", '"1,5"'))
            rows = self.rows_of(f"{line}\n{line}\n".encode())
            self.assertEqual(rows[0], ["Via Roma, 1; b", "Rossi", "1,5"])

    def test_line_that_names_the_separator(self):
        """``sep=`` of Excel is obeyed, is nobody, and lines keep their numbers."""
        file = import_file.open_file(b"sep=|\r\nCognome|Nome\r\nRossi|Luca; Ugo\r\n")
        look = file.look()
        self.assertEqual(look.settings.headings, 2)
        [luca] = file.people(look.headers)
        self.assertEqual((luca.number, luca.cells), (3, ["Rossi", "Luca; Ugo"]))

    def test_more_cells_than_headings(self):
        """A separator inside of a cell is no reason to shift its neighbours."""
        file = import_file.open_file(
            b"Cognome;Nome;Indirizzo;CAP\nRossi;Ugo;Via Po; 3;00100\n"
            b"Verdi;Ada;Via Po 3;00100;;;\nNeri;Pia\n"
        )
        people = list(file.people(file.look().headers))
        self.assertEqual([line.problem for line in people], ["cells", None, None])

    # ------------------------------------------------------------
    # Quotation marks
    # ------------------------------------------------------------

    def people(self, count, **changed):
        """Lines of a list in which some are changed."""
        lines = ["Cognome;Nome;Telefono;Indirizzo"]
        lines += [f"Rossi{n};Ugo;34711{n:05};Via Roma {n}" for n in range(count)]
        for number, line in changed.items():
            lines[int(number[1:])] = line
        return "\r\n".join(lines) + "\r\n"

    def test_unclosed_quote(self):
        """A mark that is not closed costs its own line, and swallows no other."""
        bad = 'Neri;Ugo;3471100011;"Via Roma 11'
        rows = lines_of(self.people(40, _11=bad))
        self.assertEqual(len(rows), 41)
        self.assertEqual(
            [row for row in rows if row[2]], [(12, bad.split(";"), "quote")]
        )

    def test_unclosed_quote_among_cells_of_several_lines(self):
        """Where lines cannot be told from cells, nothing is read and the line named."""
        bad = 'Neri;Ugo;3471100011;"Via Roma 11'
        good = 'Verdi;Ugo;3471100012;"Via Po 1\nScala B"'
        for changed in ({"_3": good, "_11": bad}, {"_11": bad, "_20": good}):
            self.assertEqual(self.refused(self.people(30, **changed))[1], bad)

    def test_quote_that_closes_in_another_line(self):
        """Lines swallowed up to the next mark are missed although nothing is open."""
        bad = 'Neri;Ugo;3471100011;"Via Roma 11'
        end = 'Verdi;Ugo;3471100012;"; int. 4"'
        rows = lines_of(self.people(30, _11=bad, _19=end))
        self.assertEqual(
            [row for row in rows if row[2]], [(12, bad.split(";"), "quote")]
        )
        self.assertEqual(rows[19][1][3], "; int. 4")
        two = 'Verdi;Ugo;3471100012;"Via Po\nScala B"'
        line, text = self.refused(self.people(30, _11=bad, _19=end, _25=two))
        self.assertEqual((line, text), (12, bad))

    def test_database_dumps(self):
        """``\\"`` and ``\\N`` of database dumps mean a mark and nothing."""
        text = (
            'id,last_name,first_name,note\n1,"Rossi","Ugo","said \\"no\\", twice"\n'
            '2,"Verdi",\\N,"C:\\\\temp"\n'
        )
        rows = lines_of(text, ",")
        self.assertEqual(rows[1][1], ["1", "Rossi", "Ugo", 'said "no", twice'])
        self.assertEqual(rows[2][1], ["2", "Verdi", "", "C:\\temp"])

    def test_lines_in_quotes(self):
        """Each whole line in marks: the marks are no part of the table."""
        text = '"Cognome;Nome;Indirizzo"\r\n"Rossi;Ugo;""Via Po; 3"""\r\n'
        self.assertEqual(
            self.rows_of(text.encode()),
            [["Cognome", "Nome", "Indirizzo"], ["Rossi", "Ugo", "Via Po; 3"]],
        )
        text = '"Cognome";"Nome"\r\n"Rossi";"Ugo"\r\n'
        self.assertEqual(self.rows_of(text.encode())[1], ["Rossi", "Ugo"])

    def test_numbers_marked_as_texts(self):
        """``="00187"`` and an apostrophe keep zeros, and are no part of the number."""
        rows = self.rows_of(b"CAP;Cell\n=\"00187\";'+39347\n=1+1;'Ndrangheta\n")
        self.assertEqual(rows[1:], [["00187", "+39347"], ["=1+1", "'Ndrangheta"]])

    def test_blank_before_a_quote(self):
        """``a, "b, c"`` holds two cells, and is no reason to stop."""
        rows = lines_of('Rossi, "Via Po, 3", Roma\nVerdi, "Via Po, 4", Roma\n', ",")
        self.assertEqual(rows[0][1], ["Rossi", "Via Po, 3", "Roma"])

    def test_cell_of_many_lines(self):
        """A cell of 100,000 lines beside many cells is read, or refused, in one pass.

        With a search from the first line for each cell this would take hours.
        """
        lines = "x\n" * 100_000
        cells = ["a", lines, *["b"] * 150]
        text = "a,b,c\n" + ",".join(f'"{cell}"' for cell in cells) + "\n"
        self.assertEqual(lines_of(text, ",")[1][1][2:], ["b"] * 150)
        record = io.StringIO('"' + lines + '"' + ',""' * 70_000 + "\n", newline="")
        marks = import_text._Marks(list(record), ",", import_text.Manner())
        self.assertEqual((marks.first, marks.alone, marks.open), (0, None, None))

    def test_too_many_cells_beside_marks(self):
        """A record of more cells than columns may be is refused before its marks are
        looked at; without marks, blank cells at the end are none."""
        for many in (300, 40_000):
            text = 'a,b,c\n"' + "x\n" * many + '"' + ',""' * many + "\n"
            with self.assertRaises(BadFile) as caught:
                lines_of(text, ",")
            self.assertEqual(
                (caught.exception.reason, caught.exception.line), ("columns", 2)
            )
        rows = self.rows_of(b"Cognome,Nome,Sesso\nRossi,Ugo,M" + b"," * 300 + b"\n")
        self.assertEqual(rows[1], ["Rossi", "Ugo", "M"])

    def test_a_mark_lost_or_too_many(self):
        """F1: whatever happens to one mark, the same people are read, or the line is
        named and nothing imported. Random tables, seeded."""
        tables, late = 600, 0
        for seed in range(tables):
            rng = random.Random(seed)
            rows, text, delimiter = self.random_table(rng)
            right = lines_of(text, delimiter)
            self.assertEqual([row[1] for row in right], rows, f"seed {seed}")
            damaged, line = self.damage(rng, text)
            begins = [row[0] for row in right]
            first = max(begin for begin in begins if begin <= line)
            following = [begin for begin in begins if begin > line]
            last = following[0] if following else len(damaged)
            try:
                found = lines_of(damaged, delimiter)
            except BadFile as error:
                self.assertLessEqual(first, error.line, f"seed {seed}")
                late += error.line > last
                continue
            if [row[1] for row in found] != rows:
                odd = [row for row in found if row[2]]
                rest = [row[1] for row in found if not row[2]]
                self.assertTrue(odd, f"seed {seed}: {damaged!r}")
                self.assertLessEqual(odd[0][0], line)
                self.assertTrue(all(row in rows for row in rest), f"seed {seed}")
        # Beside cells of several lines the mark may show in the next line only.
        self.assertLess(late, tables * 0.05)

    def random_table(self, rng):
        """Return rows, the same as CSV, and its delimiter."""
        width, delimiter = rng.randint(2, 6), rng.choice(";,\t|")
        rows = [[f"H{number}" for number in range(width)]]
        for number in range(rng.randint(2, 25)):
            cells = [rng.choice(CELLS) for _cell in range(width - 1)]
            rows.append([f"F{number}", *cells])
        buffer = io.StringIO()
        quoting = rng.choice((csv.QUOTE_MINIMAL, csv.QUOTE_ALL))
        csv.writer(buffer, delimiter=delimiter, quoting=quoting).writerows(rows)
        return rows, buffer.getvalue(), delimiter

    def damage(self, rng, text):
        """Return the text with one mark less or more, and the line of it."""
        marks = [place for place, char in enumerate(text) if char == '"']
        if marks and rng.random() < 0.5:
            place = rng.choice(marks)
            damaged = text[:place] + text[place + 1 :]
        else:
            place = rng.randrange(len(text))
            damaged = text[:place] + '"' + text[place:]
        return damaged, len(io.StringIO(text[: place + 1], newline="").readlines())
