from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL, ormcache

from .online_rule import ONLINE_RULES

#: How many words of a question are looked at; nobody types more on purpose.
WORDS = 6


class ClinicBookingCatalogue(models.AbstractModel):
    """What the public may find and book: services, specialties, practitioners.

    A service, a specialty or a practitioner is in the catalogue when at least one
    offer passes every switch of online booking (``online_rule``), so the pages never
    lead to a dead end that the clinic has closed on purpose.
    """

    _name = "clinic.booking.catalogue"
    _description = "Catalogue of online booking"

    @api.model
    def _offers(self, service=None, practitioner=None, location=None):
        """Offers open to the public, in sudo.

        :param service: ``product.template`` to keep to; all if empty
        :param practitioner: ``clinic.practitioner`` to keep to; all if empty
        :param location: ``clinic.location`` to keep to; all if empty
        :returns: ``clinic.offer`` recordset
        """
        conditions = [self._sql_open()]
        for column, record in (
            (SQL("o.service_id"), service),
            (SQL("o.practitioner_id"), practitioner),
            (SQL("o.location_id"), location),
        ):
            if record:
                conditions.append(SQL("%s IN %s", column, tuple(record.ids)))
        rows = self._read(
            SQL(
                "SELECT o.id %s WHERE %s",
                self._sql_from(),
                SQL(" AND ").join(conditions),
            )
        )
        # sudo: clinic.offer - what is open to the public may be read by everybody
        return self.env["clinic.offer"].sudo().browse(row[0] for row in rows)

    @api.model
    def _specialties(self):
        """Specialties with something to book, and how many services each has.

        :returns: list of ``(clinic.specialty in sudo, int)``, in the clinic's order
        """
        rows = self._read(
            SQL(
                "SELECT t.specialty_id, COUNT(DISTINCT t.id) %s WHERE %s"
                " AND t.specialty_id IS NOT NULL GROUP BY 1",
                self._sql_from(),
                self._sql_open(),
            )
        )
        counts = dict(rows)
        # sudo: clinic.specialty - names of what is open to the public
        specialties = self.env["clinic.specialty"].sudo().browse(counts)
        specialties = specialties.sorted(lambda each: (each.sequence, each.name or ""))
        return [(specialty, counts[specialty.id]) for specialty in specialties]

    @api.model
    def _services(self, specialty=None, practitioner=None):
        """Services with something to book, by name, in sudo."""
        offers = self._offers(practitioner=practitioner)
        services = offers.service_id
        if specialty:
            services = services.filtered(lambda each: each.specialty_id == specialty)
        return services.sorted(lambda each: (each.name or "").casefold())

    @api.model
    def _popular_services(self, limit=6):
        """The services booked most in the last weeks that are open to the public."""
        ranked = self._popular_ids(self.env.company.id, fields.Date.today())
        # sudo: product.template - names of what is open to the public
        services = self.env["product.template"].sudo().browse(ranked)
        if not services:
            return services
        open_services = self._offers(service=services).service_id
        return services.filtered(lambda each: each in open_services)[:limit]

    @api.model
    @ormcache("company_id", "day")
    def _popular_ids(self, company_id, day):
        """Counted once a day and process: the count reads weeks of visits."""
        self.env["clinic.appointment"].flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT a.service_id FROM clinic_appointment a
                  JOIN clinic_location l ON l.id = a.location_id
                 WHERE l.company_id = %s AND a.start BETWEEN %s AND %s
                   AND a.state NOT IN ('held', 'expired', 'cancelled')
                 GROUP BY 1 ORDER BY COUNT(*) DESC, 1 LIMIT 24
                """,
                company_id,
                day - timedelta(days=28),
                day + timedelta(days=28),
            )
        )
        return tuple(row[0] for row in rows)

    @api.model
    def _find(self, text, limit=8):
        """What somebody may mean who typed ``text``.

        Every word must be found in the name, the synonyms or the specialty, without
        regard to accents and capitals. When nothing is found, similar spellings are.

        :param str text: as typed
        :param int limit: at most so many of each kind
        :returns: list of dicts ``{kind, id, name, detail, icon}``; kind is
            ``service``, ``specialty`` or ``practitioner``
        """
        words = self._plain_words(text)
        if not words:
            return []
        found = self._find_like(words, limit)
        return found or self._find_similar(" ".join(words), limit)

    @api.model
    def _plain_words(self, text):
        text = " ".join((text or "")[:200].replace("\x00", "").split())
        return text.split(" ")[:WORDS] if text else []

    @api.model
    def _find_like(self, words, limit):
        entries = self._sql_entries()
        rank = SQL(
            "CASE WHEN starts_with(plain_name, %s) THEN 0"
            " WHEN ' ' || plain_name LIKE %s THEN 1 ELSE 2 END",
            self._sql_plain(SQL("%s", words[0])),
            self._sql_contains(f" {words[0]}"),
        )
        conditions = SQL(" AND ").join(
            SQL("haystack LIKE %s", self._sql_contains(word)) for word in words
        )
        return self._read_entries(entries, conditions, rank, limit)

    @api.model
    def _find_similar(self, text, limit):
        plain = self._sql_plain(SQL("%s", text))
        return self._read_entries(
            self._sql_entries(),
            SQL("word_similarity(%s, haystack) >= 0.45", plain),
            SQL("-word_similarity(%s, haystack)", plain),
            limit,
        )

    @api.model
    def _read_entries(self, entries, conditions, rank, limit):
        rows = self._read(
            SQL(
                """
                SELECT kind, id FROM (
                    SELECT kind, id, plain_name, rank, ROW_NUMBER() OVER (
                               PARTITION BY kind ORDER BY rank, plain_name) AS place
                      FROM (SELECT entry.*, %s AS rank FROM (%s) entry WHERE %s) found
                ) ranked WHERE place <= %s
                ORDER BY rank, array_position(
                    ARRAY['service', 'specialty', 'practitioner'], kind), plain_name
                """,
                rank,
                entries,
                conditions,
                limit,
            )
        )
        return [self._entry(kind, record_id) for kind, record_id in rows]

    @api.model
    def _entry(self, kind, record_id):
        if kind == "service":
            # sudo: product.template - open to the public, found by _sql_entries
            service = self.env["product.template"].sudo().browse(record_id)
            return {
                "kind": kind,
                "id": record_id,
                "name": service.name,
                "detail": service.specialty_id.name or "",
                "icon": service.specialty_id.icon or "fa-stethoscope",
            }
        if kind == "specialty":
            # sudo: clinic.specialty - open to the public, found by _sql_entries
            specialty = self.env["clinic.specialty"].sudo().browse(record_id)
            return {
                "kind": kind,
                "id": record_id,
                "name": specialty.name,
                "detail": self.env._("All services"),
                "icon": specialty.icon or "fa-stethoscope",
            }
        # sudo: clinic.practitioner - open to the public, found by _sql_entries
        practitioner = self.env["clinic.practitioner"].sudo().browse(record_id)
        return {
            "kind": kind,
            "id": record_id,
            "name": practitioner.display_name,
            "detail": ", ".join(practitioner.specialty_ids.mapped("name")),
            "icon": "fa-user-md",
        }

    # ------------------------------------------------------------
    # SQL
    # ------------------------------------------------------------

    @api.model
    def _read(self, query):
        self.env["clinic.slot"]._flush_what_slots_read()
        return self.env.execute_query(query)

    @api.model
    def _sql_from(self):
        """The tables whose aliases the switches speak of."""
        return SQL(
            """
            FROM clinic_offer o
            JOIN product_template t ON t.id = o.service_id
            JOIN clinic_practitioner p ON p.id = o.practitioner_id
            JOIN clinic_location l ON l.id = o.location_id
            LEFT JOIN clinic_specialty sp ON sp.id = t.specialty_id
            LEFT JOIN product_pricelist pl ON pl.id = l.pricelist_id
            """
        )

    @api.model
    def _sql_open(self):
        """Whether an offer is open to the public, by the switches and nothing else."""
        return SQL(
            "o.active AND t.active AND p.active AND l.active"
            " AND t.is_healthcare_service AND l.company_id IN %s AND %s",
            tuple(self.env.companies.ids or [0]),
            SQL(" AND ").join(SQL(rule.condition) for rule in ONLINE_RULES),
        )

    @api.model
    def _sql_plain(self, expression):
        """Small letters without accents, by what PostgreSQL brings along."""
        return SQL(
            "lower(regexp_replace(normalize(%s, NFD), %s, '', 'g'))",
            expression,
            "[\u0300-\u036f]",
        )

    @api.model
    def _sql_contains(self, word):
        escaped = word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        return self._sql_plain(SQL("%s", f"%{escaped}%"))

    @api.model
    def _sql_translated(self, column):
        """The text in the visitor's language, or in English."""
        return SQL(
            "COALESCE(%s->>%s, %s->>'en_US', '')",
            column,
            self.env.lang or "en_US",
            column,
        )

    @api.model
    def _sql_entries(self):
        """Everything to be found: kind, id, plain name, and where words are sought."""
        service = self._sql_translated(SQL("t.name"))
        service_words = self._sql_translated(SQL("t.synonyms"))
        specialty = self._sql_translated(SQL("sp.name"))
        specialty_words = self._sql_translated(SQL("sp.synonyms"))
        offers = SQL("%s WHERE %s", self._sql_from(), self._sql_open())
        return SQL(
            """
            SELECT DISTINCT 'service' AS kind, t.id, %(plain_service)s AS plain_name,
                   %(service_haystack)s AS haystack %(offers)s
             UNION ALL
            SELECT DISTINCT 'specialty', sp.id, %(plain_specialty)s,
                   %(specialty_haystack)s %(offers)s AND sp.id IS NOT NULL
             UNION ALL
            SELECT DISTINCT 'practitioner', p.id, %(plain_name)s, %(name_haystack)s
                   %(offers)s
            """,
            plain_service=self._sql_plain(service),
            service_haystack=self._sql_plain(
                SQL(
                    "%s || ' ' || %s || ' ' || %s || ' ' || %s",
                    service,
                    service_words,
                    specialty,
                    specialty_words,
                )
            ),
            plain_specialty=self._sql_plain(specialty),
            specialty_haystack=self._sql_plain(
                SQL("%s || ' ' || %s", specialty, specialty_words)
            ),
            plain_name=self._sql_plain(SQL("p.name")),
            name_haystack=self._sql_plain(SQL("COALESCE(p.name, '')")),
            offers=offers,
        )
