from datetime import datetime, timezone
from zoneinfo import ZoneInfo

from odoo import api, models
from odoo.tools.misc import format_date, format_time, get_lang

from ..lib import spoken_day


class ResPartner(models.Model):
    """Days and hours as people read them, where no location says the time."""

    _inherit = "res.partner"

    @api.model
    def _spoken_day(self, day, form=spoken_day.FULL):
        """A day written out in the language of the environment.

        :param day: date, or a naive UTC datetime, whose day at the clinic is meant
        :param str form: see ``lib/spoken_day``
        """
        if isinstance(day, datetime):
            day = self._at_the_clinic(day).date()
        return format_date(
            self.env,
            day,
            date_format=spoken_day.pattern(form, get_lang(self.env).code),
        )

    @api.model
    def _spoken_time(self, moment):
        """Day, hour and zone at the clinic, in the language of the environment.

        :param datetime moment: naive UTC
        :returns: for example ``Monday 30 March 2026, 09:30 (CEST)``
        """
        local = self._at_the_clinic(moment)
        hour = format_time(
            self.env, local.time().replace(tzinfo=None), time_format="HH:mm"
        )
        return spoken_day.with_hour(
            self._spoken_day(moment),
            f"{hour} ({spoken_day.zone(local)})",
            get_lang(self.env).code,
        )

    @api.model
    def _at_the_clinic(self, moment):
        return moment.replace(tzinfo=timezone.utc).astimezone(
            ZoneInfo(self._clinic_tz())
        )
