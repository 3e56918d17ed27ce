"""Which field of the card a column of an import holds, told by its header. No Odoo."""

import re

from . import person_name

#: Words of headers in the languages of the suite, and in those files often come in.
_WORDS = {
    "name": "name|full name|patient|patient name|nominativo|cognome e nome|paziente|"
    "ad soyad|adı soyadı|hasta|hasta adı|фио|пациент|ф.и.о.|姓名|患者|患者姓名|"
    "nom complet",
    "family_name": "family name|last name|surname|lastname|cognome|soyad|soyadı|"
    "soyisim|фамилия|姓|姓氏|nom|nom de famille|apellido|apellidos|nachname",
    "given_name": "given name|first name|forename|firstname|nome|ad|adı|isim|имя|名|"
    "名字|prénom|nombre|vorname",
    "middle_name": "middle name|second name|patronymic|secondo nome|ikinci ad|"
    "отчество|中间名",
    "birth_date": "birth date|date of birth|birthday|dob|born|data di nascita|"
    "data nascita|nato il|doğum tarihi|дата рождения|др|出生日期|生日|"
    "date de naissance|fecha de nacimiento|geburtsdatum",
    "sex": "sex|gender|sesso|genere|cinsiyet|пол|性别|sexe|sexo|geschlecht",
    "tax_code": "tax code|tax id|tax number|codice fiscale|cf|cod fisc|vergi no|"
    "tc kimlik no|tckn|tc no|инн|снилс|身份证|身份证号|身份证号码|税号",
    "card_number": "card number|card|card no|patient number|patient no|patient id|"
    "numero cartella|cartella|numero scheda|n. scheda|codice paziente|kart no|"
    "dosya no|hasta no|номер карты|№ карты|карта|卡号|病历号|就诊卡号",
    "outpatient_number": "outpatient number|outpatient no|numero ambulatoriale|"
    "ayaktan no|амбулаторная карта|номер амбулаторной карты|门诊号",
    "inpatient_number": "inpatient number|inpatient no|numero ricovero|yatan no|"
    "стационарная карта|история болезни|住院号",
    "national_number": "national number|national health number|health number|nhs "
    "number|tessera sanitaria|numero sanitario|sağlık no|номер полиса омс|полис омс|"
    "医保号|医保卡号",
    "insurance_number": "insurance number|insurance no|policy number|numero polizza|"
    "polizza|sigorta no|poliçe no|полис|номер полиса|полис дмс|保险号|保单号",
    "phone": "phone|phone number|telephone|tel|mobile|mobile phone|cell|cell phone|"
    "telefono|cellulare|cell.|tel.|telefono cellulare|telefon|cep|cep telefonu|"
    "gsm|телефон|мобильный|мобильный телефон|сотовый|电话|手机|手机号|手机号码|"
    "联系电话|"
    "téléphone|portable|móvil|handy",
    "phone_home": "home phone|phone home|landline|phone 2|second phone|telefono casa|"
    "telefono fisso|telefono 2|ev telefonu|telefon 2|домашний телефон|телефон 2|"
    "家庭电话|电话2|座机",
    "phone_work": "work phone|office phone|phone work|phone 3|telefono ufficio|"
    "telefono lavoro|telefono 3|iş telefonu|рабочий телефон|телефон 3|工作电话|"
    "办公电话",
    "email": "email|e-mail|e mail|mail|email address|posta elettronica|e-posta|eposta|"
    "эл. почта|электронная почта|почта|имейл|邮箱|电子邮件|电子邮箱",
    "street": "street|address|street address|address 1|indirizzo|via|adres|sokak|"
    "адрес|улица|地址|街道|adresse|dirección",
    "street2": "street 2|street2|address 2|indirizzo 2|adres 2|адрес 2|地址2",
    "zip": "zip|zip code|postal code|postcode|cap|posta kodu|индекс|"
    "почтовый индекс|邮编|邮政编码|plz",
    "city": "city|town|città|comune|şehir|il|город|населенный пункт|城市|市|ville|"
    "ciudad|ort",
    "state": "state|province|county|region|provincia|prov|ilçe|область|регион|край|"
    "省|省份",
    "country": "country|nation|paese|stato|nazione|ülke|страна|国家|pays|país|land",
    "area": "area|district|quarter|quartiere|zona|semt|mahalle|район|区|区域",
    "occupation": "occupation|profession|job|professione|occupazione|meslek|"
    "профессия|должность|职业",
    "employer": "employer|company|datore di lavoro|azienda|işveren|firma|"
    "место работы|работодатель|工作单位|单位",
    "lang": "language|preferred language|lingua|dil|язык|语言",
    "source_detail": "source|source detail|how did you hear|provenienza|origine|"
    "kaynak|источник|откуда узнали|来源",
    "patient_warning_text": "warning|alert|avviso|attenzione|avvertenza|uyarı|"
    "предупреждение|внимание|警告|提醒",
    "comment": "comment|comments|note|notes|remarks|annotazioni|commento|not|notlar|"
    "açıklama|комментарий|примечание|заметки|备注|注释",
}
FIELDS = tuple(_WORDS)
_SIGNS = re.compile(r"[\s._:*№#()/\\-]+")


def normalize(header):
    """Return a header in small plain letters, blanks for signs."""
    return _SIGNS.sub(" ", person_name.plain(header)).strip()


_KNOWN = {
    normalize(word): field
    for field, words in _WORDS.items()
    for word in words.split("|")
}


def propose(headers):
    """Return the field for each header, None where none is sure.

    A field goes to one column only; a header that stands twice gets none.
    """
    plain = [normalize(header) for header in headers]
    taken, found = set(), []
    for header in plain:
        field = _KNOWN.get(header)
        if not field or field in taken or plain.count(header) > 1:
            field = None
        taken.add(field)
        found.append(field)
    # "name" beside a family name is the given name, as in Italian "Nome".
    if "family_name" in found and "given_name" not in found and "name" in found:
        found[found.index("name")] = "given_name"
    return found


def repeated(headers):
    """Return ``{header: [numbers of columns]}`` of headers that are repeated."""
    places = {}
    for number, header in enumerate(headers):
        if header:
            places.setdefault(normalize(header) or header, []).append(number)
    return {
        headers[numbers[0]]: numbers for numbers in places.values() if len(numbers) > 1
    }


def letter(number):
    """Return how a spreadsheet calls the column with this number, from 0: A, B, AA."""
    text, number = "", number + 1
    while number:
        number, rest = divmod(number - 1, 26)
        text = chr(65 + rest) + text
    return text
