from datetime import date

from odoo import api, fields, models
from odoo.tools import SQL

from ..lib.channels import BY_NUMBER

ADULT = 18


class ClinicMessage(models.Model):
    """Whom a message goes to, and by which address: set-based, the same for one
    patient and for a million."""

    _inherit = "clinic.message"

    @api.model
    def _adult_born_until(self):
        """Return the last birthday of those who are of age today."""
        today = fields.Date.context_today(
            self.with_context(tz=self.env["res.partner"]._clinic_tz())
        )
        try:
            return today.replace(year=today.year - ADULT)
        except ValueError:
            return date(today.year - ADULT, 2, 28)

    @api.model
    def _people_sql(self, query, with_due=False, recipient=None):
        """Return a query of who is written to about whom.

        Adults themselves; for minors those who may book for them today, and the minor
        when nobody may.

        :param SQL query: ``SELECT patient_id, origin_id`` and perhaps ``due``
        :param bool with_due: whether the query has ``due``
        :param recipient: res.partner who is written to, whatever the ages
        :returns: ``SELECT patient_id, origin_id, due, recipient_id, is_minor``, where
            ``is_minor`` tells a minor who has nobody
        """
        if recipient:
            return SQL(
                """
                SELECT q.patient_id, q.origin_id, %(due)s AS due,
                       %(recipient)s AS recipient_id, FALSE AS is_minor,
                       patient.active AND patient.erased_at IS NULL AS is_active
                  FROM (%(query)s) AS q
                  JOIN res_partner patient ON patient.id = q.patient_id
                """,
                query=query,
                due=SQL("q.due") if with_due else SQL("NULL::timestamp"),
                recipient=recipient.id,
            )
        today = fields.Date.context_today(
            self.with_context(tz=self.env["res.partner"]._clinic_tz())
        )
        return SQL(
            """
            SELECT wanted.patient_id, wanted.origin_id, wanted.due,
                   COALESCE(guardian.id, patient.id) AS recipient_id,
                   patient.birth_date > %(born)s AND guardian.id IS NULL AS is_minor,
                   patient.active AND patient.erased_at IS NULL AS is_active
              FROM (SELECT DISTINCT ON (q.patient_id, q.origin_id)
                           q.patient_id, q.origin_id, %(due)s AS due
                      FROM (%(query)s) AS q) AS wanted
              JOIN res_partner patient ON patient.id = wanted.patient_id
         LEFT JOIN LATERAL (
                   SELECT DISTINCT person.id
                     FROM clinic_relationship r
                     JOIN res_partner person ON person.id = r.guardian_id
                    WHERE patient.birth_date > %(born)s
                      AND r.patient_id = patient.id AND r.can_book AND person.active
                      AND r.date_start <= %(today)s
                      AND (r.date_stop IS NULL OR r.date_stop >= %(today)s)
                   ) AS guardian ON TRUE
            """,
            query=query,
            due=SQL("q.due") if with_due else SQL("NULL::timestamp"),
            born=self._adult_born_until(),
            today=today,
        )

    @api.model
    def _address_sql(self, channel):
        """Extension point: ``(address, allowed)`` of a person on a channel.

        :param str channel: see ``lib/channels.py``
        :returns: SQL expression pair over ``person`` (``res_partner``), as a query
            of at most one row with the columns ``address`` and ``allowed``
        """
        if channel == "email":
            return SQL(
                "SELECT person.email_normalized::text AS address, TRUE AS allowed"
                " WHERE person.email_normalized IS NOT NULL"
            )
        if channel in ("sms", "whatsapp", "voice"):
            allowed = SQL.identifier(
                "phone",
                {"sms": "allow_sms", "whatsapp": "allow_whatsapp"}.get(
                    channel, "allow_call"
                ),
            )
            written = (
                SQL("TRUE") if channel == "voice" else SQL("phone.label <> 'home'")
            )
            return SQL(
                "SELECT phone.e164::text AS address,"
                " COALESCE(%(allowed)s, TRUE) AS allowed FROM clinic_phone phone"
                " WHERE phone.partner_id = person.id AND %(written)s"
                " ORDER BY %(allowed)s DESC NULLS LAST, phone.is_preferred DESC"
                " NULLS LAST, phone.label = 'mobile' DESC, phone.sequence, phone.id"
                " LIMIT 1",
                allowed=allowed,
                written=written,
            )
        if channel == "letter":
            return SQL(
                "SELECT concat_ws(', ', person.street, person.zip, person.city)"
                " AS address, TRUE AS allowed"
                " WHERE person.street IS NOT NULL AND person.city IS NOT NULL"
            )
        return SQL("SELECT NULL::text AS address, FALSE AS allowed WHERE FALSE")

    @api.model
    def _provider_sql(self, channel, company):
        """Expression for the provider that carries to ``reach.address`` on a channel.

        A provider of the company comes before one of all companies, and one of the
        number's country before one of all countries.
        """
        # sudo: clinic.message.provider - who writes needs no rights on providers
        providers = (
            self.env["clinic.message.provider"]
            .sudo()
            .search(
                [
                    ("active", "=", True),
                    ("channel", "=", channel),
                    ("company_id", "in", (False, company.id)),
                ]
            )
        )
        ordered = providers.sorted(
            lambda each: (
                not each.company_id,
                not each.country_ids,
                each.sequence,
                each.id,
            )
        )
        if not ordered:
            return SQL("NULL::int")
        by_number = channel in BY_NUMBER
        branches = []
        for provider in ordered:
            conditions = [SQL("TRUE")]
            if by_number and provider.country_ids:
                conditions.append(self._in_countries_sql(provider.country_ids))
            if by_number and provider.excluded_country_ids:
                excluded = self._in_countries_sql(provider.excluded_country_ids)
                conditions.append(SQL("NOT %s", excluded))
            if len(conditions) == 1:
                # Carries to everybody: nobody after it is asked.
                return (
                    SQL("CASE %s ELSE %s END", SQL(" ").join(branches), provider.id)
                    if branches
                    else SQL("%s", provider.id)
                )
            branches.append(
                SQL("WHEN %s THEN %s", SQL(" AND ").join(conditions), provider.id)
            )
        return SQL("CASE %s END", SQL(" ").join(branches))

    @api.model
    def _in_countries_sql(self, countries):
        """Whether ``reach.address`` is a number of one of these countries."""
        patterns = [f"+{country.phone_code}%" for country in countries]
        return SQL("COALESCE(reach.address LIKE ANY(%s), FALSE)", patterns)
