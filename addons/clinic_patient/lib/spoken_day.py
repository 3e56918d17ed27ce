"""The order in which a language writes a day, as patterns of Unicode TR 35.

What Odoo sets for a language is for lists and forms, in figures. Written out, a day has
an order of its own: in Chinese the weekday stands last and nothing between the parts,
in Turkish it stands last, in Russian a comma follows it and the year is named as one.
"""

#: Weekday, day, month, year, as most languages say it.
FULL, DAY, SHORT = "EEEE d MMMM y", "EEEE d MMMM", "EEE d MMM"
#: Days of which nobody asks the weekday: of birth, of a letter.
DATE = "d MMMM y"
#: ``{language: {pattern above: its own}}``, by the language's first letters.
OWN = {
    "ru": {
        FULL: "EEEE, d MMMM y 'г.'",
        DAY: "EEEE, d MMMM",
        SHORT: "EEE, d MMM",
        DATE: "d MMMM y 'г.'",
    },
    "tr": {FULL: "d MMMM y EEEE", DAY: "d MMMM EEEE", SHORT: "d MMM EEE"},
    "zh": {
        FULL: "y年M月d日 EEEE",
        DAY: "M月d日 EEEE",
        SHORT: "M月d日 EEE",
        DATE: "y年M月d日",
    },
}


def pattern(wanted, language):
    """The pattern of a language.

    :param str wanted: ``FULL``, ``DAY`` (without the year), ``SHORT`` or ``DATE``
    :param str language: code such as ``zh_CN``
    """
    return OWN.get(language.partition("_")[0], {}).get(wanted, wanted)


def with_hour(day, hour, language):
    """A day and what follows it: an hour, with a zone or without."""
    return f"{day} {hour}" if language.startswith("zh") else f"{day}, {hour}"


def zone(local):
    """How the zone is named beside an hour, for example ``CET`` or ``UTC-3``.

    :param datetime local: aware
    """
    name = local.tzname() or ""
    if name[:1] in "+-":
        hours, minutes = divmod(int(local.utcoffset().total_seconds()) // 60, 60)
        return f"UTC{hours:+d}" + (f":{minutes:02d}" if minutes else "")
    return name
