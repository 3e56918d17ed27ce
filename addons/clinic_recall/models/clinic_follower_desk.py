from datetime import datetime, time, timedelta

from pytz import UTC

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain

from odoo.addons.clinic_agenda.lib.states import NOT_MEANT
from odoo.addons.clinic_base.lib import clock

from .clinic_followup_plan_step import STEP_ICONS

#: So many lines are enough for a day; the counters count all.
MOST = 200
#: Reasons a follower may give; the others are given by what happened.
BY_FOLLOWER = ("request", "unreachable", "clinic")


class ClinicFollowerDesk(models.AbstractModel):
    """What is due today for a follower: one list, in order, and one patient at a time.

    Everything is read with the rights of the follower.
    """

    _name = "clinic.follower.desk"
    _description = "Follower's desk"

    @api.model
    def get_desk(self, everybody=False):
        """The list of today.

        :param bool everybody: also what is on the desks of colleagues
        :returns: ``{"items": […], "counts": {…}, "stop_reasons": […]}``; overdue
            steps first, then answers to look at, then by time
        """
        self._check_follower()
        start, stop = self._today()
        steps = self.env["clinic.followup.step"]
        mine = Domain.TRUE if everybody else self._mine_domain()
        open_steps = (
            mine
            & Domain("state", "=", "open")
            & Domain("due", "<", stop)
            & Domain("followup_state", "=", "active")
        )
        found = steps.search(open_steps, order="due, id", limit=MOST)
        items = [self._step_item(step, start) for step in found]
        answers = self._answers(everybody)
        items += [self._answer_item(answer) for answer in answers[:MOST]]
        replies = self._replies(everybody)
        items += [self._reply_item(message) for message in replies[:MOST]]
        visits = self._visits(start, stop, everybody)
        items += [self._visit_item(visit) for visit in visits[:MOST]]
        items.sort(key=lambda item: (item["rank"], item["due"], item["key"]))
        return {
            "items": items,
            "counts": {
                "overdue": steps.search_count(open_steps & Domain("due", "<", start)),
                "today": steps.search_count(open_steps & Domain("due", ">=", start)),
                "answers": len(answers) + len(replies),
                "visits": len(visits),
                "done": steps.search_count(
                    [
                        ("done_by_id", "=", self.env.uid),
                        ("done_on", ">=", start),
                        ("done_on", "<", stop),
                    ]
                ),
            },
            "stop_reasons": [
                {"key": key, "name": name}
                for key, name in self.env["clinic.followup"]
                ._fields["stop_reason"]
                ._description_selection(self.env)
                if key in BY_FOLLOWER
            ],
        }

    @api.model
    def _check_follower(self):
        """:raises AccessError: this role follows nobody"""
        if not self.env["clinic.followup.step"].has_access("write"):
            raise AccessError(
                self.env._("Your role does not make follow-up calls: ask a manager.")
            )

    @api.model
    def _today(self):
        """The present day of the reader, as two moments in naive UTC."""
        now = fields.Datetime.context_timestamp(self, clock.now())
        zone = now.tzinfo
        return tuple(
            zone.localize(datetime.combine(now.date() + timedelta(days=days), time()))
            .astimezone(UTC)
            .replace(tzinfo=None)
            for days in (0, 1)
        )

    @api.model
    def _mine_domain(self):
        return Domain("owner_id", "in", (self.env.uid, False))

    @api.model
    def _answers(self, everybody):
        """Answers that passed a limit and nobody has looked at."""
        domain = Domain("is_alert", "=", True) & Domain("seen_on", "=", False)
        if not everybody:
            domain &= Domain("followup_id.owner_id", "in", (self.env.uid, False))
        return self.env["clinic.followup.answer"].search(domain, order="date, id")

    @api.model
    def _replies(self, everybody):
        """What patients who are followed up wrote and nobody took up yet."""
        followed = Domain("state", "in", ("active", "paused")) | Domain(
            "stop_reason", "=", "reply"
        )
        if not everybody:
            followed &= Domain("owner_id", "in", (self.env.uid, False))
        return self.env["clinic.message"].search(
            Domain("direction", "=", "in")
            & Domain("inbox_state", "=", "new")
            & Domain("patient_id.followup_ids", "any", followed),
            order="queued_at, id",
        )

    @api.model
    def _visits(self, start, stop, everybody):
        """Visits of today of patients who are followed up."""
        running = Domain("state", "in", ("active", "paused"))
        if not everybody:
            running &= Domain("owner_id", "=", self.env.uid)
        return self.env["clinic.appointment"].search(
            Domain("start", ">=", start)
            & Domain("start", "<", stop)
            & Domain("state", "not in", NOT_MEANT)
            & Domain("patient_id.followup_ids", "any", running),
            order="start, id",
        )

    @api.model
    def _step_item(self, step, start):
        overdue = step.due < start
        return {
            "key": f"step-{step.id}",
            "kind": "step",
            "id": step.id,
            "rank": 0 if overdue else 2,
            "overdue": overdue,
            "due": fields.Datetime.to_string(step.due),
            "patient": step.patient_id.name,
            "name": step.name,
            "plan": step.followup_id.name,
            "icon": STEP_ICONS[step.kind],
            "attempts": step.attempts,
            "owner": step.owner_id.name or "",
        }

    @api.model
    def _answer_item(self, answer):
        return {
            "key": f"answer-{answer.id}",
            "kind": "answer",
            "id": answer.id,
            "rank": 1,
            "overdue": False,
            "due": fields.Datetime.to_string(answer.date),
            "patient": answer.patient_id.name,
            "name": self.env._("An answer needs a look"),
            "plan": answer.questionnaire_id.name,
            "icon": "fa-exclamation-triangle",
            "attempts": 0,
            "owner": answer.followup_id.owner_id.name or "",
        }

    @api.model
    def _reply_item(self, message):
        return {
            "key": f"message-{message.id}",
            "kind": "message",
            "id": message.id,
            "rank": 1,
            "overdue": False,
            "due": fields.Datetime.to_string(message.queued_at),
            "patient": message.patient_id.name,
            "plan": (message.shown_body or "")[:60],
            "name": self.env._("Has written"),
            "icon": "fa-comment-o",
            "attempts": 0,
            "owner": "",
        }

    @api.model
    def _visit_item(self, visit):
        return {
            "key": f"visit-{visit.id}",
            "kind": "visit",
            "id": visit.id,
            "rank": 2,
            "overdue": False,
            "due": fields.Datetime.to_string(visit.start),
            "patient": visit.patient_id.name,
            "name": visit.service_id.name,
            "plan": visit.practitioner_id.name,
            "icon": "fa-calendar",
            "attempts": 0,
            "owner": "",
        }

    @api.model
    def _announce(self):
        """Tell open desks that something changed: nothing but that."""
        group = self.env["ir.model.data"]._xmlid_to_res_id(
            "clinic_patient.group_clinic_user", raise_if_not_found=False
        )
        # sudo: res.groups - only the channel's name is needed
        channel = self.env["res.groups"].sudo().browse(group)
        channel._bus_send("clinic_recall/desk", {})
