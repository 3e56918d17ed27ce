from odoo import fields, models

REGIMES = [
    ("any", "Public and private"),
    ("public", "Public (health service)"),
    ("private", "Private"),
]


class ClinicSession(models.Model):
    """A concrete opening of a practitioner's agenda, derived from the schedules.

    Rows are made and removed by ``clinic.schedule._rebuild_sessions`` only: deleting
    and regenerating them changes nothing. FHIR R4 calls this the planning horizon of
    a ``Schedule``.
    """

    _name = "clinic.session"
    _description = "Agenda session"
    _order = "start, practitioner_id, id"
    _log_access = False
    _rec_name = "start"

    practitioner_id = fields.Many2one(
        "clinic.practitioner", required=True, ondelete="cascade"
    )
    location_id = fields.Many2one("clinic.location", required=True, ondelete="cascade")
    room_id = fields.Many2one(
        "clinic.room", ondelete="set null", index="btree_not_null"
    )
    start = fields.Datetime(required=True)
    stop = fields.Datetime(string="End", required=True)
    regime = fields.Selection(REGIMES, required=True, default="any")
    online_share = fields.Integer(required=True, default=100)
    block_id = fields.Many2one(
        "clinic.schedule.block", ondelete="cascade", index="btree_not_null"
    )
    exception_id = fields.Many2one(
        "clinic.schedule.exception", ondelete="cascade", index="btree_not_null"
    )
    service_restricted = fields.Boolean(
        help="Only the services named by the schedule's block may be booked."
    )

    _span = models.Constraint(
        "CHECK (start < stop)", "A session must end after it starts."
    )
    _one_place_at_a_time = models.Constraint(
        "EXCLUDE USING gist (practitioner_id WITH =, tsrange(start, stop) WITH &&)",
        "A practitioner cannot have two sessions at the same time.",
    )
    _practitioner_start = models.Index(
        "(practitioner_id, start) INCLUDE (stop, location_id, room_id, regime,"
        " online_share, service_restricted, block_id, exception_id)"
    )
    _location_start = models.Index("(location_id, start)")
