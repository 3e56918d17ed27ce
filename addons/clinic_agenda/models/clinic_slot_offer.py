from odoo import api, models
from odoo.tools import SQL

from odoo.addons.clinic_base.lib import clock

from ..tools import free_times
from .online_rule import ONLINE_RULES


class ClinicSlot(models.AbstractModel):
    """Which offers the search of free times looks at."""

    _inherit = "clinic.slot"

    @api.model
    def _offers_asked(
        self, service_id, date_from, date_to, practitioner_ids, location_ids, online
    ):
        """Who offers the service where, with lengths and the window that is open.

        :returns: ``{offer id: SlotOffer}`` and, for each, what its price is made of
        """
        query = self._sql_offers(
            service_id, date_from, date_to, practitioner_ids, location_ids, online
        )
        self.env.cr.execute(query)
        width = len(free_times.SlotOffer._fields)
        offers, price_rows = {}, {}
        for row in self.env.cr.fetchall():
            offers[row[0]] = free_times.SlotOffer._make(row[:width])
            price_rows[row[0]] = row[width + 1 :]
        return offers, price_rows

    @api.model
    def _sql_offers(
        self, service_id, date_from, date_to, practitioner_ids, location_ids, online
    ):
        """The statement; its columns are those of ``SlotOffer``, one more, and those of
        the price.

        The one more turns compilation off for the transaction, because compiling the
        plan of the free times costs more than running it (4 ms become 150).
        """
        now = clock.now()
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
                          WHERE service_id = %(service)s ORDER BY category_id),
                   (SELECT set_config('jit', 'off', TRUE)), %(price)s
              FROM clinic_offer o
              JOIN product_template t ON t.id = o.service_id
              JOIN clinic_practitioner p ON p.id = o.practitioner_id
              JOIN clinic_location l ON l.id = o.location_id
              JOIN res_company company ON company.id = o.company_id
              JOIN res_currency c ON c.id = company.currency_id
              LEFT JOIN clinic_specialty sp ON sp.id = t.specialty_id
              LEFT JOIN product_pricelist pl ON pl.id = l.pricelist_id
             WHERE %(conditions)s
            """,
            opens=opens,
            closes=closes,
            service=service_id,
            price=self.env["clinic.offer"]._sql_price(),
            conditions=SQL(" AND ").join(conditions),
        )
