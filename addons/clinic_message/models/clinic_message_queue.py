from datetime import timedelta

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from odoo.addons.clinic_base.lib import clock

from ..lib.personal_link import BEARER


class ClinicMessage(models.Model):
    """The way in: messages are written with their cause, each once."""

    _inherit = "clinic.message"

    @api.model
    def _queue(self, kind_code, patients, origin=None, step="", attempt="", **options):
        """Write messages about patients; a repeat changes nothing.

        Who is written to, by which channel and with which text follows from the
        switchboard, unless the options say so.

        :param str kind_code: see ``clinic.message.kind``
        :param patients: res.partner, about whom
        :param origin: the record it is about; its ``_message_values(lang, message)``
            gives values for names in the text
        :param str step: tells apart messages of one kind about one origin
        :param str attempt: another try at a message that was written before
        :param options: see :meth:`_queue_query`
        :returns: the messages of these patients, kind, origin, step and attempt, those
            that are held back and those that were there before included
        """
        if not patients:
            return self.browse()
        model, number = (origin._name, origin.id) if origin else (None, None)
        query = SQL(
            "SELECT id AS patient_id, %s::int AS origin_id FROM unnest(%s) id",
            number,
            patients.ids,
        )
        self._queue_query(
            kind_code,
            query,
            model,
            step=step,
            attempt=attempt,
            record=origin,
            **options,
        )
        kind = self.env["clinic.message.kind"]._by_code(kind_code)
        prefix = f"{self._key_prefix(kind, model)}{number or 0}:{step}{attempt}"
        rows = self.env.execute_query(
            SQL(
                "SELECT id FROM clinic_message"
                " WHERE kind_id = %s AND patient_id = ANY(%s)"
                " AND (key LIKE %s ESCAPE '\\' OR key LIKE %s ESCAPE '\\') ORDER BY id",
                kind.id,
                patients.ids,
                _escape(f"{prefix}:") + "%",
                _escape(f"{prefix}/") + "%",
            )
        )
        return self.browse(row[0] for row in rows)

    @api.model
    def _key_prefix(self, kind, model):
        return f"{model or ''}:{kind.code}:"

    @api.model
    def _queue_query(
        self,
        kind_code,
        query,
        origin_model=None,
        step="",
        attempt="",
        due=None,
        channel=None,
        template=None,
        expires_at=None,
        campaign=None,
        location=None,
        zone=None,
        company=None,
        body=None,
        subject=None,
        record=None,
        with_due=False,
        recipient=None,
        addresses=None,
        lang=None,
    ):
        """Write the messages about a mass of patients by one INSERT .. SELECT.

        Texts are filled in when they are sent, unless a body is given.

        :param str kind_code: see ``clinic.message.kind``
        :param SQL query: ``SELECT patient_id, origin_id`` and, with ``with_due``,
            ``due`` (naive UTC); the rights of the reader are the caller's matter
        :param str origin_model: of ``origin_id``
        :param str step: tells apart messages of one kind about one origin
        :param str attempt: another try at a message that was written before
        :param datetime due: naive UTC, not to be sent before; now if empty
        :param str channel: instead of the switchboard's
        :param template: ``clinic.message.template`` instead of the switchboard's
        :param datetime expires_at: naive UTC, not worth sending after
        :param campaign: ``clinic.message.campaign`` it belongs to
        :param location: place it is about: its switches and its zone
        :param str zone: of the quiet hours, when there is no location
        :param company: res.company that writes; the present one if empty
        :param str body: the text as it is to be sent; a link that opens something by
            itself is put in by its name (``lib/personal_link.py``)
        :param str subject: of an e-mail
        :param record: origin, when there is one only: narrows the switches
        :param recipient: res.partner who is written to, instead of who follows from
            age and family; one who may act for the patient, still when it is sent
        :param dict addresses: ``{channel: address}`` instead of the recipient's
        :param str lang: instead of the recipient's
        :returns: number of messages written, those that are held back included
        """
        self._refuse_links(body)
        kind = self.env["clinic.message.kind"]._by_code(kind_code)
        company = company or self.env.company
        if not kind.active:
            return 0
        # sudo: clinic.message.switch - whoever causes a message needs no rights on it
        switches = self.env["clinic.message.switch"].sudo()
        scope = switches._scope(company, record=record, location=location)
        chosen = [
            (each.channel, each.template_id.id, each.patience_minutes)
            for each in switches._chosen(kind, scope)
        ]
        if channel:
            held = {each[0]: each for each in chosen}
            chosen = [held.get(channel, (channel, False, 0))]
        if template or body:
            # An own text is none that a provider approved under a name.
            number = template.id if template else False
            chosen = [(each[0], number, each[2]) for each in chosen]
        if not chosen and not channel:
            return 0
        now = clock.now()
        statement = self._insert_sql(
            kind,
            company,
            chosen,
            self._people_sql(query, with_due, recipient),
            addresses or {},
            {
                "lang": lang,
                "origin_model": origin_model,
                "prefix": self._key_prefix(kind, origin_model),
                "step": step or "",
                "attempt": attempt or None,
                "due": due or now,
                "expires": expires_at,
                "validity": timedelta(hours=kind.validity_hours),
                "campaign": campaign.id if campaign else None,
                "paused": bool(campaign) and campaign.state == "paused",
                "zone": zone or self._zone_of(location),
                "places": self._place_values(scope.get("location") or location),
                "body": body or None,
                "subject": subject or None,
                "now": now,
            },
        )
        self.env.flush_all()
        # Compiling the statement takes longer than running it.
        self.env.cr.execute("SET LOCAL jit = off")
        self.env.cr.execute(statement)
        written, providers = 0, set()
        for provider, count in self.env.cr.fetchall():
            written += count
            if provider:
                providers.add(provider)
        if written:
            self.invalidate_model()
        if providers and (due or now) <= now and not with_due:
            self.env["clinic.message.provider"].browse(sorted(providers))._wake()
        return written

    @api.model
    def _place_name(self, location):
        """The name of a place, the same in reports whatever language is read."""
        return (
            location.sudo().with_context(lang=None).display_name if location else None
        )

    @api.model
    def _refuse_links(self, text):
        """No text is stored with a link in it that opens something by itself.

        :raises UserError: says how such a link is written
        """
        if text and BEARER.search(text):
            raise UserError(
                self.env._(
                    "The text holds a personal link. Take it out: such links are put "
                    "in by their names, so that nobody but their receiver reads them."
                )
            )

    @api.model
    def _place_values(self, location):
        """Extension point: what a message keeps of the place it is about.

        :param location: record of a higher addon, perhaps none
        :returns: dict ``{column: value}``
        """
        return {"place": self._place_name(location)}

    def _same_place(self):
        """Extension point: the same values for what belongs to this message's talk."""
        return {"place": self.place}

    def _place_record(self):
        """Extension point: the place this message is about, as a record; or nothing."""
        return None

    @api.model
    def _zone_of(self, location):
        """Extension point: the time zone of a place, or nothing."""
        return None

    @api.model
    def _insert_sql(self, kind, company, chosen, people, addresses, terms):
        """The one statement that writes messages; see :meth:`_queue_query`."""
        places = terms.pop("places")
        branches = [
            SQL(
                """
                SELECT %(channel)s AS channel, %(place)s AS place,
                       %(template)s::int AS template_id, %(patience)s AS patience,
                       reach.address, COALESCE(reach.allowed, TRUE) AS allowed,
                       %(given)s AS given,
                       (%(provider)s) AS provider_id
                  FROM (SELECT) AS once
             LEFT JOIN LATERAL (%(address)s) AS reach ON TRUE
                """,
                channel=channel,
                given=bool(addresses.get(channel)),
                place=place,
                template=template or None,
                patience=patience,
                provider=self._provider_sql(channel, company),
                address=SQL("SELECT %s AS address, TRUE AS allowed", addresses[channel])
                if addresses.get(channel)
                else self._address_sql(channel),
            )
            for place, (channel, template, patience) in enumerate(chosen)
        ]
        every = kind.delivery == "all"
        order = SQL(
            """
            ORDER BY option.address IS NULL OR option.provider_id IS NULL,
                     NOT option.allowed, option.channel = person.preferred_channel DESC
                     NULLS LAST, option.place LIMIT 1
            """
        )
        return SQL(
            """
            WITH written AS (
            INSERT INTO clinic_message (
                   direction, channel, kind_id, purpose, company_id, patient_id,
                   recipient_id, address, address_is_given, lang, zone, subject, body,
                   res_model, res_id, step, attempt, key, uuid, template_id,
                   campaign_id, is_paused, provider_id, state, suppress_reason,
                   attempts, due, expires_at, queued_at, patience_until, user_id,
                   %(place_columns)s)
            SELECT 'out', m.channel, %(kind)s, %(purpose)s, %(company)s, m.patient_id,
                   m.recipient_id, m.address, m.given, m.lang, m.zone, %(subject)s,
                   %(body)s,
                   %(origin_model)s, m.origin_id, %(step)s, %(attempt)s, m.key,
                   gen_random_uuid()::text, m.template_id, %(campaign)s, %(paused)s,
                   m.provider_id,
                   CASE WHEN m.reason IS NULL THEN 'queued' ELSE 'suppressed' END,
                   m.reason, 0, m.due,
                   COALESCE(%(expires)s, m.due + %(validity)s), %(now)s,
                   CASE WHEN m.patience > 0
                        THEN m.due + m.patience * interval '1 minute' END,
                   %(user)s, %(place_values)s
              FROM (
                   SELECT r.*, CASE WHEN r.address IS NOT NULL AND r.provider_id IS NULL
                                    THEN 'no_channel' ELSE %(reason)s END AS reason
                     FROM (
                          SELECT NULL::int AS id, who.patient_id, who.origin_id,
                                 who.recipient_id, who.is_minor, who.is_active,
                                 TRUE AS may_be_told,
                                 COALESCE(who.due, %(due)s) AS due,
                                 COALESCE(%(lang)s, person.lang, 'en_US') AS lang,
                                 COALESCE(%(zone)s, person.tz, %(company_zone)s)
                                 AS zone,
                                 way.*,
                                 %(prefix)s || COALESCE(who.origin_id, 0) || ':'
                                 || %(step)s || COALESCE(%(attempt)s, '')
                                 || %(suffix)s || ':' || who.patient_id
                                 || ':' || who.recipient_id AS key
                            FROM (%(people)s) AS who
                            JOIN res_partner person ON person.id = who.recipient_id
                      CROSS JOIN LATERAL (
                                 SELECT option.* FROM (%(options)s) AS option
                                 %(order)s) AS way
                          ) AS r
                    -- Each reason is worked out once, though it is asked for twice.
                    OFFSET 0) AS m
                ON CONFLICT (key) WHERE key IS NOT NULL DO NOTHING
         RETURNING provider_id)
            SELECT provider_id, COUNT(*) FROM written GROUP BY provider_id
            """,
            kind=kind.id,
            purpose=kind.purpose,
            company=company.id,
            company_zone=company.partner_id.tz or "UTC",
            reason=self._restraint_sql(company, kind.purpose, kind.is_urgent, "r"),
            people=people,
            options=SQL(" UNION ALL ").join(branches),
            order=SQL() if every else order,
            suffix=SQL("'/' || way.channel") if every else SQL("''"),
            user=self.env.uid,
            place_columns=SQL(", ").join(map(SQL.identifier, places)),
            place_values=SQL(", ").join(SQL("%s", each) for each in places.values()),
            **terms,
        )


def _escape(text):
    """The text for LIKE, where it stands for itself."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
