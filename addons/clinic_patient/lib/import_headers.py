"""Which field of the card a column of an import holds, told by its header. No Odoo."""

import re

from . import person_name

#: Words of headers in the languages of the suite, and in those files often come in;
#: as Google, Outlook, Apple, Bitrix24, 1C and Odoo write them, too.
_WORDS = {
    "name": "name|full name|patient|patient name|nominativo|cognome e nome|paziente|"
    "ad soyad|adı soyadı|hasta|hasta adı|фио|пациент|ф.и.о.|姓名|患者|患者姓名|"
    "nom complet"
    "|complete name|display name|contact name|patient full name|name surname"
    "|nome e cognome|nome completo|cognome nome|nome cognome|ad ve soyad"
    "|adi soyadi|isim soyisim|фио полностью|фио пациента|наименование"
    "|полное наименование|полное имя|контактное лицо|имя пациента|全名|姓名全称"
    "|vollständiger name|nom et prénom|nombre completo",
    "family_name": "family name|last name|surname|lastname|cognome|soyad|soyadı|"
    "soyisim|фамилия|姓|姓氏|nom|nom de famille|apellido|apellidos|nachname"
    "|familienname|nom patronymique|primer apellido|cognome paziente"
    "|фамилия пациента|příjmení|nazwisko|prezime|vezetéknév",
    "given_name": "given name|first name|forename|firstname|nome|ad|adı|isim|имя|名|"
    "名字|prénom|nombre|vorname"
    "|first|nome paziente|prenome|rufname|jméno|imię|ime|keresztnév",
    "middle_name": "middle name|second name|patronymic|secondo nome|ikinci ad|"
    "отчество|中间名"
    "|additional name|middle|second forename|patronimico|göbek adı",
    "birth_date": "birth date|date of birth|birthday|dob|born|data di nascita|"
    "data nascita|nato il|doğum tarihi|дата рождения|др|出生日期|生日|"
    "date de naissance|fecha de nacimiento|geburtsdatum"
    "|birth day|date of birth dd mm yyyy|birthdate|d o b|nascita|data nasc"
    "|compleanno|nato a il|doğum günü|doğum|день рождения|дата рожд|родился"
    "|出生年月日|出生|geb datum|geboren am|geburtstag|anniversaire|né le|cumpleaños"
    "|data urodzenia|datum narození",
    "sex": "sex|gender|sesso|genere|cinsiyet|пол|性别|sexe|sexo|geschlecht"
    "|sex at birth|m f",
    "tax_code": "tax code|tax id|tax number|codice fiscale|cf|cod fisc|vergi no|"
    "tc kimlik no|tckn|tc no|инн|снилс|身份证|身份证号|身份证号码|税号"
    "|cod fiscale|c f|codfisc|codicefiscale|vat|vat number|partita iva"
    "|government id number|kimlik no|t c kimlik no|инн снилс|pesel|rodné číslo"
    "|nif|steuernummer|steuer id",
    "card_number": "card number|card|card no|patient number|patient no|patient id|"
    "numero cartella|cartella|numero scheda|n. scheda|codice paziente|kart no|"
    "dosya no|hasta no|номер карты|№ карты|карта|卡号|病历号|就诊卡号"
    "|chart number|medical record number|mrn|file number|file no|record number"
    "|patient code|ref|reference|internal reference|n cartella|nr cartella"
    "|num cartella|numero paziente|id paziente|codice cliente|protokol no|код"
    "|код пациента|номер пациента|ид пациента|病案号|患者编号|编号|patientennummer"
    "|numéro de dossier",
    "outpatient_number": "outpatient number|outpatient no|numero ambulatoriale|"
    "ayaktan no|амбулаторная карта|номер амбулаторной карты|门诊号"
    "|outpatient id|ambulatory number|номер амбулаторной карты пациента",
    "inpatient_number": "inpatient number|inpatient no|numero ricovero|yatan no|"
    "стационарная карта|история болезни|住院号"
    "|inpatient id|hospital number|номер истории болезни|yatış no",
    "national_number": "national number|national health number|health number|nhs "
    "number|tessera sanitaria|numero sanitario|sağlık no|номер полиса омс|полис омс|"
    "医保号|医保卡号"
    "|health card number|ssn|social security number|n tessera sanitaria"
    "|полис омс номер|enr",
    "insurance_number": "insurance number|insurance no|policy number|numero polizza|"
    "polizza|sigorta no|poliçe no|полис|номер полиса|полис дмс|保险号|保单号"
    "|insurance id|member id|numero assicurazione|n polizza",
    "phone": "phone|phone number|telephone|tel|mobile|mobile phone|cell|cell phone|"
    "telefono|cellulare|cell.|tel.|telefono cellulare|telefon|cep|cep telefonu|"
    "gsm|телефон|мобильный|мобильный телефон|сотовый|电话|手机|手机号|手机号码|"
    "联系电话|"
    "téléphone|portable|móvil|handy"
    "|mobile number|phone 1|phone 1 value|primary phone|cell number|handphone"
    "|n cellulare|numero cellulare|numero di telefono|numero telefono|recapito"
    "|recapito telefonico|cellulare 1|telefono 1|tel cellulare|cep no"
    "|telefon no|telefon 1|телефон переносной|тел|моб|моб тел|мобильный тел"
    "|сотовый телефон|номер телефона|контактный телефон|телефон 1|телефоны|移动电话"
    "|手机1|联系方式|mobil|mobiltelefon|handynummer|téléphone portable|teléfono"
    "|teléfono móvil|celular|komórka",
    "phone_home": "home phone|phone home|landline|phone 2|second phone|telefono casa|"
    "telefono fisso|telefono 2|ev telefonu|telefon 2|домашний телефон|телефон 2|"
    "家庭电话|电话2|座机"
    "|phone 2 value|home|other phone|telephone 2|abitazione|tel casa"
    "|tel abitazione|tel fisso|cellulare 2|ev|дом тел|тел дом|дом телефон"
    "|домашний|住宅电话|telefon privat|téléphone fixe|teléfono casa",
    "phone_work": "work phone|office phone|phone work|phone 3|telefono ufficio|"
    "telefono lavoro|telefono 3|iş telefonu|рабочий телефон|телефон 3|工作电话|"
    "办公电话"
    "|phone 3 value|business phone|work|tel ufficio|ufficio|iş|раб тел|тел раб"
    "|рабочий|telefon geschäftlich|téléphone bureau",
    "email": "email|e-mail|e mail|mail|email address|posta elettronica|e-posta|eposta|"
    "эл. почта|электронная почта|почта|имейл|邮箱|电子邮件|电子邮箱"
    "|e mail 1|e mail 1 value|e mail address|email 1|home e mail|home email"
    "|primary email|personal email|indirizzo e mail|indirizzo email"
    "|indirizzo posta elettronica|posta|e posta adresi|адрес электронной почты"
    "|адрес эл почты|эл почта|электронный адрес|частный e mail|рабочий e mail"
    "|电邮|mail adresse|courriel|adresse e mail|correo|correo electrónico",
    "street": "street|address|street address|address 1|indirizzo|via|adres|sokak|"
    "адрес|улица|地址|街道|adresse|dirección"
    "|home street|home address|address 1 street|address line 1|street 1"
    "|residential address|street house no|via ab|via e numero"
    "|indirizzo residenza|indirizzo di residenza|residenza|ev adresi|улица дом"
    "|улица номер дома|адрес проживания|домашний адрес|фактический адрес"
    "|адрес регистрации|住址|家庭住址|联系地址|straße|anschrift|rue|domicilio",
    "street2": "street 2|street2|address 2|indirizzo 2|adres 2|адрес 2|地址2"
    "|address line 2|address 1 extended address|home address line 2"
    "|suite apartment|interno|квартира офис",
    "zip": "zip|zip code|postal code|postcode|cap|posta kodu|индекс|"
    "почтовый индекс|邮编|邮政编码|plz"
    "|home postal code|address 1 postal code|post code|zip postal code|cap ab"
    "|codice postale|c a p|postakodu|почтовый код|почтовый код дом|postleitzahl"
    "|code postal|código postal|psč|kod pocztowy",
    "city": "city|town|città|comune|şehir|il|город|населенный пункт|城市|市|ville|"
    "ciudad|ort"
    "|home city|address 1 city|city town|città ab|citta residenza"
    "|comune di residenza|località|ilçe şehir|город дом|населённый пункт|stadt"
    "|wohnort|localidad|miasto|město",
    "state": "state|province|county|region|provincia|prov|ilçe|область|регион|край|"
    "省|省份"
    "|home state|address 1 region|state id|state province|state id name"
    "|provincia ab|pr|область дом|bundesland",
    "country": "country|nation|paese|stato|nazione|ülke|страна|国家|pays|país|land"
    "|home country|home country region|country region|address 1 country"
    "|country id|country id name|country code|paese ab|страна или регион дом"
    "|staat",
    "clinic_area": "area|district|quarter|quartiere|zona|semt|mahalle|район|区|区域",
    "occupation": "occupation|profession|job|professione|occupazione|meslek|"
    "профессия|должность|职业"
    "|job title|job position|organization title|function|mestiere|род занятий"
    "|beruf|profesión",
    "employer": "employer|company|datore di lavoro|azienda|işveren|firma|"
    "место работы|работодатель|工作单位|单位"
    "|organization name|company name|ditta|şirket|компания|организация|公司"
    "|arbeitgeber|entreprise|empresa",
    "lang": "language|preferred language|lingua|dil|язык|语言"
    "|lang|sprache|langue|idioma",
    "source_detail": "source|source detail|how did you hear|provenienza|origine|"
    "kaynak|источник|откуда узнали|来源"
    "|lead source|referred by|come ci ha conosciuto|referral",
    "patient_warning_text": "warning|alert|avviso|attenzione|avvertenza|uyarı|"
    "предупреждение|внимание|警告|提醒",
    "clinic_note": "comment|comments|note|notes|remarks|annotazioni|commento|not|"
    "notlar|açıklama|комментарий|примечание|заметки|备注|注释"
    "|notes 1|annotations|заметка|дополнительная информация|notizen|bemerkung"
    "|remarques|notas|observaciones",
}
FIELDS = tuple(_WORDS)
_SIGNS = re.compile(r"[\s._:;,*№#()/\\\"'’\ufeff–-]+")


def normalize(header):
    """Return a header in small plain letters, blanks for signs."""
    return _SIGNS.sub(" ", person_name.plain(header)).strip()


_KNOWN = {
    normalize(word): field
    for field, words in _WORDS.items()
    for word in words.split("|")
}
_SPELT = {word for words in _WORDS.values() for word in words.split("|")}


def is_spelt(header):
    """Whether a text is such a header with each of its accents."""
    return header.strip().casefold() in _SPELT


def count_known(cells):
    """Return of how many fields the cells of a line are usual headers."""
    return len({_KNOWN.get(normalize(cell)) for cell in cells} - {None})


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
    # The whole name once more, beside its parts.
    if {"name", "family_name", "given_name"} <= set(found):
        found[found.index("name")] = None
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
