import unicodedata

from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from ..lib.keyword_words import LANGUAGES, SIGNS
from ..lib.keywords import keyword, number
from . import oracle_answers

#: Words that turn an answer round; none of them may stand in the tables.
NEGATIONS = {
    "en": "not, don't, dont, do not, never, cannot, can't, won't, isn't, without",
    "it": "non, mai, né, neanche, nemmeno, senza",
    "ru": "не, никогда, ни, нельзя, без",
    "tr": "değil, etme, etmeyin, etmiyorum, asla, yok, istemiyorum",
    "zh": "没, 别, 未, 勿, 无法, 莫",
}
#: Words that put a condition, a doubt or another time beside an answer.
OTHERS = {
    "en": "but, later, if, maybe, tomorrow, only, yesterday, can, 10:30, whom, dog",
    "it": "ma, dopo, se, forse, domani, solo, posso, alle 9, chi, cane, più tardi",
    "ru": "но, позже, если, может, завтра, только, можно, в 9, кто, собака",
    "tr": "ama, sonra, eğer, belki, yarın, sadece, 10, kim, köpek, onaylamıyorum",
    "zh": "但是, 以后, 如果, 也许, 明天, 只, 吗, 10点, 谁, 狗",
}
#: Answers that people give, and that must never be obeyed the wrong way round.
TURNED_ROUND = {
    "en": "not confirmed, I do not confirm, do not cancel, don't cancel!, "
    "never cancel, "
    "yes but later, yes no, can't confirm, cancel not, no cancel, not ok, not sure, "
    "confirmed?, cancel?, ok?, yes or no, can I cancel, did you cancel my visit, "
    "no stop, do not stop, yes cancel, confirm cancel, yes if it is free, 👍👎, ❌, "
    "yes at 10, I will not be there, I won't be there, without cancel",
    "it": "non confermo, Non Annullare!, non annullo, non posso confermare, "
    "sì ma dopo, "
    "sì forse, confermo? , non va bene, no confermo, non spostare la visita, "
    "non ci sarò, sì no, annulla no, senza annullare, posso annullare, certo che no, "
    "neanche confermo, mi conferma la visita, hai annullato, cancellami, basta annulla",
    "ru": "не подтверждаю, не отменять, не отменяйте, да но позже, не приду, не буду, "
    "не хорошо, нет подтверждаю, да нет, можно отменить, да?, отменить нельзя, "
    "не переносите, никогда не отменяйте, подтвердите, не согласен, не да, нет да",
    "tr": "iptal etme, iptal etmeyin, iptal değil, onaylamıyorum, onay yok, "
    "evet ama sonra, gelmiyorum, gelmeyeceğim, hayır onaylıyorum, iptal mi, evet mi?, "
    "iptal etmek istemiyorum, erteleme, tamam değil, İPTAL ETME, evet hayır, "
    "vazgeçmedim",
    "zh": "不确认, 不取消, 不要取消, 别取消, 没取消, 好不好, 可以吗, 不可以, 不是, "
    "取消吗？, "
    "是不是, 不好, 先不确认, 未确认, 不能确认, 如果可以取消, 好的但是晚点, 不要改期, "
    "不 确 认, 不行",
}
#: Answers of known words that may mean something else: a person reads them.
READ = {
    "en": "+-, +/-, -+, + -, 👍-, 👍/👎, ok‽, ok؟, yes⸮, change doctor, "
    "I want to change doctor, see you another time, see you another day, "
    "another day then see you, cancel see you, we have to move, I have to move, "
    "see you then",
    "it": "cambio dottore, vorrei cambiare dottoressa, ci vediamo un altro giorno, "
    "un altro giorno a presto",
    "ru": "+-, сменить доктор, перенести доктор, другой день до встречи",
    "tr": "vazgeç, VAZGEÇ, vazgeçtim, vazgeçiyorum, iptal vazgeçtim, "
    "iptal etmek istiyorum vazgeçtim, doktor bey değiştir, "
    "doktor hanım değiştirmek istiyorum, başka gün görüşürüz",
    "zh": "好麻烦, 麻烦取消, 是我, 是我的, 是我们, 是我 谢谢, 是我的预约, 改天再见, "
    "谢谢取消, 谢谢确认, 谢谢您取消, 更改医生, 换医生, 我要更改医生",
}
#: Answers that are plain, and what they mean.
PLAIN = {
    "en": {
        "yes": "YES, Yes!, ok, Ok thanks 🙏, yes please, 👍, 👍🏽, Okay., "
        "I'll be there, yes., yes see you then, Dear doctor ok",
        "confirm": "confirm, Yes I confirm, I confirm my appointment, "
        "CONFIRMED thank you",
        "cancel": "cancel, Please cancel my appointment, I'd like to cancel sorry",
        "move": "reschedule, I need to reschedule, change my appointment please",
        "no": "no, No thanks, nope",
        "stop": "STOP, stop please, UNSUBSCRIBE, opt out",
    },
    "it": {
        "yes": "Sì, si, SI!, Sì grazie, ok va bene, d'accordo, ci sarò, 👍 grazie, "
        "certo, sì ci vediamo, Buongiorno dottoressa sì",
        "confirm": "confermo, Sì confermo, Confermo l'appuntamento. Grazie mille!",
        "cancel": "annulla, ANNULLA, Vorrei annullare la visita, disdico, "
        "scusate disdico",
        "move": "sposta, vorrei spostare l'appuntamento",
        "no": "no, No grazie",
        "stop": "stop, BASTA",
    },
    "ru": {
        "yes": "Да, да спасибо, ОК, хорошо, буду, приду на приём, да конечно, +",
        "confirm": "подтверждаю, Да подтверждаю, подтверждаю запись спасибо",
        "cancel": "отмена, Отменить, отмените пожалуйста запись",
        "move": "перенести, хочу перенести приём, прошу перенести запись",
        "no": "нет, нет спасибо",
        "stop": "СТОП, отписаться",
    },
    "tr": {
        "yes": "EVET, evet teşekkürler, tamam, olur, geleceğim, GELECEĞİM, geliyorum",
        "confirm": "onaylıyorum, ONAYLIYORUM, Evet onaylıyorum, randevumu onaylıyorum",
        "cancel": "iptal, İPTAL, IPTAL, randevumu iptal et lütfen",
        "move": "ertele, başka gün lütfen",
        "no": "hayır, HAYIR, hayır teşekkürler",
        "stop": "DUR, RET, dur lütfen",
    },
    "zh": {
        "yes": "是, 是的, 好的, 好的谢谢, 可以, 好的，谢谢！, 嗯嗯, 好👍",
        "confirm": "确认, 我确认, 确认预约, 好的确认, 確認",
        "cancel": "取消, 我要取消预约, 请取消, 请取消一下 谢谢",
        "move": "改期, 我想改期, 请改时间",
        "no": "不, 不用了 谢谢, 不要",
        "stop": "退订, 停止, TD",
    },
}
FIVE = tuple(LANGUAGES)


