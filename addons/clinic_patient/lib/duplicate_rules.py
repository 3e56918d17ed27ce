"""What "probably the same person" means: the one place, as text of SQL. No Odoo.

Used for a card in a form, for a registration, for an import and by the search over the
whole base, so that all of them say the same. A person is a row with the columns of
:data:`PERSON`; :data:`PAIRS` finds, by index, whom it is worth comparing with, and a
score compares the two. People of one household share numbers, addresses and a family
name, twins a birthday as well: they are told apart by their given names.
"""

from . import person_name

#: Pairs below are not worth anybody's time.
THRESHOLD = 60
#: A day of birth of more people than this is a stand-in for "not known".
COMMON_BIRTH = 2000
#: A name that so many people with one such day of birth have is a stand-in, too: they
#: would be compared each with each.
COMMON_KEY = 200
#: A number on more cards than this is a switchboard and tells nothing.
COMMON_PHONE = 100

PERSON = """
    SELECT p.id, p.company_id, p.birth_date AS birth, p.sex,
           NULLIF(p.tax_code_base, '') AS tax, NULLIF(p.card_number, '') AS card,
           NULLIF(p.outpatient_number, '') AS outpatient,
           NULLIF(p.inpatient_number, '') AS inpatient,
           p.duplicate_key AS key,
           COALESCE(split_part(p.duplicate_key, '|', 1), '') AS words,
           COALESCE(split_part(p.duplicate_key, '|', 2), '') AS family,
           COALESCE(split_part(p.duplicate_key, '|', 3), '') AS given,
           ARRAY(SELECT n.e164::text FROM clinic_phone n WHERE n.partner_id = p.id)
               AS phones
      FROM res_partner p
"""

#: Whom each row of ``asked`` is worth comparing with; parameters common_births,
#: common_keys and common_phones. Each branch is answered by an index.
PAIRS = """
    SELECT a.id AS asked, p.id AS other
      FROM asked a JOIN res_partner p ON p.birth_date = a.birth
     WHERE a.birth <> ALL(%(common_births)s::date[])
       AND (p.duplicate_key = a.key
            OR split_part(p.duplicate_key, '|', 1) = a.words
            OR split_part(p.duplicate_key, '|', 2) = a.family
            OR split_part(p.duplicate_key, '|', 3) = a.given
            OR (left(split_part(p.duplicate_key, '|', 2), 2) = left(a.family, 2)
                AND left(split_part(p.duplicate_key, '|', 3), 2) = left(a.given, 2)))
     UNION
    SELECT a.id, p.id
      FROM asked a
      JOIN res_partner p ON p.duplicate_key = a.key AND p.birth_date = a.birth
     WHERE a.birth = ANY(%(common_births)s::date[])
       AND a.key <> ALL(%(common_keys)s::text[])
     UNION
    SELECT a.id, p.id
      FROM asked a JOIN res_partner p ON p.tax_code_base = a.tax
     UNION
    SELECT a.id, p.id
      FROM asked a JOIN res_partner p ON p.card_number = a.card
     WHERE p.card_number > '' AND p.is_patient IS TRUE AND p.active IS TRUE
     UNION
    SELECT a.id, p.id
      FROM asked a JOIN res_partner p ON p.outpatient_number = a.outpatient
     WHERE p.outpatient_number > ''
     UNION
    SELECT a.id, p.id
      FROM asked a JOIN res_partner p ON p.inpatient_number = a.inpatient
     WHERE p.inpatient_number > ''
     UNION
    SELECT a.id, n.partner_id
      FROM asked a
     CROSS JOIN LATERAL unnest(a.phones) AS own (e164)
      JOIN clinic_phone n ON n.e164 = own.e164
     WHERE own.e164 <> ALL(%(common_phones)s::text[])
"""

