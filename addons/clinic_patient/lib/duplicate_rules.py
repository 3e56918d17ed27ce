"""What "probably the same person" means: the one place, as text of SQL. No Odoo.

Used for a card in a form, for a registration, for an import and by the search over the
whole base, so that all of them say the same. A person is a row with the columns of
:data:`PERSON`; :data:`PAIRS` finds, by index, whom it is worth comparing with and
:data:`SCORE` compares. People of one household share numbers, addresses and a family
name, twins a birthday as well: they are told apart by their given names.
"""

from . import person_name

#: Pairs below are not worth anybody's time.
THRESHOLD = 60
#: A day of birth of more people than this is a stand-in for "not known".
COMMON_BIRTH = 2000
#: A number on more cards than this is a switchboard and tells nothing.
COMMON_PHONE = 100

#: Why two cards are thought to be one person, strongest first.
REASONS = (
    "tax_code",
    "card_number",
    "name",
    "similar_name",
    "birth_date",
    "swapped_birth_date",
    "phone",
    "other_tax_code",
)

PERSON = """
    SELECT p.id, p.company_id, p.birth_date AS birth, p.sex,
           NULLIF(p.tax_code_base, '') AS tax, NULLIF(p.card_number, '') AS card,
           p.duplicate_key AS key,
           COALESCE(split_part(p.duplicate_key, '|', 1), '') AS words,
           COALESCE(split_part(p.duplicate_key, '|', 2), '') AS family,
           COALESCE(split_part(p.duplicate_key, '|', 3), '') AS given,
           ARRAY(SELECT n.e164::text FROM clinic_phone n WHERE n.partner_id = p.id)
               AS phones
      FROM res_partner p
"""

#: Whom each row of ``asked`` is worth comparing with; parameters common_births and
#: common_phones. Each branch is answered by an index.
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
     UNION
    SELECT a.id, p.id
      FROM asked a JOIN res_partner p ON p.tax_code_base = a.tax
     UNION
    SELECT a.id, p.id
      FROM asked a JOIN res_partner p ON p.card_number = a.card
     WHERE p.card_number > '' AND p.is_patient IS TRUE AND p.active IS TRUE
     UNION
    SELECT a.id, n.partner_id
      FROM asked a
     CROSS JOIN LATERAL unnest(a.phones) AS own (e164)
      JOIN clinic_phone n ON n.e164 = own.e164
     WHERE own.e164 <> ALL(%(common_phones)s::text[])
"""

_FACTS = {
    "same_tax": "COALESCE(a.tax = b.tax, FALSE)",
    "other_tax": "COALESCE(a.tax <> b.tax, FALSE)",
    "same_card": "COALESCE(a.card = b.card, FALSE)",
    "same_birth": "COALESCE(a.birth = b.birth, FALSE)",
    "unknown_birth": "(a.birth IS NULL OR b.birth IS NULL)",
    "swapped_birth": "COALESCE(date_part('year', a.birth) = date_part('year', b.birth)"
    " AND date_part('month', a.birth) = date_part('day', b.birth)"
    " AND date_part('day', a.birth) = date_part('month', b.birth)"
    " AND a.birth <> b.birth, FALSE)",
    "same_phone": "(a.phones && b.phones)",
    "other_sex": "COALESCE(a.sex <> b.sex AND a.sex IN ('male', 'female')"
    " AND b.sex IN ('male', 'female'), FALSE)",
    "same_name": "(a.words <> '' AND (a.words = b.words OR (a.family = b.family"
    " AND a.given <> '' AND replace(a.given, ' ', '') = replace(b.given, ' ', ''))))",
    # One card without a given name, or one in Latin and one in other letters.
    "open_name": "(a.given = '' AND (b.given = '' OR a.family IN ('', b.family))"
    " OR b.given = '' AND b.family IN ('', a.family)"
    " OR (length(a.words) = octet_length(a.words))"
    " <> (length(b.words) = octet_length(b.words)))",
    "same_given": "(a.given <> '' AND a.given = b.given)",
}

# Anna and Anna Maria, Giovani and Giovanni; but Paolo and Paola are brother and sister.
_SIMILAR_NAME = """(
    a.given <> '' AND b.given <> '' AND a.family <> '' AND b.family <> ''
    AND (a.family = b.family OR similarity(a.family, b.family) >= 0.5)
    AND (a.given = b.given
         OR string_to_array(a.given, ' ') @> string_to_array(b.given, ' ')
         OR string_to_array(b.given, ' ') @> string_to_array(a.given, ' ')
         OR (right(a.given, 1) = right(b.given, 1)
             AND similarity(a.given, b.given) >= 0.55)))