def listed(text):
    return [each.strip() for each in text.split(", ")]


def changed(text, how):
    """The text as another telephone writes it."""
    if how == "upper":
        return text.upper()
    if how == "bare":
        split = unicodedata.normalize("NFD", text)
        return "".join(each for each in split if not unicodedata.combining(each))
    if how == "apart":
        return unicodedata.normalize("NFD", text)
    return text.title() if how == "title" else text


def parts(language):
    """Words known and unknown, in the parts an answer is put together of."""
    tables = (SIGNS, LANGUAGES["en"], LANGUAGES[language])
    known = [
        word for each in tables for words in each.values() for word in listed(words)
    ]
    strange = listed(NEGATIONS[language]) + listed(OTHERS[language]) + ["👎", "😡"]
    return st.lists(
        st.tuples(
            st.sampled_from(known) | st.sampled_from(known + strange),
            st.sampled_from(["", "upper", "bare", "apart", "title"]),
            st.sampled_from([" ", ", ", ". ", "! ", "\n", " … ", " - "]),
        ),
        min_size=1,
        max_size=4,
    )


@tagged("post_install", "-at_install")
class TestKeywords(BaseCase):
    """MSG-05: a short answer is obeyed when every word of it is known, never turned
    round."""

    def test_what_is_turned_round_goes_to_a_person(self):
        for language, texts in TURNED_ROUND.items():
            for text in listed(texts):
                for how in ("", "upper", "bare", "apart"):
                    with self.subTest(text=text, how=how):
                        self.assertIsNone(keyword(changed(text, how), [language]))

    def test_what_may_mean_something_else_goes_to_a_person(self):
        """Doctors, farewells, half signs, a wish that is given up: nothing moves."""
        for language, texts in READ.items():
            for text in listed(texts):
                for how in ("", "upper", "bare", "apart"):
                    with self.subTest(text=text, how=how):
                        self.assertIsNone(keyword(changed(text, how), [language]))

    def test_plain_answers_are_understood(self):
        """YES, CANCEL and STOP as people spell them; Turkish iptal is the visit's."""
        for language, meanings in PLAIN.items():
            for meaning, texts in meanings.items():
                for text in listed(texts):
                    for how in ("", "apart", "title"):
                        with self.subTest(text=text, how=how):
                            written = changed(text, how)
                            self.assertEqual(keyword(written, [language]), meaning)

    def test_every_negation_before_and_after_every_word(self):
        """No negation leaves any word acting, on either side of it, in any case."""
        for language, words in NEGATIONS.items():
            tables = (LANGUAGES["en"], LANGUAGES[language])
            known = [
                word
                for each in tables
                for meaning, words in each.items()
                if meaning not in ("polite", "visit", "see_you", "unclear")
                for word in listed(words)
            ]
            for negation in listed(words):
                for word in known:
                    for text in (f"{negation} {word}", f"{word}, {negation}"):
                        for written in (text, text.upper(), f"{text} 👍"):
                            self.assertIsNone(keyword(written, [language]), written)

    @settings(deadline=None, max_examples=1000)
    @given(st.data(), st.sampled_from(FIVE))
    def test_as_the_oracle_reads(self, data, language):
        """Known words, negations, fillers, signs, case and accents in any order: read
        as a slow reader reads them, and never otherwise."""
        chosen = data.draw(parts(language))
        text = "".join(changed(word, how) + between for word, how, between in chosen)
        expected = oracle_answers.meaning(text, language)
        self.assertEqual(keyword(text, [language]), expected, repr(text))
        strange = set(listed(NEGATIONS[language]) + listed(OTHERS[language]))
        if strange.intersection(word for word, _how, _between in chosen):
            self.assertIsNone(expected, repr(text))

    def test_one_word_one_meaning(self):
        """No word means two things to one reader, and none is a negation."""
        for language, table in LANGUAGES.items():
            seen = {}
            for words in (SIGNS, LANGUAGES["en"], table):
                for meaning, phrases in words.items():
                    for phrase in listed(phrases):
                        held = seen.setdefault(oracle_answers.plain(phrase), meaning)
                        self.assertEqual(held, meaning, (language, phrase))
            for negation in listed(NEGATIONS[language]):
                self.assertNotIn(oracle_answers.plain(negation), seen)

    def test_whose_language(self):
        """A word of a language that is not the writer's is read by a person; STOP is
        understood in all of them."""
        self.assertIsNone(keyword("iptal", ["it_IT"]))
        self.assertIsNone(keyword("да", ["it_IT"]))
        self.assertEqual(keyword("да", ["it_IT", "ru_RU"]), "yes")
        self.assertEqual(keyword("yes grazie", ["it_IT"]), "yes")
        for word in ("СТОП", "退订", "Dur", "stop"):
            self.assertEqual(keyword(word, ["it_IT"]), "stop")

    def test_names_and_lengths(self):
        """Who signs is understood; another's name, and a letter, are read."""
        name = ["Rossi Maria", "Maria", "Rossi"]
        self.assertEqual(keyword("Confermo, Maria Rossi", ["it"], name), "confirm")
        self.assertIsNone(keyword("Annulla Luca", ["it"], name))
        self.assertIsNone(keyword("Maria", ["it"], name))
        for text in ("Maria confermo", "Confermo Maria grazie", "Maria, annulla Rossi"):
            self.assertIsNone(keyword(text, ["it"], name), text)
        for word in (
            "May",
            "Mai",
            "Non",
            "Will",
            "Dopo",
            "Ma",
            "Не",
            "Без",
            "不",
            "别",
        ):
            for text in (f"confirm {word}", f"{word} confirm", f"confirm {word} Li"):
                signed = [f"{word} Li", word, "Li"]
                self.assertIsNone(keyword(text, ["it"], signed), text)
        self.assertEqual(keyword("annulla", ["it"], ["Annulla", False]), "cancel")
        for text in ("", None, " ", "...", "yes " * 60, "\0", "c̶a̶n̶c̶e̶l̶"):
            self.assertIsNone(keyword(text, ["en"]), repr(text))

    def test_numbers(self):
        self.assertEqual([number(text) for text in ("2", " 2. ", "２", "2️⃣")], [2] * 4)
        for text in ("", None, "0", "12", "1 2", "2 or 3", "2?", "two"):
            self.assertIsNone(number(text), text)
