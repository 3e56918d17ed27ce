from odoo import api, models

from ..lib import spoken_day


class IrQwebFieldSpokenDay(models.AbstractModel):
    """``t-options="{'widget': 'spoken_day'}"``: a day nobody reads the wrong way round.

    Weekday, and the month as a word, in the reader's language: 01/12/2027 is the first
    of December to one and the twelfth of January to another. With ``'weekday': False``
    for days of birth.
    """

    _name = "ir.qweb.field.spoken_day"
    _description = "A day, written out"
    _inherit = ["ir.qweb.field"]

    @api.model
    def value_to_html(self, value, options):
        """Write a date, or the day of a naive UTC datetime at the clinic."""
        if not value:
            return ""
        form = spoken_day.FULL if options.get("weekday", True) else spoken_day.DATE
        return self.env["res.partner"]._spoken_day(value, form)


class IrQwebFieldSpokenTime(models.AbstractModel):
    """``t-options="{'widget': 'spoken_time'}"``: day, hour and zone of the clinic."""

    _name = "ir.qweb.field.spoken_time"
    _description = "A day and an hour, written out"
    _inherit = ["ir.qweb.field"]

    @api.model
    def value_to_html(self, value, options):
        """Write a naive UTC datetime by the clinic's clock."""
        if not value:
            return ""
        return self.env["res.partner"]._spoken_time(value)
