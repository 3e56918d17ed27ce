from odoo import fields, models
from odoo.tools import SQL
from odoo.tools.misc import hash_sign

from odoo.addons.clinic_base.lib import clock

WATCH_DAYS = 60
DELIVERED = SQL("('delivered', 'read', 'replied')")
READ = SQL("('read', 'replied')")


class ClinicJourneyEntry(models.Model):
    """One patient on one journey, for one cause.

    Unique per journey, patient and cause: looking at the same cause again changes
    nothing. The steps passed are ``clinic.journey.passage``, each at most once.
    """

    _name = "clinic.journey.entry"
    _description = "Patient on a journey"
    _order = "id desc"
    _rec_name = "patient_id"

    journey_id = fields.Many2one(
        "clinic.journey", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        related="journey_id.company_id", store=True, precompute=True
    )
    patient_id = fields.Many2one(
        "res.partner", required=True, index=True, ondelete="cascade"
    )
    cause_key = fields.Char(required=True)
    state = fields.Selection(
        [
            ("active", "Inside"),
            ("goal", "Reached the goal"),
            ("done", "At the end"),
            ("exited", "Left"),
            ("failed", "Stuck"),
            ("skipped", "Was there before"),
        ],
        required=True,
        default="active",
    )
    exit_reason = fields.Selection(
        [
            ("rule", "The rule to leave"),
            ("archived", "The card was archived"),
            ("ended", "The journey ended"),
        ]
    )
    node_id = fields.Many2one(
        "clinic.journey.node",
        string="Stands at",
        ondelete="set null",
        index="btree_not_null",
    )
    waiting_id = fields.Many2one(
        "clinic.journey.node",
        string="Waits at",
        ondelete="set null",
        index="btree_not_null",
    )
    due = fields.Datetime(string="Goes on", required=True, default=fields.Datetime.now)
    entered_at = fields.Datetime(required=True, default=fields.Datetime.now)
    ended_at = fields.Datetime()
    attempts = fields.Integer(default=0)
    failure = fields.Char(help="The kind of fault that stopped it.")
    passage_ids = fields.One2many("clinic.journey.passage", "entry_id")

    _once = models.UniqueIndex(
        "(journey_id, patient_id, cause_key)",
        "The patient is on this journey already, for the same cause.",
    )
    _waiting = models.Index("(due, id) WHERE state = 'active'")
    _of_patient = models.Index("(patient_id, journey_id, entered_at)")

    def _leave(self, state, reason=None):
        """They leave; messages of theirs that wait are taken back.

        :param str state: ``goal``, ``done``, ``exited`` or ``failed``
        """
        if not self:
            return
        self.write(
            {
                "state": state,
                "exit_reason": reason or False,
                "ended_at": clock.now(),
                "waiting_id": False,
            }
        )
        if state in ("goal", "exited"):
            self.env["clinic.message"]._cancel_of(
                self, reason=self.env._("The patient left the journey.")
            )

    def _that_have(self, what, node=None, percent=0):
        """The ids of those for whom something happened since they entered.

        :param str what: ``booked``, ``delivered``, ``read``, ``replied``, ``watched``
        :param node: step of the message, empty: any
        """
        if not self:
            return set()
        self.env.flush_all()
        step = f"node-{node.id}" if node else "%"
        message = SQL(
            "EXISTS (SELECT FROM clinic_message m"
            " WHERE m.res_model = 'clinic.journey.entry' AND m.res_id = entry.id"
            " AND m.direction = 'out' AND m.step LIKE %s",
            step,
        )
        tests = {
            "booked": SQL(
                "EXISTS (SELECT FROM clinic_appointment visit"
                " WHERE visit.patient_id = entry.patient_id"
                " AND visit.create_date >= entry.entered_at"
                " AND visit.state NOT IN ('held', 'cancelled', 'expired'))"
            ),
            "delivered": SQL("%s AND m.state IN %s)", message, DELIVERED),
            "read": SQL("%s AND m.state IN %s)", message, READ),
            "replied": SQL(
                "(EXISTS (SELECT FROM clinic_message m"
                " WHERE m.patient_id = entry.patient_id AND m.direction = 'in'"
                " AND m.queued_at >= entry.entered_at))"
            ),
            "watched": SQL(
                "EXISTS (SELECT FROM clinic_journey_watch watch"
                " WHERE watch.entry_id = entry.id AND watch.percent >= %s"
                " AND (%s IS NULL OR watch.node_id = %s))",
                percent,
                node.id if node else None,
                node.id if node else None,
            ),
        }
        rows = self.env.execute_query(
            SQL(
                "SELECT entry.id FROM clinic_journey_entry entry"
                " WHERE entry.id = ANY(%s) AND %s",
                self.ids,
                tests[what],
            )
        )
        return {row[0] for row in rows}

    def _message_values(self, lang, message):
        """What stands behind the names in the texts."""
        self.ensure_one()
        base = self.get_base_url()
        number = (message.step or "").partition("-")[2]
        node = self.env["clinic.journey.node"].browse(int(number or 0)).exists()
        return {
            "booking_link": f"{base}/clinic/book",
            "video_link": f"{base}{self._watch_path(node)}" if node else base,
        }

    def _watch_path(self, node):
        """The signed path of the page that shows the video of a step."""
        self.ensure_one()
        token = hash_sign(
            self.env(su=True),
            "clinic.journey.watch",
            [self.id, node.id],
            expiration_hours=24 * WATCH_DAYS,
        )
        return f"/clinic/watch/{token}"


class ClinicMessageKind(models.Model):
    """Names that texts of journeys may use."""

    _inherit = "clinic.message.kind"

    def _placeholders(self):
        names = super()._placeholders()
        if self.code in ("journey_care", "journey_news"):
            names |= {
                "booking_link": self.env._("Address where a visit is booked"),
                "video_link": self.env._("Address of the video of this step"),
            }
        return names
