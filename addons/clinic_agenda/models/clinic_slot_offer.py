from typing import NamedTuple

from odoo import api, fields, models
from odoo.tools import SQL

from ..lib.free_times import SERVICE_ALLOWED
from .online_rule import ONLINE_RULES


class SlotOffer(NamedTuple):
    """An offer as the search of free times needs it; lengths in seconds."""

    id: int
    practitioner_id: int
    location_id: int
    length: int
    step: int
    before: int
    after: int
    opens: object
    closes: object
    room_required: bool
    categories: list


class ClinicSlot(models.AbstractModel):
    """Which offers the search of free times looks at."""

    _inherit = "clinic.slot"

    @api.model
    def _offers_asked(
        self, service_id, date_from, date_to, practitioner_ids, location_ids, online
    ):
        """Who offers the service where, with lengths and the window that is open.

        :returns: ``{offer id: SlotOffer}``
        """
        query = self._sql_offers(
            service_id, date_from, date_to, practitioner_ids, location_ids, online
        )
        self.env.cr.execute(query)
        return {row[0]: SlotOffer._make(row) for row in self.env.cr.fetchall()}

    @api.model
    def _sql_offers(
        self, service_id, date_from, date_to, practitioner_ids, location_ids, online
    ):
        """The statement; its columns are those of :class:`SlotOffer`."""
        now = fields.Datetime.now()
        conditions = [
            SQL("o.active AND t.active AND p.active AND l.active"),
            SQL("t.is_healthcare_service AND o.service_id = %s", service_id),
            SQL("o.company_id IN %s", tuple(self.env.companies.ids or [0])),
        ]
        if practitioner_ids is not None:
            conditions.append(
                SQL("o.practitioner_id = ANY(%s)", list(practitioner_ids))
            )
        if location_ids is not None:
            conditions.append(SQL("o.location_id = ANY(%s)", list(location_ids)))
        opens = SQL("GREATEST(%s, %s)", date_from, now)
        closes = SQL("%s::timestamp", date_to)
        if online:
            conditions += [SQL(rule.condition) for rule in ONLINE_RULES]
            opens = SQL(
                "GREATEST(%s, %s + COALESCE(NULLIF(t.notice_minutes, 0),"
                " l.notice_minutes) * interval '1 minute')",
                date_from,
                now,
            )
            closes = SQL(
                "LEAST(%s, %s + l.horizon_days * interval '1 day')", date_to, now
            )
        return SQL(
            """
            SELECT o.id, o.practitioner_id, o.location_id,
                   COALESCE(NULLIF(o.duration, 0), t.duration) * 60,
                   COALESCE(NULLIF(t.slot_step, 0), NULLIF(o.duration, 0), t.duration)
                       * 60,
                   COALESCE(t.buffer_before, 0) * 60, COALESCE(t.buffer_after, 0) * 60,
                   %(opens)s, %(closes)s, COALESCE(t.room_required, FALSE),
                   ARRAY(SELECT category_id FROM clinic_service_equipment_category_rel
                          WHERE service_id = %(service)s ORDER BY category_id)
              FROM clinic_offer o
              JOIN product_template t ON t.id = o.service_id
              JOIN clinic_practitioner p ON p.id = o.practitioner_id
              JOIN clinic_location l ON l.id = o.location_id
              LEFT JOIN clinic_specialty sp ON sp.id = t.specialty_id
              LEFT JOIN product_pricelist pl ON pl.id = l.pricelist_id
             WHERE %(conditions)s
            """,
            opens=opens,
            closes=closes,
            service=service_id,
            conditions=SQL(" AND ").join(conditions),
        )

    @api.model
    def _sql_service_allowed(self, service_id):
        """Whether a session ``s`` takes a service (SQL expression for its id)."""
        return SQL(
            SERVICE_ALLOWED.format(service="%(id)s"),
            id=service_id,
        )
