from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.clinic_base.lib import clock
from odoo.addons.clinic_patient.lib.roles import STAFF_GROUPS

from ..lib.states import AHEAD

#: Visits that are over for longer are history, whatever became of them.
OLDEST = timedelta(days=60)


class ClinicLocation(models.Model):
    """Locations: visits of the past about which nobody said whether the patient came.

    Deals, recalls and figures follow from that mark. One task for a day and location
    asks for it, and ends by itself when all visits of the day are marked.
    """

    _name = "clinic.location"
    _inherit = ["clinic.location", "mail.thread", "mail.activity.mixin"]

    responsible_id = fields.Many2one(
        "res.users",
        domain=[("share", "=", False)],
        ondelete="set null",
        help="Is asked about visits of the past that nobody marked. Empty: the manager "
        "of the clinic.",
    )
    unmarked_count = fields.Integer(
        string="Visits to mark", compute="_compute_unmarked_count", groups=STAFF_GROUPS
    )

    def _compute_unmarked_count(self):
        counts = dict.fromkeys(self.ids, 0)
        for location_id, _day, count in self._unmarked(self.ids):
            counts[location_id] += count
        for location in self:
            location.unmarked_count = counts.get(location.id, 0)

    @api.model
    def _unmarked(self, location_ids=None):
        """The visits of past days that are neither marked nor cancelled.

        :param list location_ids: only of these; ``None``: of all
        :returns: list of ``(location id, local day, number)``
        """
        self.env["clinic.appointment"].flush_model(["state", "start", "location_id"])
        return self.env.execute_query(
            SQL(
                """
                SELECT visit.location_id, local.day, count(*)
                  FROM clinic_appointment visit
                  JOIN clinic_location location ON location.id = visit.location_id
            CROSS JOIN LATERAL (
                       SELECT (visit.start AT TIME ZONE 'UTC'
                               AT TIME ZONE location.tz)::date AS day,
                              (%(now)s AT TIME ZONE 'UTC'
                               AT TIME ZONE location.tz)::date AS today) local
                 WHERE visit.state = ANY(%(states)s)
                   AND visit.start BETWEEN %(oldest)s AND %(now)s
                   AND local.day < local.today
                   AND (%(all)s OR visit.location_id = ANY(%(ids)s))
              GROUP BY visit.location_id, local.day
              ORDER BY visit.location_id, local.day
                """,
                now=clock.now(),
                states=list(AHEAD),
                oldest=clock.now() - OLDEST,
                all=location_ids is None,
                ids=location_ids or [],
            )
        )

    @api.model
    def _cron_ask_unmarked(self):
        """Ask about the unmarked visits, once for each day and location; take back what
        has been answered."""
        asked = self.env["mail.activity"].search(
            [("res_model", "=", "clinic.location"), ("unmarked_day", "!=", False)]
        )
        tasks = {(task.res_id, task.unmarked_day): task for task in asked}
        for location_id, day, count in self._unmarked():
            task = tasks.pop((location_id, day), None)
            location = self.browse(location_id)
            user = (task and task.user_id) or location._who_marks()
            words = location.with_context(lang=user.lang)._unmarked_words(day, count)
            if task and task.summary != words:
                task.summary = words
            elif not task and user:
                location.with_context(
                    mail_activity_quick_update=True
                ).activity_schedule(
                    "mail.mail_activity_data_todo",
                    summary=words,
                    user_id=user.id,
                    unmarked_day=day,
                )
        self.env["mail.activity"].union(*tasks.values()).unlink()

    def _unmarked_words(self, day, count):
        return self.env._(
            "%(day)s: say of %(count)s visits whether the patient came",
            day=self._speak_day(self._begin_of(day, time(12))),
            count=count,
        )

    def _begin_of(self, day, hour=time.min):
        """The instant, naive UTC, of an hour of a day at this location."""
        local = datetime.combine(day, hour, ZoneInfo(self.tz))
        return local.astimezone(ZoneInfo("UTC")).replace(tzinfo=None)

    def _who_marks(self):
        """Who is asked about the unmarked visits of this location."""
        self.ensure_one()
        users = self.responsible_id | self._managers_of_visits()
        return users.filtered("active")[:1]

    def _managers_of_visits(self):
        """Extension point: who is asked where nobody is responsible, in order."""
        managers = self.env.ref("clinic_patient.group_clinic_manager").all_user_ids
        return managers.sorted("id")

    @api.readonly
    def action_view_unmarked(self):
        """Open the visits of past days of this location that nobody marked."""
        self.ensure_one()
        midnight = self._begin_of(self._local_time(clock.now()).date())
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "clinic_agenda.clinic_appointment_action"
        )
        return dict(
            action,
            name=self.env._("Visits to mark"),
            views=[(False, "list"), (False, "form")],
            domain=[
                ("location_id", "=", self.id),
                ("state", "in", list(AHEAD)),
                ("start", ">=", clock.now() - OLDEST),
                ("start", "<", midnight),
            ],
            context={},
        )


class MailActivity(models.Model):
    """The task that asks about the visits of a day."""

    _inherit = "mail.activity"

    unmarked_day = fields.Date(
        string="Day of the visits", readonly=True, groups=STAFF_GROUPS
    )
