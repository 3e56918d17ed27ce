"""The words of short answers, a table for each language; data for ``keywords.py``.

Between commas stands a word or a phrase as people write it. A word that has two
meanings belongs nowhere: who writes it is read by a person. So do words of negation, of
time, of questions and of conditions (not, but, later, if, can I).

``yes``, ``no``, ``confirm``, ``cancel``, ``move``, ``stop``, ``start``, ``help``
    what the writer wants
``visit``
    names of what is confirmed, cancelled or moved; beside STOP they are a contradiction
``see_you``
    agrees with a yes; beside another wish it may be a refusal ("see you another day")
``unclear``
    known words that together may mean something else: a person reads the answer
``polite``
    says nothing: greetings, thanks, "I", "I would like to". A title of a doctor only
    after a greeting: "change doctor" wants another one
"""

#: Signs that are the same in every language.
SIGNS = {
    "yes": "👍, 👌, ✅, ✔, ☑, 🆗",
    "polite": "🙏, 🙂, 😊, ☺, 😀, 😃, 😄, 😁, 😉, 🤗, 😘, 👋, 💐, 🌸, 🌹, ❤, ♥, "
    "💙, 💚, 💛, 🧡, 💜",
}

ENGLISH = {
    "confirm": "confirm, confirmed, confirming",
    "yes": "yes, y, yep, yeah, yea, yup, yess, ok, okay, okey, oke, k, sure, "
    "of course, "
    "all right, alright, agreed, perfect, great, will do, sounds good, will come, "
    "will be there, ll be there, i am coming, i m coming",
    "no": "no, n, nope, nah",
    "cancel": "cancel",
    "move": "move, reschedule, change, postpone, another time, another day",
    "stop": "stop, stopall, stop all, unsubscribe, end, quit, revoke, opt out, optout, "
    "stop sms, stop messages, stop texts, stop texting me, stop messaging me",
    "start": "start, unstop, subscribe",
    "help": "help, info",
    "visit": "visit, appointment, appt, booking, reservation, my, the, this, it",
    "polite": "please, pls, plz, thanks, thank you, thankyou, thx, ty, many thanks, "
    "thank you very much, thank you so much, thanks a lot, hi, hello, dear, "
    "good morning, good afternoon, good evening, good night, bye, goodbye, regards, "
    "best regards, kind regards, cheers, i, we, would like to, d like to, want to, "
    "wish to, have to, need to, sorry, i am sorry, i m sorry, gladly, and thanks, "
    "and thank you, hello doctor, good morning doctor, dear doctor",
    "see_you": "see you, see you soon, see you there, see you then",
    "unclear": "have to move",
}

ITALIAN = {
    "confirm": "confermo, conferma, confermato, confermata, confermiamo, confermare",
    "yes": "sì, sii, certo, certamente, va bene, vabene, d'accordo, daccordo, "
    "perfetto, "
    "ci sarò, ci saremo, ci sono, vengo, veniamo, verrò, verremo",
    "no": "no",
    "cancel": "annulla, annullo, annullare, annullate, annulliamo, disdici, disdico, "
    "disdire, disdite, disdiciamo, cancella, cancello, cancellare, cancellate",
    "move": "sposta, sposto, spostare, spostate, cambia, cambio, cambiare, rimanda, "
    "rimandare, rinvia, rinviare, posticipare, altro giorno, un altro giorno, "
    "altro orario, un altro orario, altra data, un'altra data",
    "stop": "stop, basta",
    "start": "inizia",
    "help": "aiuto",
    "visit": "visita, appuntamento, prenotazione, presenza, la, il, l, mia, mio, "
    "nostra, nostro",
    "polite": "grazie, grazie mille, mille grazie, molte grazie, tante grazie, prego, "
    "per favore, perfavore, per piacere, cortesemente, gentilmente, ciao, salve, "
    "buongiorno, buon giorno, buonasera, buona sera, buona giornata, buona serata, "
    "arrivederci, saluti, cordiali saluti, distinti saluti, io, noi, vorrei, "
    "vorremmo, voglio, devo, dobbiamo, mi dispiace, scusi, scusate, mi scusi, "
    "purtroppo, volentieri, gentile, e grazie, grazie e arrivederci, "
    "buongiorno dottore, buongiorno dottoressa, gentile dottore, gentile dottoressa",
    "see_you": "ci vediamo, a presto",
}