_FACTS = {
    "same_tax": "COALESCE(a_tax = b_tax, FALSE)",
    "other_tax": "COALESCE(a_tax <> b_tax, FALSE)",
    "same_card": "COALESCE(a_card = b_card, FALSE)",
    "same_outpatient": "COALESCE(a_outpatient = b_outpatient, FALSE)",
    "same_inpatient": "COALESCE(a_inpatient = b_inpatient, FALSE)",
    "same_birth": "COALESCE(a_birth = b_birth, FALSE)",
    "unknown_birth": "(a_birth IS NULL OR b_birth IS NULL)",
    "swapped_birth": "COALESCE(date_part('year', a_birth) = date_part('year', b_birth)"
    " AND date_part('month', a_birth) = date_part('day', b_birth)"
    " AND date_part('day', a_birth) = date_part('month', b_birth)"
    " AND a_birth <> b_birth, FALSE)",
    "same_phone": "(a_phones && b_phones)",
    "other_sex": "COALESCE(a_sex <> b_sex AND a_sex IN ('male', 'female')"
    " AND b_sex IN ('male', 'female'), FALSE)",
    "same_name": "(a_words <> '' AND (a_words = b_words OR (a_family = b_family"
    " AND a_given <> '' AND replace(a_given, ' ', '') = replace(b_given, ' ', ''))))",
    # One card without a given name, or one in Latin and one in other letters.
    "open_name": "(a_given = '' AND (b_given = '' OR a_family IN ('', b_family))"
    " OR b_given = '' AND b_family IN ('', a_family)"
    " OR (length(a_words) = octet_length(a_words))"
    " <> (length(b_words) = octet_length(b_words)))",
    "same_given": "(a_given <> '' AND a_given = b_given)",
}

# A letter doubled or not is the commonest slip: Ana and Anna, Rosi and Rossi.
_SINGLE = r"regexp_replace({0}_{1}, '(.)\1+', '\1', 'g')"
_SAME_BUT_DOUBLED = "{} = {}".format(
    _SINGLE.format("a", "{0}"), _SINGLE.format("b", "{0}")
)

# Anna and Anna Maria, Giovani and Giovanni; but Paolo and Paola are brother and sister.
_SIMILAR_NAME = f"""(
    a_given <> '' AND b_given <> '' AND a_family <> '' AND b_family <> ''
    AND (a_family = b_family OR similarity(a_family, b_family) >= 0.5
         OR {_SAME_BUT_DOUBLED.format("family")})
    AND (a_given = b_given
         OR string_to_array(a_given, ' ') @> string_to_array(b_given, ' ')
         OR string_to_array(b_given, ' ') @> string_to_array(a_given, ' ')
         OR {_SAME_BUT_DOUBLED.format("given")}
         OR (right(a_given, 1) = right(b_given, 1)
             AND similarity(a_given, b_given) >= 0.55)))
"""

#: 0 to 100 for the persons ``a`` and ``b`` with the facts ``f``.
_SCORE = f"""
    CASE
    WHEN f.same_tax
        THEN CASE WHEN f.same_birth OR f.unknown_birth OR f.same_name THEN 100
             ELSE 80 END
    WHEN f.same_card THEN 95
    -- These numbers need not be unique: something else must speak for it.
    WHEN (f.same_outpatient OR f.same_inpatient) AND NOT f.other_tax
     AND (f.same_name OR f.same_birth OR f.unknown_birth AND {_SIMILAR_NAME})
        THEN 95
    -- Two valid codes tell two people apart, unless all the rest speaks against it.
    WHEN f.other_tax
        THEN CASE WHEN f.same_name AND f.same_birth AND f.same_phone THEN 65 ELSE 0 END
    WHEN f.same_name AND f.same_birth
        THEN 95 + 3 * f.same_phone::int - 10 * f.other_sex::int
    WHEN f.same_name AND f.same_phone AND f.unknown_birth THEN 85
    WHEN f.same_name AND f.same_phone AND f.swapped_birth THEN 80
    WHEN NOT f.same_birth THEN 0
    WHEN f.same_phone AND f.open_name THEN 75
    WHEN f.other_sex THEN 0
    WHEN f.same_phone AND f.same_given THEN 85
    WHEN {_SIMILAR_NAME} THEN 75 + 10 * f.same_phone::int
    ELSE 0
    END
"""

_COLUMNS = (
    "id",
    "company_id",
    "birth",
    "sex",
    "tax",
    "card",
    "outpatient",
    "inpatient",
    "words",
    "family",
    "given",
    "phones",
)

# The cards on the other side: active patients whom the same company may see.
_OTHER = f"""
    {PERSON}
     WHERE p.id IN (SELECT other FROM pairs) AND p.is_patient IS TRUE
       AND p.active IS TRUE
"""

# Joined before anything is scored: the planner would score everybody with everybody.
_COMPARED = f"""
    SELECT {", ".join(f"a.{name} AS a_{name}" for name in _COLUMNS)},
           {", ".join(f"b.{name} AS b_{name}" for name in _COLUMNS)}
      FROM pairs
      JOIN asked a ON a.id = pairs.asked
      JOIN other b ON b.id = pairs.other
"""

