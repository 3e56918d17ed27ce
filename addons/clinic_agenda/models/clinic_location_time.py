from datetime import time, timezone
from zoneinfo import ZoneInfo

from odoo import api, models
from odoo.tools import ormcache
from odoo.tools.misc import format_date, format_time, get_lang

from odoo.addons.clinic_patient.lib import spoken_day


class ClinicLocation(models.Model):
    """The one renderer of a location's time, for page, mail, SMS, ICS, portal, PDF."""

    _inherit = "clinic.location"

    def _local_time(self, moment):
        """The location's wall clock at an instant.

        :param datetime moment: naive UTC
        :returns: aware datetime in the location's zone
        """
        self.ensure_one()
        return moment.replace(tzinfo=ZoneInfo("UTC")).astimezone(ZoneInfo(self.tz))

    def _zone_label(self, moment):
        """How the zone is named beside an hour, for example ``CET`` or ``UTC-3``."""
        return spoken_day.zone(self._local_time(moment))

    def _speak_day(self, moment, lang=None):
        """The day at the location, written out in a language.

        :param datetime moment: naive UTC
        :param str lang: code such as ``it_IT``; the environment's if empty
        """
        return self._write_day(moment, spoken_day.FULL, get_lang(self.env, lang).code)

    def _write_day(self, moment, form, language):
        return format_date(
            self.env,
            self._local_time(moment).date(),
            lang_code=language,
            date_format=spoken_day.pattern(form, language),
        )

    def _speak_hour(self, moment, lang=None):
        """The hour at the location, without the zone."""
        local = self._local_time(moment)
        language = get_lang(self.env, lang).code
        return self._spoken_clock(language, local.hour, local.minute)

    @api.model
    @ormcache("language", "hour", "minute")
    def _spoken_clock(self, language, hour, minute):
        """An hour of the clock in a language; the same for ever, so it is kept."""
        return format_time(
            self.env, time(hour, minute), time_format="HH:mm", lang_code=language
        )

    def _speak_many(self, moments):
        """Day, hour and zone of many instants; each different hour is written once.

        :param moments: naive UTC datetimes
        :returns: ``{moment: (local date, hour as text, zone as text)}``
        """
        self.ensure_one()
        zone = ZoneInfo(self.tz)
        hours, zones, spoken = {}, {}, {}
        for moment in moments:
            local = moment.replace(tzinfo=timezone.utc).astimezone(zone)
            clock, name = local.time(), local.tzname()
            if clock not in hours:
                hours[clock] = self._speak_hour(moment)
            if name not in zones:
                zones[name] = self._zone_label(moment)
            spoken[moment] = local.date(), hours[clock], zones[name]
        return spoken

    def _speak_time(self, moment, lang=None):
        """Day, hour and zone as a person reads them, the same on every channel.

        :param datetime moment: naive UTC
        :param str lang: code such as ``it_IT``; the environment's if empty
        :returns: for example ``Monday 30 March 2026, 09:30 (CEST)``; in Chinese
            ``2026年3月30日 星期一 09:30 (CEST)``
        """
        return spoken_day.with_hour(
            self._speak_day(moment, lang),
            f"{self._speak_hour(moment, lang)} ({self._zone_label(moment)})",
            get_lang(self.env, lang).code,
        )

    def _speak_short(self, moment, lang=None):
        """The same in few letters, for the columns of the staff's lists.

        :returns: for example ``Mon 30 Mar, 09:30``
        """
        language = get_lang(self.env, lang).code
        return spoken_day.with_hour(
            self._write_day(moment, spoken_day.SHORT, language),
            self._speak_hour(moment, language),
            language,
        )
