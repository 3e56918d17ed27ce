from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from odoo.addons.clinic_base.lib import clock

from .clinic_journey_node import NODE_ICONS, NODE_KINDS
from .journey_domain import read_domain


class ClinicJourney(models.Model):
    """The picture of a journey: what is drawn, edited in it, and tried on a patient."""

    _inherit = "clinic.journey"

    def get_flow(self):
        """Nodes and counters, as the drawing needs them.

        :returns: ``{"nodes": […], "first": id, "kinds": […], …}``
        """
        self.ensure_one()
        self.check_access("read")
        counts = self._node_counts()
        names = dict(NODE_KINDS)
        translated = dict(
            self.env["clinic.journey.node"]
            ._fields["kind"]
            ._description_selection(self.env)
        )
        return {
            "id": self.id,
            "state": self.state,
            "can_edit": self.has_access("write") and self.state in ("draft", "paused"),
            "trigger": dict(self._fields["trigger"]._description_selection(self.env))[
                self.trigger
            ],
            "detail": self.segment_id._filtered_access("read").name or "",
            "first": self.first_id.id,
            "entered": self.entry_count,
            "goal": self.goal_count,
            "nodes": [
                {
                    "id": node.id,
                    "name": node.name,
                    "kind": node.kind,
                    "kind_name": translated[node.kind],
                    "icon": NODE_ICONS[node.kind],
                    "text": node._words(),
                    "next": node.next_id.id,
                    "else": node.else_id.id if node.kind == "condition" else False,
                    **counts.get(node.id, {"inside": 0, "passed": 0, "goal": 0}),
                }
                for node in self.node_ids
            ],
            "kinds": [
                {"kind": kind, "name": translated[kind], "icon": NODE_ICONS[kind]}
                for kind in names
            ],
        }

    def _node_counts(self):
        """``{node id: {inside, passed, goal, begun, watched}}``, in one statement."""
        self.env.flush_all()
        rows = self.env.execute_query_dict(
            SQL(
                """
                SELECT node.id,
                       (SELECT COUNT(*) FROM clinic_journey_entry entry
                         WHERE entry.node_id = node.id AND entry.state = 'active')
                           AS inside,
                       (SELECT COUNT(*) FROM clinic_journey_watch watch
                         WHERE watch.node_id = node.id) AS begun,
                       (SELECT COUNT(*) FROM clinic_journey_watch watch
                         WHERE watch.node_id = node.id AND watch.percent = 100)
                           AS watched,
                       COUNT(passage.id) AS passed,
                       COUNT(passage.id) FILTER (WHERE entry.state = 'goal') AS goal
                  FROM clinic_journey_node node
                  LEFT JOIN clinic_journey_passage passage
                    ON passage.node_id = node.id
                  LEFT JOIN clinic_journey_entry entry ON entry.id = passage.entry_id
                 WHERE node.journey_id = %s
                 GROUP BY node.id
                """,
                self.id,
            )
        )
        return {row.pop("id"): row for row in rows}

    # ------------------------------------------------------------
    # Editing
    # ------------------------------------------------------------

    def _check_editable(self):
        self.check_access("write")
        if self.state not in ("draft", "paused"):
            raise UserError(
                self.env._("Pause the journey before you change its steps.")
            )

    def insert_node(self, kind, after_id=False, way="next"):
        """Put a new step between one and what follows it.

        :param str kind: of ``clinic.journey.node``
        :param int after_id: the step before; False: at the beginning
        :param str way: ``next`` or ``else``
        :returns: id of the new step
        """
        self.ensure_one()
        self._check_editable()
        if kind not in dict(NODE_KINDS) or way not in ("next", "else"):
            raise UserError(self.env._("There is no such step."))
        Node = self.env["clinic.journey.node"]
        before = Node.browse(after_id or 0).exists()
        if before and before.journey_id != self:
            raise UserError(self.env._("There is no such step."))
        following = before[f"{way}_id"] if before else self.first_id
        ends = kind in ("goal", "exit")
        node = Node.create(
            {
                "journey_id": self.id,
                "kind": kind,
                "name": dict(Node._fields["kind"]._description_selection(self.env))[
                    kind
                ],
                "sequence": max(self.node_ids.mapped("sequence"), default=0) + 10,
                "next_id": False if ends else following.id,
            }
        )
        if before:
            before[f"{way}_id"] = node
        else:
            self._ours().first_id = node
        return node.id

    def remove_node(self, node_id):
        """Take a step out; what led to it leads to what followed it."""
        self.ensure_one()
        self._check_editable()
        node = self.node_ids.filtered(lambda one: one.id == node_id)
        if not node:
            return
        # sudo: clinic.journey.entry - whether somebody is there
        if (
            self.env["clinic.journey.entry"]
            .sudo()
            .search_count(
                [("node_id", "=", node.id), ("state", "=", "active")], limit=1
            )
        ):
            raise UserError(
                self.env._("Patients are at this step: wait until they have passed.")
            )
        following = node.next_id
        self.node_ids.filtered(lambda one: one.next_id == node).next_id = following
        self.node_ids.filtered(lambda one: one.else_id == node).else_id = following
        if self.first_id == node:
            self._ours().first_id = following
        node.unlink()

    # ------------------------------------------------------------
    # Trying it on a patient
    # ------------------------------------------------------------

    def simulate(self, patient_id):
        """Which way a patient would go and when, if it began now.

        Nothing is sent or written. What only time tells (whether a message will be
        read) is taken as *otherwise* and marked.

        :param int patient_id: res.partner
        :returns: ``{"patient": name, "steps": [{id, moment, way, sure}], "end": text}``
        """
        self.ensure_one()
        self.check_access("read")
        patient = self.env["res.partner"].browse(patient_id)
        patient.check_access("read")
        moment, zone = clock.now(), self._zone()
        node, steps = self.first_id, []
        while node:
            way, sure = "next", True
            if node.kind == "wait":
                moment = node._wait_until(moment, zone)
            elif node.kind == "condition":
                way, sure = node._foresee(patient)
            steps.append(
                {
                    "id": node.id,
                    "moment": fields.Datetime.to_string(moment),
                    "way": way,
                    "sure": sure,
                }
            )
            if node.kind in ("goal", "exit"):
                break
            node = node[f"{way}_id"]
        return {"patient": patient.name, "steps": steps}