_SCORED = f"""
    SELECT a_id AS asked, b_id AS other, s.score,
           COALESCE(a_company_id, b_company_id) AS company,
           array_remove(ARRAY[
               CASE WHEN f.same_tax THEN 'tax_code' END,
               CASE WHEN f.same_card THEN 'card_number' END,
               CASE WHEN f.same_outpatient THEN 'outpatient_number' END,
               CASE WHEN f.same_inpatient THEN 'inpatient_number' END,
               CASE WHEN f.same_name THEN 'name' END,
               CASE WHEN NOT f.same_name AND {_SIMILAR_NAME} THEN 'similar_name' END,
               CASE WHEN f.same_birth THEN 'birth_date' END,
               CASE WHEN f.swapped_birth THEN 'swapped_birth_date' END,
               CASE WHEN f.same_phone THEN 'phone' END,
               CASE WHEN f.other_tax THEN 'other_tax_code' END
           ], NULL) AS reasons
      FROM compared
     CROSS JOIN LATERAL (
         SELECT {", ".join(f"{text} AS {name}" for name, text in _FACTS.items())}
     ) f
     CROSS JOIN LATERAL (SELECT {_SCORE} AS score) s
     WHERE s.score >= {THRESHOLD}
       AND COALESCE(a_company_id, b_company_id) IS NOT DISTINCT FROM
           COALESCE(b_company_id, a_company_id)
"""

_QUERY = f"""
    WITH asked AS MATERIALIZED ({{asked}}), pairs AS MATERIALIZED (
        SELECT found.* FROM ({PAIRS}) found WHERE {{which}}
    ), other AS MATERIALIZED ({_OTHER}), compared AS MATERIALIZED ({_COMPARED})
"""

#: The cards like one person who need not have a card, the likeliest first.
FIND_ONE = (
    _QUERY.format(
        asked="""
        SELECT 0 AS id, %(company)s::int AS company_id, %(birth)s::date AS birth,
               %(sex)s::text AS sex, %(tax)s::text AS tax, %(card)s::text AS card,
               %(outpatient)s::text AS outpatient, %(inpatient)s::text AS inpatient,
               %(key)s::text AS key, split_part(%(key)s, '|', 1) AS words,
               split_part(%(key)s, '|', 2) AS family,
               split_part(%(key)s, '|', 3) AS given, %(phones)s::text[] AS phones
        """,
        which="found.other <> ALL(%(but)s::int[])",
    )
    + f"SELECT other FROM ({_SCORED}) scored ORDER BY score DESC, other"
)


def find_among(asked, upwards=False):
    """Return the query of the pairs (first, second, score, reasons, company) of cards.

    :param str asked: condition on ``res_partner p``: for whom to look
    :param bool upwards: each pair only from its older card; for all cards in turn
    """
    which = "found.other > found.asked" if upwards else "found.other <> found.asked"
    query = _QUERY.format(
        asked=f"{PERSON} WHERE p.is_patient IS TRUE AND p.active IS TRUE AND {asked}",
        which=which,
    )
    return f"""{query}
    SELECT DISTINCT ON (1, 2) LEAST(asked, other) AS first,
           GREATEST(asked, other) AS second, score, reasons, company
      FROM ({_SCORED}) scored
    """


def find_for_rows(asked, cards="res_partner", phones="clinic_phone", which="TRUE"):
    """Return the query of the likeliest card (asked, other, score, reasons) of people
    who have no card yet, as an import finds them.

    :param str asked: query of people with the columns of :data:`PERSON`
    :param str cards: table of the other side, with the columns of ``res_partner``
    :param str phones: table of their numbers, with the columns of ``clinic_phone``
    :param str which: condition on the pairs ``found``
    """
    query = (
        _QUERY.format(asked=asked, which=which)
        + f"""
    SELECT DISTINCT ON (asked) asked, other, score, reasons
      FROM ({_SCORED}) scored ORDER BY asked, score DESC, other
    """
    )
    for table, name in (("res_partner p", cards), ("clinic_phone n", phones)):
        query = query.replace(table, f"{name} {table[-1]}")
    return query


def name_key(family, given, middle=None):
    """Return the plain words of a name as the rules compare them.

    ``"all words sorted|family|given"``: in small letters, without accents, hyphens and
    apostrophes; None for nobody.
    """
    family, given = _words(family), _words(" ".join(filter(None, (given, middle))))
    if not (family or given):
        return None
    return "|".join(
        (" ".join(sorted(family + given)), "".join(family), " ".join(given))
    )


def key_words(key):
    """Return all words of a :func:`name_key`, whichever of them is the family name."""
    return (key or "").partition("|")[0]


def _words(text):
    chunks = person_name.plain(text).split()
    words = ("".join(filter(str.isalnum, chunk)) for chunk in chunks)
    return [word for word in words if word]
