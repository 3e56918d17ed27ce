import logging
from collections import defaultdict
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL

from ..lib import opening

_logger = logging.getLogger(__name__)

#: Practitioners whose sessions are rebuilt between two commits of the nightly job.
BATCH = 50


class ClinicPractitioner(models.Model):
    """Materialised sessions: what the schedules give, kept for a rolling horizon."""

    _inherit = "clinic.practitioner"

    def _rebuild_sessions(self, tolerant=False):
        """Make the sessions of the horizon equal to what the rules say today.

        Only rows that differ are removed or added, so a repeat changes nothing and
        the ids of untouched sessions stay. Past days are history and stay as well.

        :param bool tolerant: keep the first of two overlapping openings instead of
            refusing (for the nightly job, which must not stop at one practitioner)
        :raises ValidationError: two rules overlap; names both and the first day
        """
        if not self:
            return
        self.env.flush_all()
        first = fields.Date.today() - timedelta(days=1)
        last = first + timedelta(days=self._horizon_days())
        wanted = self._openings(first, last)
        for practitioner in self:
            try:
                wanted[practitioner.id] = opening.check_disjoint(
                    wanted[practitioner.id]
                )
            except opening.OpeningOverlap as overlap:
                if not tolerant:
                    raise self._overlap_error(practitioner, overlap) from overlap
                _logger.warning(
                    "Practitioner %s has overlapping schedules", practitioner.id
                )
                wanted[practitioner.id] = opening.without_overlaps(
                    wanted[practitioner.id]
                )
        self._apply_sessions(wanted, first)

    @api.model
    def _horizon_days(self):
        """For how many days ahead sessions exist (``clinic_agenda.horizon_days``)."""
        # sudo: ir.config_parameter - a plain number that any rebuild needs
        parameter = self.env["ir.config_parameter"].sudo()
        return int(parameter.get_param("clinic_agenda.horizon_days", 180))

    @api.model
    def _cron_extend_sessions(self):
        """Every night: add the new last day, and mend whatever differs."""
        # sudo: clinic.practitioner - the job serves all companies
        practitioners = self.sudo().search([("active", "=", True)], order="id")
        remaining = len(practitioners)
        self.env["ir.cron"]._commit_progress(remaining=remaining)
        for offset in range(0, remaining, BATCH):
            batch = practitioners[offset : offset + BATCH]
            batch._rebuild_sessions(tolerant=True)
            if not self.env["ir.cron"]._commit_progress(len(batch)):
                break

    def _openings(self, first, last):
        """What the rules give for each practitioner between two local days.

        :returns: ``{practitioner id: [opening.Opening]}``
        """
        # sudo: clinic.schedule - an opening depends on rules of every location the
        # practitioner works at, also those the user may not see
        practitioners = self.sudo()
        exceptions = (
            self.env["clinic.schedule.exception"]
            .sudo()
            .search([("date_from", "<=", last), ("date_to", ">=", first)])
        )
        holidays = self._holidays(first, last)
        schedules = (
            self.env["clinic.schedule"]
            .sudo()
            .search(
                [
                    ("practitioner_id", "in", self.ids),
                    ("practitioner_id.active", "=", True),
                    ("location_id.active", "=", True),
                    ("date_from", "<=", last),
                    "|",
                    ("date_to", "=", False),
                    ("date_to", ">=", first),
                ]
            )
        )
        result = {practitioner_id: [] for practitioner_id in practitioners.ids}
        closures = exceptions.filtered(lambda exception: exception.kind != "extra")
        for schedule in schedules:
            location = schedule.location_id
            own = closures.filtered(
                lambda item, schedule=schedule: item._closes(
                    schedule.practitioner_id, schedule.location_id
                )
            )
            start = max(first, schedule.date_from)
            stop = min(last, schedule.date_to or last)
            for day in opening.days_between(start, stop):
                if location.id in holidays[day]:
                    continue
                for block in schedule.block_ids:
                    if opening.applies_on(
                        day, int(block.weekday), block.week_parity, None, None
                    ):
                        result[schedule.practitioner_id.id] += block._openings_of(
                            day, location, own
                        )
        for extra in exceptions.filtered(
            lambda item: (
                item.kind == "extra"
                and item.practitioner_id in practitioners
                and item.location_id.active
                and item.practitioner_id.active
            )
        ):
            start, stop = max(first, extra.date_from), min(last, extra.date_to)
            for day in opening.days_between(start, stop):
                result[extra.practitioner_id.id] += extra._openings_of(day)
        return result

    @api.model
    def _holidays(self, first, last):
        """Which locations are closed by a public holiday.

        :returns: ``{date: set of location ids}``
        """
        closed = defaultdict(set)
        # sudo: clinic.public.holiday - calendar knowledge, not personal
        days = (
            self.env["clinic.public.holiday"]
            .sudo()
            .search([("date", ">=", first), ("date", "<=", last)])
        )
        if days:
            locations = (
                self.env["clinic.location"].sudo().search([("active", "=", True)])
            )
            by_country = locations.grouped("country_id")
            for day in days:
                there = by_country.get(day.country_id, locations.browse())
                closed[day.date].update((there - day.open_location_ids).ids)
        return closed

    def _apply_sessions(self, wanted, first):
        """Write the difference between the wanted and the stored sessions."""
        columns = [
            "start",
            "stop",
            "location_id",
            "room_id",
            "regime",
            "online_share",
            "block_id",
            "exception_id",
            "service_restricted",
        ]
        stored = {}
        self.env.cr.execute(
            SQL(
                "SELECT id, practitioner_id, %s FROM clinic_session"
                " WHERE practitioner_id IN %s AND start >= %s",
                SQL(", ").join(map(SQL.identifier, columns)),
                tuple(self.ids),
                fields.Datetime.to_datetime(first) + timedelta(days=1),
            )
        )
        for row in self.env.cr.fetchall():
            stored[row[1:]] = row[0]
        floor = fields.Datetime.to_datetime(first) + timedelta(days=1)
        keys = {
            (practitioner_id, *item)
            for practitioner_id, items in wanted.items()
            for item in items
            if item.start >= floor
        }
        gone = [session_id for key, session_id in stored.items() if key not in keys]
        if gone:
            self.env.cr.execute(
                SQL("DELETE FROM clinic_session WHERE id IN %s", tuple(gone))
            )
        new = sorted(keys - stored.keys(), key=lambda key: key[:3])
        if new:
            self.env.cr.execute_values(
                "INSERT INTO clinic_session (practitioner_id, start, stop, location_id,"
                " room_id, regime, online_share, block_id, exception_id,"
                " service_restricted) VALUES %s",
                new,
                page_size=1000,
            )
        if gone or new:
            self.env["clinic.session"].invalidate_model()

    def _overlap_error(self, practitioner, overlap):
        first, second = (
            self.env["clinic.schedule.block"].sudo().browse(item.block_id).display_name
            if item.block_id
            else self.env["clinic.schedule.exception"]
            .sudo()
            .browse(item.exception_id)
            .name
            for item in (overlap.first, overlap.second)
        )
        return ValidationError(
            self.env._(
                "The hours of %(practitioner)s overlap on %(day)s: “%(first)s” and "
                "“%(second)s”. Shorten one of them, or limit its validity.",
                practitioner=practitioner.display_name,
                day=fields.Date.to_string(overlap.second.start.date()),
                first=first,
                second=second,
            )
        )