RUSSIAN = {
    "confirm": "подтверждаю, подтвержаю, потверждаю, подтверждаем, подтвердить",
    "yes": "да, ага, угу, ок, окей, хорошо, ладно, конечно, согласен, согласна, "
    "согласны, договорились, буду, будем, приду, придём, приеду, приедем, +",
    "no": "нет, неа",
    "cancel": "отмена, отменить, отменяю, отменяем, отмените, отмени",
    "move": "перенести, перенос, перенесите, переношу, другое время, другой день, "
    "на другое время, на другой день",
    "stop": "стоп, отписка, отписаться, отпишите меня",
    "start": "старт",
    "help": "помощь",
    "visit": "приём, приёма, на приём, запись, записи, визит, визита, посещение, мой, "
    "мою, моя, моего, мои, свой, свою",
    "polite": "спасибо, большое спасибо, спасибо большое, благодарю, пожалуйста, "
    "пожалуста, здравствуйте, добрый день, доброе утро, добрый вечер, до свидания, "
    "всего доброго, хорошего дня, с уважением, я, мы, хочу, хотим, "
    "хотел бы, хотела бы, прошу, извините, простите, к сожалению, обязательно, надо, "
    "нужно, здравствуйте доктор",
    "see_you": "до встречи",
}

TURKISH = {
    "confirm": "onaylıyorum, onaylarım, onaylıyoruz, onayla, onay, onay veriyorum, "
    "teyit, teyit ediyorum, teyit ederim",
    "yes": "evet, tamam, tamamdır, tmm, olur, tabii, tabi, elbette, peki, geliyorum, "
    "geliyoruz, geleceğim, geleceğiz, orada olacağım, kabul, kabul ediyorum",
    "no": "hayır",
    "cancel": "iptal, iptal et, iptal edin, iptal ediniz, iptal edelim, "
    "iptal ediyorum, "
    "iptal ediyoruz, iptal etmek istiyorum",
    "move": "değiştir, değiştirin, değiştirmek istiyorum, ertele, erteleyin, "
    "ertelemek istiyorum, başka gün, başka saat, başka zaman",
    "stop": "dur, ret, durdur",
    "start": "başla",
    "help": "yardım",
    "visit": "randevu, randevum, randevumu, randevumuzu, randevuyu, randevuma, "
    "randevuya, muayene, muayenem, muayenemi, muayeneyi, bu",
    "polite": "lütfen, teşekkürler, teşekkür ederim, çok teşekkürler, "
    "çok teşekkür ederim, sağ ol, sağol, sağ olun, sağolun, çok sağ olun, merhaba, "
    "selam, günaydın, iyi günler, iyi akşamlar, iyi çalışmalar, "
    "hoşça kalın, saygılar, saygılarımla, ben, biz, istiyorum, maalesef, "
    "kusura bakmayın, özür dilerim, merhaba doktor bey, merhaba doktor hanım",
    "see_you": "görüşmek üzere, görüşürüz",
}

CHINESE = {
    "confirm": "确认, 確認, 确定",
    "yes": "是, 是的, 好, 好的, 行, 可以, 嗯, 嗯嗯, 同意, 接受, 会来, 会去, 会到, "
    "准时到",
    "no": "不, 否, 不要, 不用, 不用了",
    "cancel": "取消",
    "move": "改期, 改时间, 换时间, 改约, 延期, 更改, 改天",
    "stop": "退订, 退訂, 停止, 拒收, 取消订阅, td",
    "start": "开始, 恢复订阅",
    "help": "帮助",
    "visit": "预约, 預約, 就诊, 看诊, 挂号, 这次, 本次, 我的",
    "polite": "谢谢, 謝謝, 谢谢你, 谢谢您, 多谢, 感谢, 请, 您好, 你好, 您好医生, "
    "你好医生, 早上好, 上午好, 下午好, 晚上好, 我, 我们, 我要, 我想, 一下, 辛苦了",
    "see_you": "再见",
    # "It is me"; "thank you for cancelling".
    "unclear": "是我, 是我们, 是我的, 是我要, 是我想, "
    + ", ".join(
        thanks + wish
        for thanks in ("谢谢", "謝謝", "谢谢你", "谢谢您", "多谢", "感谢")
        for wish in ("取消", "确认", "確認", "确定", "改期", "更改", "延期")
    ),
}

LANGUAGES = {
    "en": ENGLISH,
    "it": ITALIAN,
    "ru": RUSSIAN,
    "tr": TURKISH,
    "zh": CHINESE,
}