"""

#: 0 to 100 for the persons ``a`` and ``b`` with the facts ``f``.
_SCORE = f"""
    CASE
    WHEN f.same_tax
        THEN CASE WHEN f.same_birth OR f.unknown_birth OR f.same_name THEN 100
             ELSE 80 END
    WHEN f.same_card THEN 95
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

#: Joins ``pairs``, ``asked`` and ``other`` (rows as of PERSON) to scored pairs.
SCORED = f"""
    SELECT a.id AS asked, b.id AS other, s.score,
           array_remove(ARRAY[
               CASE WHEN f.same_tax THEN 'tax_code' END,
               CASE WHEN f.same_card THEN 'card_number' END,
               CASE WHEN f.same_name THEN 'name' END,
               CASE WHEN NOT f.same_name AND {_SIMILAR_NAME} THEN 'similar_name' END,
               CASE WHEN f.same_birth THEN 'birth_date' END,
               CASE WHEN f.swapped_birth THEN 'swapped_birth_date' END,
               CASE WHEN f.same_phone THEN 'phone' END,
               CASE WHEN f.other_tax THEN 'other_tax_code' END
           ], NULL) AS reasons
      FROM pairs
      JOIN asked a ON a.id = pairs.asked
      JOIN other b ON b.id = pairs.other
     CROSS JOIN LATERAL (
         SELECT {", ".join(f"{text} AS {name}" for name, text in _FACTS.items())}
     ) f
     CROSS JOIN LATERAL (SELECT {_SCORE} AS score) s
     WHERE s.score >= {THRESHOLD}
"""

# The cards on the other side: active patients whom the same company may see.
_OTHER = f"""
    {PERSON}
     WHERE p.id IN (SELECT other FROM pairs) AND p.is_patient IS TRUE
       AND p.active IS TRUE
"""

_QUERY = f"""
    WITH asked AS MATERIALIZED ({{asked}}), pairs AS MATERIALIZED (
        SELECT found.* FROM ({PAIRS}) found WHERE {{which}}
    ), other AS MATERIALIZED ({_OTHER}), scored AS ({SCORED})
"""

_SAME_COMPANY = (
    "COALESCE(a.company_id, b.company_id) IS NOT DISTINCT FROM"
    " COALESCE(b.company_id, a.company_id)"
)

#: The cards like one person who need not have a card.
FIND_ONE = (
    _QUERY.format(
        asked="""
        SELECT 0 AS id, %(company)s::int AS company_id, %(birth)s::date AS birth,
               %(sex)s::text AS sex, %(tax)s::text AS tax, %(card)s::text AS card,
               %(key)s::text AS key, split_part(%(key)s, '|', 1) AS words,
               split_part(%(key)s, '|', 2) AS family,
               split_part(%(key)s, '|', 3) AS given, %(phones)s::text[] AS phones
        """,
        which="found.other <> ALL(%(but)s::int[])",
    )
    + f"""
    SELECT scored.other
      FROM scored
      JOIN asked a ON a.id = scored.asked
      JOIN other b ON b.id = scored.other
     WHERE {_SAME_COMPANY}
     ORDER BY score DESC, scored.other
    """
)


def find_among(asked, upwards=False):
    """Return the query of the scored pairs (first, second, score, reasons) of cards.

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
           GREATEST(asked, other) AS second, score, reasons,
           COALESCE(a.company_id, b.company_id) AS company
      FROM scored
      JOIN asked a ON a.id = scored.asked
      JOIN other b ON b.id = scored.other
     WHERE {_SAME_COMPANY}
    """


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


def _words(text):
    chunks = person_name.plain(text).split()
    words = ("".join(filter(str.isalnum, chunk)) for chunk in chunks)
    return [word for word in words if word]
