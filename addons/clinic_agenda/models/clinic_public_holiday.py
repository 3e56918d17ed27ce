import holidays

from odoo import api, fields, models
from odoo.exceptions import UserError


class ClinicPublicHoliday(models.Model):
    """A day on which the locations of a country are closed."""

    _name = "clinic.public.holiday"
    _description = "Public holiday"
    _order = "date, id"

    name = fields.Char(required=True, translate=True)
    date = fields.Date(required=True, index=True)
    country_id = fields.Many2one("res.country", required=True, index=True)
    open_location_ids = fields.Many2many(
        "clinic.location",
        string="Open all the same",
        help="Locations that work on this day.",
    )

    _day_unique = models.Constraint(
        "UNIQUE (country_id, date, name)", "This holiday is already in the list."
    )

    @api.model_create_multi
    def create(self, vals_list):
        """Sessions on the new holidays disappear at once."""
        holiday_days = super().create(vals_list)
        holiday_days._rebuild_sessions()
        return holiday_days

    def write(self, vals):
        """Both the countries before and after the change are rebuilt."""
        countries = self.country_id
        result = super().write(vals)
        self._rebuild_sessions(countries)
        return result

    def unlink(self):
        """The days open again."""
        countries = self.country_id
        result = super().unlink()
        self._rebuild_sessions(countries)
        return result

    def _rebuild_sessions(self, countries=None):
        countries = (countries or self.browse().country_id) | self.exists().country_id
        self.env["clinic.schedule"].search(
            [("location_id.country_id", "in", countries.ids)]
        )._rebuild_sessions()

    @api.model
    def load_year(self, country_id, year):
        """Add the official holidays of a year, from the ``holidays`` library.

        Repeating it adds nothing twice and touches no line edited by hand.

        :param int country_id: ``res.country``
        :param int year: for example 2027
        :returns: the records added
        :raises UserError: the library does not know the country
        """
        country = self.env["res.country"].browse(country_id)
        try:
            official = holidays.country_holidays(country.code, years=int(year))
        except NotImplementedError as error:
            raise UserError(
                self.env._(
                    "The holidays of %(country)s are not known: enter them by hand.",
                    country=country.name,
                )
            ) from error
        known = set(
            self.search(
                [("country_id", "=", country.id), ("date", "in", list(official))]
            ).mapped("date")
        )
        return self.create(
            [
                {"name": name, "date": day, "country_id": country.id}
                for day, name in sorted(official.items())
                if day not in known
            ]
        )
