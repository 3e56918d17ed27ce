from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.clinic_patient.lib.roles import MONEY_GROUPS

from .crm_team import PIPELINES

#: The longest period of one question, in days.
LONGEST = 732

#: What is counted of each employee, source, …; money comes with the right to see it.
MEASURES = (
    "opened",
    "won",
    "lost",
    "conversion",
    "days_to_win",
    "open",
    "overdue",
    "stuck",
)


class ClinicPipelineAnalysis(models.AbstractModel):
    """Conversion, time in stage, load and result of one pipeline, period by period.

    Everything is counted by the record rules of who looks: somebody with own deals only
    sees own figures. The number of queries does not depend on the number of deals.
    """

    _name = "clinic.pipeline.analysis"
    _description = "Analysis of pipelines"

    @api.model
    @api.readonly
    def get_analysis(
        self, pipeline, date_from, date_to, compare="previous", by="user_id"
    ):
        """The figures of one pipeline in a period.

        :param str pipeline: ``appointments``, ``base``, ``coordinators`` or
            ``reanimation``
        :param date_from: first day, ``YYYY-MM-DD``, in the reader's time zone
        :param date_to: last day, included
        :param str compare: ``previous`` (as many days just before), ``year`` (the same
            days a year earlier) or ``none``
        :param str by: field by which load and result are broken down, one of those that
            ``dimensions`` of the answer lists
        :returns: dict with ``period`` and ``before`` (first and last day), ``instants``
            (the period in UTC, as the deals behind a figure are asked for), ``totals``
            and ``totals_before`` (see :data:`MEASURES`; conversion in percent of the
            deals closed, None where nothing was closed), ``stages``, ``rows``,
            ``trend`` and ``dimensions``
        :raises ValidationError: an unknown word, or a period that is reversed or too
            long
        """
        field = self._check_words(pipeline, compare, by)
        period = self._period(date_from, date_to)
        before = self._period_before(period, compare)
        domain = Domain("pipeline", "=", pipeline)
        rows = self._rows(domain, period, field.name)
        rows_before = self._rows(domain, before, field.name) if before else {}
        now = self._load(domain, field.name)
        for key, counts in now.items():
            rows.setdefault(key, {}).update(counts)
        return {
            "pipelines": self._pipelines(),
            "dimensions": self._dimension_words(),
            "period": [str(day) for day in period],
            "instants": [
                fields.Datetime.to_string(each) for each in self._instants(period)
            ],
            "today": str(fields.Date.context_today(self)),
            "before": before and [str(day) for day in before],
            "totals": self._total(rows),
            "totals_before": before and self._total(rows_before),
            "rows": self._say_rows(rows, rows_before, field),
            "stages": self._stages(domain, pipeline, period, before),
            "trend": self._trend(domain, period, before),
            "views": self._views(),
            "money": self._sees_money(),
            "currency_id": self.env.company.currency_id.id,
        }

    # ------------------------------------------------------------
    # What is asked for
    # ------------------------------------------------------------

    @api.model
    def _dimensions(self):
        """Fields of deals by which load and result are broken down; addons add."""
        return [
            "user_id",
            "source_id",
            "location_id",
            "practitioner_id",
            "service_id",
        ]

    @api.model
    def _dimension_words(self):
        descriptions = self.env["crm.lead"].fields_get(self._dimensions(), ["string"])
        words = {name: each["string"] for name, each in descriptions.items()}
        words["user_id"] = self.env._("Employee")
        return [[name, words[name]] for name in self._dimensions()]

    @api.model
    def _pipelines(self):
        """Keys and names, as the administrator calls the pipelines."""
        # sudo: crm.team - names of the pipelines, for everybody who analyses them
        teams = self.env["crm.team"].sudo().search([("pipeline", "!=", False)])
        names = {team.pipeline: team.name for team in teams}
        return [[key, names.get(key, label)] for key, label in PIPELINES]

    @api.model
    def _views(self):
        """The views in which deals are shown in the clinic's words."""
        return {
            "crm.lead": {
                kind: self.env.ref(f"clinic_pipeline.clinic_deal_view_{kind}").id
                for kind in ("list", "pivot", "graph", "form")
            }
        }

    @api.model
    def _sees_money(self):
        return self.env.user.has_groups(MONEY_GROUPS)

    @api.model
    def _check_words(self, pipeline, compare, by):
        """The field to break down by.

        :raises ValidationError: one of the words is not known
        """
        known = (
            pipeline in dict(PIPELINES)
            and compare in ("previous", "year", "none")
            and by in self._dimensions()
        )
        if not known:
            raise ValidationError(
                self.env._("Choose a pipeline, a comparison and a breakdown.")
            )
        return self.env["crm.lead"]._fields[by]

    @api.model
    def _period(self, date_from, date_to):
        """First and last day as dates.

        :raises ValidationError: they are no days, reversed, or too far apart
        """
        try:
            first = fields.Date.to_date(date_from)
            last = fields.Date.to_date(date_to)
        except ValueError:
            first = last = None
        if not (first and last) or last < first:
            raise ValidationError(
                self.env._("Choose a first day, and a last day that is not before it.")
            )
        if (last - first).days > LONGEST:
            raise ValidationError(self.env._("Choose a period of two years at most."))
        return first, last

    @api.model
    def _period_before(self, period, compare):
        """The days to compare with; ``None`` for none."""
        first, last = period
        if compare == "previous":
            days = last - first + timedelta(days=1)
            return first - days, last - days
        if compare == "year":
            year = relativedelta(years=1)
            return first - year, last - year
        return None

    @api.model
    def _instants(self, period):
        """A period as naive UTC: from its first instant to the one after its last."""
        zone = ZoneInfo(self.env.context.get("tz") or self.env.user.tz or "UTC")
        utc = ZoneInfo("UTC")
        return [
            datetime.combine(day, time(), zone).astimezone(utc).replace(tzinfo=None)
            for day in (period[0], period[1] + timedelta(days=1))
        ]

    @api.model
    def _within(self, name, period):
        start, stop = self._instants(period)
        return Domain(name, ">=", start) & Domain(name, "<", stop)

    # ------------------------------------------------------------
    # Load and result
    # ------------------------------------------------------------

    @api.model
    def _rows(self, domain, period, by):
        """``{id of who or what, False for none: measures}`` of a period."""
        Deal = self.env["crm.lead"]
        rows = {}
        opened = Deal._read_group(
            domain & self._within("create_date", period), [by], ["__count"]
        )
        for key, count in opened:
            rows.setdefault(key.id, {})["opened"] = count
        aggregates = ["__count", "day_close:sum"]
        if self._sees_money():
            aggregates.append("amount:sum")
        closed = Deal._read_group(
            domain & Deal._closed_domain() & self._within("date_closed", period),
            [by, "won_status"],
            aggregates,
        )
        for key, status, count, days, *money in closed:
            row = rows.setdefault(key.id, {})
            row[status] = count
            if status == "won":
                row["days"] = days or 0
                row["amount"] = sum(money)
        return rows

    @api.model
    def _load(self, domain, by):
        """``{id: how many deals are open, overdue and stuck now}``."""
        Deal = self.env["crm.lead"]
        is_open = domain & Domain("is_open", "=", True)
        rows = {}
        for name, more in (
            ("open", Domain.TRUE),
            ("overdue", Domain("next_step_date", "<", fields.Date.context_today(self))),
            ("stuck", Domain("is_stuck", "=", True)),
        ):
            for key, count in Deal._read_group(is_open & more, [by], ["__count"]):
                rows.setdefault(key.id, {})[name] = count
        return rows

    @api.model
    def _total(self, rows):
        """All rows as one."""
        total = {}
        for row in rows.values():
            for name, value in row.items():
                total[name] = total.get(name, 0) + value
        return self._measures(total)

    @api.model
    def _measures(self, row):
        """What is shown of the counts: with conversion and days, zeros filled in."""
        won, lost = row.get("won", 0), row.get("lost", 0)
        measures = {name: row.get(name, 0) for name in MEASURES}
        measures["conversion"] = 100 * won / (won + lost) if won + lost else None
        measures["days_to_win"] = row.get("days", 0) / won if won else None
        if self._sees_money():
            measures["amount"] = row.get("amount", 0)
        return measures

    @api.model
    def _say_rows(self, rows, rows_before, field):
        """Rows with names, those with the most to show first."""
        # sudo: crm.lead - names of colleagues, sources and places of deals one may see
        records = self.env[field.comodel_name].sudo().browse(filter(None, rows))
        names = {record.id: record.display_name for record in records}
        said = [
            {
                "id": key,
                "name": names.get(key) or self.env._("None"),
                **self._measures(row),
                "before": self._measures(rows_before.get(key, {})),
            }
            for key, row in rows.items()
        ]
        return sorted(said, key=lambda row: (-row["opened"] - row["open"], row["name"]))

    # ------------------------------------------------------------
    # Stages
    # ------------------------------------------------------------

    @api.model
    def _stages(self, domain, pipeline, period, before):
        """Each stage: how many entered, what became of them, how long they stayed."""
        # sudo: crm.stage - names and order, for everybody who analyses the pipeline
        stages = (
            self.env["crm.stage"]
            .sudo()
            .search([("pipeline", "=", pipeline)], order="sequence, id")
        )
        now = self._passages(domain, period)
        earlier = self._passages(domain, before) if before else {}
        nothing = {
            "entered": 0,
            "on": 0,
            "back": 0,
            "lost": 0,
            "here": 0,
            "hours": None,
        }
        return [
            {
                "id": stage.id,
                "name": stage.name,
                "is_won": stage.is_won,
                "is_lost": stage.is_lost,
                **now.get(stage.id, nothing),
                "before": earlier.get(stage.id, nothing),
            }
            for stage in stages
        ]

    @api.model
    def _passages(self, domain, period):
        """What became of the entries into each stage during a period.

        An entry *went on* when the deal's next stage is further or won, was *lost* when
        it is a lost one, went *back* when it is an earlier one, and is *here* when
        there is no next one: these four add up to the entries.

        :returns: ``{stage id: {entered, on, back, lost, here, hours}}``; hours are the
            average of the stays that have ended
        """
        # Rules and companies come with the query; archived deals count as they did.
        deals = self.env["crm.lead"]._search(domain)
        start, stop = self._instants(period)
        self.env["clinic.pipeline.entry"].flush_model()
        rows = self.env.execute_query_dict(
            SQL(
                """
                WITH moved AS (
                    SELECT DISTINCT lead_id FROM clinic_pipeline_entry
                     WHERE entered_at >= %(start)s AND entered_at < %(stop)s
                       AND lead_id IN (%(deals)s)
                ), stay AS (
                    SELECT stage_id, entered_at, hours,
                           LEAD(stage_id) OVER (PARTITION BY lead_id
                                                ORDER BY entered_at, id) AS next_id
                      FROM clinic_pipeline_entry JOIN moved USING (lead_id)
                ), became AS (
                    SELECT stay.*,
                           CASE WHEN next_id IS NULL THEN 'here'
                                WHEN following.is_lost THEN 'lost'
                                WHEN following.is_won THEN 'on'
                                WHEN (following.sequence, following.id)
                                     > (stage.sequence, stage.id) THEN 'on'
                                ELSE 'back' END AS fate
                      FROM stay
                      JOIN crm_stage stage ON stage.id = stay.stage_id
                 LEFT JOIN crm_stage following ON following.id = stay.next_id
                     WHERE entered_at >= %(start)s AND entered_at < %(stop)s
                )
                SELECT stage_id, COUNT(*) AS entered,
                       COUNT(*) FILTER (WHERE fate = 'on') AS "on",
                       COUNT(*) FILTER (WHERE fate = 'back') AS back,
                       COUNT(*) FILTER (WHERE fate = 'lost') AS lost,
                       COUNT(*) FILTER (WHERE fate = 'here') AS here,
                       AVG(hours) AS hours
                  FROM became GROUP BY stage_id
                """,
                start=start,
                stop=stop,
                deals=deals.subselect(),
            )
        )
        return {row.pop("stage_id"): row for row in rows}

    # ------------------------------------------------------------
    # Over time
    # ------------------------------------------------------------

    @api.model
    def _trend(self, domain, period, before):
        """Deals opened, won and lost along both periods, in equal steps.

        :returns: ``{"days": length of a step, "labels": first day of each step,
            "opened": [...], "won": [...], "lost": [...], "before": the same or None}``
        """
        length = (period[1] - period[0]).days + 1
        step = 1 if length <= 31 else 7 if length <= 184 else 30
        trend = {
            "days": step,
            "labels": [
                str(period[0] + timedelta(days=offset))
                for offset in range(0, length, step)
            ],
            **self._curve(domain, period, step),
        }
        trend["before"] = self._curve(domain, before, step) if before else None
        return trend

    @api.model
    def _curve(self, domain, period, step):
        Deal = self.env["crm.lead"].with_context(
            tz=self.env.context.get("tz") or self.env.user.tz or "UTC"
        )
        count = (period[1] - period[0]).days // step + 1
        curve = {name: [0] * count for name in ("opened", "won", "lost")}
        opened = Deal._read_group(
            domain & self._within("create_date", period),
            ["create_date:day"],
            ["__count"],
        )
        closed = Deal._read_group(
            domain & Deal._closed_domain() & self._within("date_closed", period),
            ["date_closed:day", "won_status"],
            ["__count"],
        )
        for day, number in opened:
            curve["opened"][(day.date() - period[0]).days // step] += number
        for day, status, number in closed:
            curve[status][(day.date() - period[0]).days // step] += number
        return curve