class ClinicJourneyNode(models.Model):
    """What a step says in the drawing, and what it would do."""

    _inherit = "clinic.journey.node"

    def _foresee(self, patient):
        """The way of a patient at a condition, and whether that is sure now."""
        self.ensure_one()
        if self.condition != "domain":
            return "else", False
        Partner = self.env["res.partner"]
        fits = Partner.search_count(
            [*read_domain(self, self.domain), ("id", "=", patient.id)]
        )
        return ("next" if fits else "else"), True

    def _words(self):
        """One line that says what the step does."""
        self.ensure_one()
        chosen = {
            name: dict(self._fields[name]._description_selection(self.env)).get(
                self[name], ""
            )
            for name in ("wait_unit", "wait_weekday", "condition", "channel")
        }
        hour = f"{int(self.wait_hour):02}:{round(self.wait_hour % 1 * 60):02}"
        if self.kind == "wait":
            return {
                "duration": f"{self.wait_amount} {chosen['wait_unit'].lower()}",
                "hour": self.env._("until %s", hour),
                "weekday": self.env._(
                    "until %(day)s, %(hour)s",
                    day=chosen["wait_weekday"],
                    hour=hour,
                ),
                "date": self.env._(
                    "until %(day)s, %(hour)s", day=self.wait_date or "…", hour=hour
                ),
            }[self.wait_kind]
        return {
            "condition": chosen["condition"],
            "message": self.template_id.name or self.env._("No text yet"),
            "video": self.video_name or self.env._("No video yet"),
            "task": self.task_summary or self.env._("Nothing to do yet"),
            "tag": self.tag_id.name or self.env._("No tag yet"),
            "deal": self.rule_id.name or self.env._("No move yet"),
            "goal": self.env._("Counts as a success"),
            "exit": self.env._("The journey ends here"),
        }[self.kind] or ""

    @api.ondelete(at_uninstall=False)
    def _unlink_except_running(self):
        """Steps that patients pass are not taken away under them.

        :raises UserError: the journey runs
        """
        if any(node.journey_id.state == "running" for node in self):
            raise UserError(
                self.env._("Pause the journey before you change its steps.")
            )

    @api.depends("journey_id", "name")
    def _compute_display_name(self):
        for node in self:
            node.display_name = node.name
