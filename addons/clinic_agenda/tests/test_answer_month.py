import random
from datetime import datetime, timedelta

from freezegun import freeze_time

from odoo.tests import tagged

from odoo.addons.clinic_message.tests import test_keywords as words

from .common_answers import AnswersCommon

#: Twenty days of work, as a month has.
DAYS = range(20)
#: Visits of a day: ten half hours of two practitioners.
HOURS = [(8 + half // 2, half % 2 * 30) for half in range(10)]
LANGUAGES = {"en": "en_US", "it": "it_IT", "ru": "ru_RU", "tr": "tr_TR", "zh": "zh_CN"}
#: What must be true of a visit after an answer that wants something.
ALLOWED = {
    "yes": {"booked", "confirmed"},
    "confirm": {"booked", "confirmed"},
    "cancel": {"booked", "cancelled"},
}
#: Letters that nobody should obey.
LETTERS = {
    "en": ", "
    "My mother will come instead; I confirm her number; I have a cold; can I come",
    "it": "Confermo che ho la febbre; Viene mio marito, annullo io; Quanto costa",
    "ru": "Отмените мне анализы, на приём приду; Подтверждаю получение; Сколько стоит",
    "tr": "İptal ettiniz mi; Onayladım ama gelemem; Ne kadar",
    "zh": "取消的话要付费吗; 我已确认收到; 多少钱",
}


class Writer:
    """Writes answers as people do, and knows what each wants; a seed repeats it."""

    def __init__(self, language, seed):
        self.language = language
        self.chance = random.Random(seed)

    def answer(self):
        """``(text, what it wants)``; ``None``: nothing that may be obeyed."""
        draw = self.chance.random()
        if draw < 0.5:
            return self.plain()
        if draw < 0.75:
            return self.chance.choice(self.listed(words.TURNED_ROUND)), None
        if draw < 0.85:
            return self.chance.choice(LETTERS[self.language].split("; ")), None
        text, _wish = self.plain()
        strange = self.chance.choice([words.NEGATIONS, words.OTHERS])
        parts = [text, self.chance.choice(self.listed(strange))]
        self.chance.shuffle(parts)
        return " ".join(parts), None

    def listed(self, table):
        return words.listed(table[self.language])

    def plain(self):
        """A plain answer, as one telephone or another writes it."""
        table = words.PLAIN[self.language]
        wish = self.chance.choice(["yes", "yes", "confirm", "cancel", "move", "no"])
        text = self.chance.choice(words.listed(table[wish]))
        how = self.chance.choice(["", "", "apart", "title"])
        return words.changed(text, how) + self.chance.choice(["", "!", " 🙏"]), wish


@tagged("post_install", "-at_install", "slow")
class TestAnswerMonth(AnswersCommon):
    """A month of answers: no visit changes against the words of its patient.

    Five languages, 400 answers each. Of twenty patients six share telephones, and
    some were written to about something else after the reminder.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rome.change_notice_hours = 1
        blocks = [
            {"weekday": str(day), "hour_from": 9, "hour_to": 14} for day in range(7)
        ]
        for practitioner in (cls.anna, cls.bruno):
            schedules = cls.env["clinic.schedule"].search(
                [("practitioner_id", "=", practitioner.id)]
            )
            schedules.unlink()
            cls.open_week(practitioner, blocks=blocks)
        cls.other_kind = cls.env["clinic.message.kind"].create(
            {
                "name": "Test of a month",
                "code": "test_month",
                "switch_ids": [(0, 0, {"channel": "sms"})],
            }
        )

    def people(self, lang):
        """``[(patient, number)]``; the last six are three couples."""
        self.env["res.lang"]._activate_lang(lang)
        made = []
        for place in range(20):
            person = self.make_patient("Rossi", f"Name{place}", lang=lang)
            number = place if place < 14 else 14 + (place - 14) // 2
            phone = f"+3933310000{number:02}"
            self.hold(person, phone)
            made.append((person, phone))
        return made

    def morning(self, day, people):
        """The visits of the next day, reminded of; ``[(visit, number)]``."""
        visits = []
        for place, (person, phone) in enumerate(people):
            hour, minute = HOURS[place // 2]
            visit = self.book(
                datetime(2026, 3, 3, hour, minute) + timedelta(days=day),
                self.bruno if place % 2 else self.anna,
                patient_id=person.id,
            )
            visits.append((visit, phone))
        messages = self.env["clinic.message"]
        for visit, _phone in visits:
            messages |= self.remind(visit)
        self.leave(messages)
        return visits

    def month(self, language):
        """Live through the month; ``(answers, those that were obeyed)``."""
        writer = Writer(language, f"month of {language}")
        people = self.people(LANGUAGES[language])
        obeyed = plain = 0
        for day in DAYS:
            with freeze_time(datetime(2026, 3, 2, 7, 30) + timedelta(days=day)):
                visits = self.morning(day, people)
                for place, (visit, phone) in enumerate(visits):
                    text, wish = writer.answer()
                    asked_else = place % 7 == 3
                    if asked_else:
                        self.ask_else(visit.patient_id, f"{day} {place}")
                    before = {each: each.state for each, _phone in visits}
                    self.answer(text, f"{language} {day} {place}", phone)
                    self.env.flush_all()
                    after = {each: each.state for each, _phone in visits}
                    changed = {each for each in after if after[each] != before[each]}
                    said = (language, day, place, text, wish)
                    self.assertLessEqual(changed, {visit}, said)
                    allowed = ALLOWED.get(wish, {"booked"})
                    if place >= 14 or asked_else:
                        # Two are told on one telephone, or the last word was another.
                        allowed = {"booked"}
                    self.assertIn(visit.state, allowed, said)
                    if wish in ALLOWED and place < 14 and not asked_else:
                        plain += 1
                        obeyed += visit.state != "booked"
                self.clear(visits)
        return plain, obeyed

    def ask_else(self, person, step):
        message = self.env["clinic.message"]._queue(
            "test_month", person, channel="sms", body="Shall we call you?", step=step
        )
        message._apply_state("sent", source="sender")

    def clear(self, visits):
        """The evening: what was not answered falls through, nobody stays on a list."""
        for visit, _phone in visits:
            if visit.state != "cancelled":
                visit._cancel("evening", by="clinic")
        self.env["clinic.message.optout"].search([]).write(
            {"ended_at": datetime(2026, 1, 1)}
        )
        self.env["clinic.message"].search([("inbox_state", "=", "new")]).write(
            {"inbox_state": "done"}
        )
        self.env.invalidate_all()

    def check(self, language):
        plain, obeyed = self.month(language)
        self.assertGreater(plain, 60, "the month holds plain answers")
        self.assertEqual(obeyed, plain, "and all of them are obeyed")

    def test_english(self):
        """MSG-05: a month of answers in English."""
        self.check("en")

    def test_italian(self):
        """MSG-05: a month of answers in Italian."""
        self.check("it")

    def test_russian(self):
        """MSG-05: a month of answers in Russian."""
        self.check("ru")

    def test_turkish(self):
        """MSG-05: a month of answers in Turkish."""
        self.check("tr")

    def test_chinese(self):
        """MSG-05: a month of answers in Chinese."""
        self.check("zh")
