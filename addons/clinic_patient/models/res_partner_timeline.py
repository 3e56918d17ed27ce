from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import SQL
from odoo.tools.query import Query

#: Items sent at once, at most.
LIMIT = 200


class TimelineKind(NamedTuple):
    """One kind of items on the timeline of a patient.

    :param str name: a word that is unique among the kinds
    :param str label: for the filter chip, translated
    :param str icon: of Font Awesome, for example ``fa-calendar``
    :param str color: of Bootstrap, for example ``info``
    :param Query query: the records, with the rights of the reader
    :param SQL moment: expression for when it was, a column of the query's table
    :param describe: takes the records of one page, and returns ``{id: dict}`` with
        ``title`` and, where they make sense, ``text``, ``badge``, ``badge_color``,
        ``author``, ``when`` (the moment in words, when it is not to be told on the
        reader's clock), ``open`` (``{"model", "id"}``) or ``url``
    """

    name: str
    label: str
    icon: str
    color: str
    query: Query
    moment: SQL
    describe: Callable


class ResPartner(models.Model):
    """The patient card: everything that happened, in one line."""

    _inherit = "res.partner"

    def _timeline_kinds(self):
        """Extension point: what the reader may see on the timeline of this patient.

        :returns: list of :class:`TimelineKind`; addons append theirs to ``super()``,
            and leave out what the user of the environment may not read
        """
        self.ensure_one()
        return []

    @api.readonly
    def timeline(self, kinds=None, before=None, limit=40):
        """Return a page of the timeline, the latest first.

        :param list kinds: names of kinds to show; all if empty
        :param list before: ``cursor`` of the page before
        :param int limit: number of items, 200 at most
        :returns: dict with ``kinds`` (name, label, icon, color, count; on the first
            page only), ``items`` and ``cursor`` (``None`` behind the last one)
        :raises AccessError: not a card the user may read, or not for staff
        """
        self.ensure_one()
        if not self.env.user.has_group("clinic_patient.group_clinic_user"):
            raise AccessError(
                self.env._("The timeline is for the staff of the clinic.")
            )
        self.check_access("read")
        self._log_opening("read", "timeline")
        known = self._timeline_kinds()
        items, cursor = self._timeline_items(kinds, before, limit, known)
        return {
            "kinds": [] if before else self._timeline_counts(known),
            "items": items,
            "cursor": cursor,
        }

    def _timeline_items(self, kinds=None, before=None, limit=40, known=None):
        """One page of items, in one statement whatever the number of kinds.

        :param list kinds: names of kinds; all if empty
        :param list before: moment, kind and id of the last item of the page before
        :param int limit: number of items
        :param list known: result of :meth:`_timeline_kinds`, if it is at hand
        :returns: list of dicts, and the cursor of the next page or ``None``
        """
        self.ensure_one()
        known = self._timeline_kinds() if known is None else known
        shown = [kind for kind in known if not kinds or kind.name in kinds]
        limit = max(1, min(int(limit), LIMIT))
        if not shown:
            return [], None
        rows = self.env.execute_query(
            SQL(
                "SELECT moment, kind, id FROM (%s) AS item"
                " ORDER BY moment DESC, kind DESC, id DESC LIMIT %s",
                SQL(" UNION ALL ").join(
                    self._timeline_branch(kind, before, limit) for kind in shown
                ),
                limit + 1,
            )
        )
        more, rows = len(rows) > limit, rows[:limit]
        by_name = {kind.name: kind for kind in shown}
        described = {}
        for name, kind in by_name.items():
            ids = [id_ for _moment, kind_name, id_ in rows if kind_name == name]
            if ids:
                described[name] = kind.describe(ids)
        items = [
            {
                "key": f"{name},{id_}",
                "kind": name,
                "moment": fields.Datetime.to_string(moment),
                **described[name].get(id_, {}),
            }
            for moment, name, id_ in rows
        ]
        cursor = [rows[-1][0].isoformat(), *rows[-1][1:]] if more else None
        return items, cursor

    def _timeline_branch(self, kind, before, limit):
        """The newest of one kind: no branch reads more than a page."""
        earlier = SQL("TRUE")
        if before:
            moment, name, id_ = before
            earlier = SQL(
                "(moment, kind, id) < (%s::timestamp, %s, %s)",
                datetime.fromisoformat(moment),
                name,
                int(id_),
            )
        records = kind.query.select(
            SQL("%s::timestamp AS moment", kind.moment),
            SQL("%s::text AS kind", kind.name),
            SQL("%s AS id", SQL.identifier(kind.query.table, "id")),
        )
        return SQL(
            "(SELECT moment, kind, id FROM (%s) AS %s WHERE %s"
            " ORDER BY moment DESC, kind DESC, id DESC LIMIT %s)",
            records,
            SQL.identifier(kind.name),
            earlier,
            limit + 1,
        )

    def _timeline_counts(self, known):
        """The kinds that have items, each with their number."""
        counts = dict(
            self.env.execute_query(
                SQL(" UNION ALL ").join(
                    SQL(
                        "SELECT %s::text, COUNT(*) FROM (%s) AS %s",
                        kind.name,
                        kind.query.select(),
                        SQL.identifier(kind.name),
                    )
                    for kind in known
                )
            )
            if known
            else ()
        )
        return [
            {
                "name": kind.name,
                "label": kind.label,
                "icon": kind.icon,
                "color": kind.color,
                "count": counts[kind.name],
            }
            for kind in known
            if counts[kind.name]
        ]
