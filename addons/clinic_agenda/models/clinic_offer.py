from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL, float_round


class ClinicOffer(models.Model):
    """One practitioner offers one service at one location.

    It may have a duration and a price of its own; otherwise the service's duration
    and the location's price list hold.
    """

    _name = "clinic.offer"
    _description = "Offer of a service"
    _inherit = ["clinic.gate"]
    _order = "service_id, location_id, practitioner_id, id"

    practitioner_id = fields.Many2one(
        "clinic.practitioner", required=True, index=True, ondelete="cascade"
    )
    service_id = fields.Many2one(
        "product.template",
        required=True,
        index=True,
        ondelete="restrict",
        domain=[("is_healthcare_service", "=", True)],
    )
    location_id = fields.Many2one(
        "clinic.location", required=True, index=True, ondelete="restrict"
    )
    company_id = fields.Many2one(related="location_id.company_id", store=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    active = fields.Boolean(default=True)
    duration = fields.Integer(
        string="Own duration (minutes)", help="0: as the service says."
    )
    own_price = fields.Boolean(
        help="The practitioner's own price instead of the price list's."
    )
    price = fields.Monetary(string="Practitioner's price")
    room_ids = fields.Many2many(
        "clinic.room",
        string="Possible rooms",
        help="Rooms to choose from when the schedule names none. Empty: any room.",
    )
    online_bookable = fields.Boolean(string="Booking on the website", default=True)
    specialty_id = fields.Many2one(related="service_id.specialty_id")

    _offer_unique = models.Constraint(
        "UNIQUE (practitioner_id, service_id, location_id)",
        "This practitioner already offers this service at this location.",
    )
    _duration_range = models.Constraint(
        "CHECK (duration BETWEEN 0 AND 720)",
        "A visit lasts between 1 and 720 minutes (0: as the service says).",
    )
    _price_not_negative = models.Constraint(
        "CHECK (price >= 0)", "A price cannot be negative."
    )
    _service_lookup = models.Index("(service_id, practitioner_id) WHERE active")

    @api.depends("service_id", "practitioner_id", "location_id")
    def _compute_display_name(self):
        for offer in self:
            offer.display_name = " · ".join(
                filter(
                    None,
                    [
                        offer.service_id.name,
                        offer.practitioner_id.display_name,
                        offer.location_id.name,
                    ],
                )
            )

    @api.constrains("service_id")
    def _check_service(self):
        for offer in self:
            if not offer.service_id.is_healthcare_service:
                raise ValidationError(
                    self.env._(
                        "%(name)s is not a healthcare service: tick that box on the "
                        "product first.",
                        name=offer.service_id.name,
                    )
                )

    @api.constrains("practitioner_id", "location_id")
    def _check_same_company(self):
        for offer in self:
            if offer.practitioner_id.company_id != offer.location_id.company_id:
                raise ValidationError(
                    self.env._(
                        "%(practitioner)s and %(location)s belong to different "
                        "companies: choose a location of the practitioner's company.",
                        practitioner=offer.practitioner_id.name,
                        location=offer.location_id.name,
                    )
                )

    @api.constrains("room_ids", "location_id")
    def _check_rooms(self):
        for offer in self:
            if offer.room_ids.location_id - offer.location_id:
                raise ValidationError(
                    self.env._(
                        "The possible rooms must all be at %(location)s.",
                        location=offer.location_id.name,
                    )
                )

    def _prices(self, online=False, date=None):
        """The price of one visit for each offer, by Odoo's price lists.

        One query, and those of each price list in use: their number does not grow
        with the number of practitioners.

        :param bool online: take the service's online discount off
        :param datetime date: naive UTC, the day whose price rules hold; now if empty
        :returns: ``{offer id: float in the company's currency}``
        """
        if not self:
            return {}
        self.flush_recordset()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT %s
                  FROM clinic_offer o
                  JOIN product_template t ON t.id = o.service_id
                  JOIN clinic_location l ON l.id = o.location_id
                  JOIN res_company company ON company.id = o.company_id
                  JOIN res_currency c ON c.id = company.currency_id
                 WHERE o.id IN %s
                """,
                self._sql_price(),
                tuple(self.ids),
            )
        )
        return self._prices_of(rows, online, date)

    @api.model
    def _sql_price(self, key="o.id"):
        """The columns :meth:`_prices_of` needs, of ``o`` offer (NULL for a service
        nobody offers there), ``t`` service, ``l`` location and ``c`` currency.

        :param str key: SQL expression by which the prices are asked for
        """
        return SQL(
            """
            %s, CASE WHEN NOT COALESCE(o.own_price, FALSE) THEN l.pricelist_id END,
            t.id, CASE WHEN o.own_price THEN o.price ELSE t.list_price END,
            t.online_discount, c.rounding, c.id
            """,
            SQL(key),
        )

    @api.model
    def _prices_of(self, rows, online=False, date=None):
        """As :meth:`_prices`, from the columns of :meth:`_sql_price`, by their keys."""
        listed = defaultdict(set)
        for _offer, pricelist, service, _price, _discount, _rounding, currency in rows:
            if pricelist:
                listed[pricelist, currency].add(service)
        # sudo: product.pricelist - patients may know prices, not the rules behind them
        env = self.sudo().env
        by_list = {
            key: env["product.pricelist"]
            .browse(key[0])
            ._get_products_price(
                env["product.template"].browse(services),
                1.0,
                currency=env["res.currency"].browse(key[1]),
                date=date or False,
            )
            for key, services in listed.items()
        }
        prices = {}
        for offer, pricelist, service, price, discount, rounding, currency in rows:
            price = float(price or 0)
            if pricelist:
                price = by_list[pricelist, currency][service]
            if online and discount:
                price *= 1 - discount / 100
            prices[offer] = float_round(price, precision_rounding=float(rounding))
        return prices
