import secrets
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL

from odoo.addons.clinic_base.lib import clock
from odoo.addons.clinic_base.lib.ours import OURS

from ..lib.states import BLOCKING_SQL, STATES

CHANNELS = [
    ("desk", "Reception desk"),
    ("phone", "Telephone"),
    ("website", "Website"),
    ("portal", "Patient portal"),
    ("message", "Answer to a message"),
    ("api", "Other program"),
]

#: Visit plus buffers, as the database computes it for every row and every writer.
BUSY_SQL = (
    "tsrange(start - buffer_before * interval '1 minute',"
    " stop + buffer_after * interval '1 minute')"
)


class ClinicAppointment(models.Model):
    """One visit in the agenda.

    FHIR R4 ``Appointment``. Practitioner, room, each device and the patient can serve
    one visit at a time: PostgreSQL refuses anything else, whoever writes
    (``EXCLUDE`` constraints here, and on the table of the equipment). The one way in
    that does not deadlock under a rush is in ``clinic_appointment_allocation``.
    """

    _name = "clinic.appointment"
    _description = "Appointment"
    _inherit = ["clinic.gate", "mail.thread", "mail.activity.mixin"]
    _order = "start desc, id desc"
    _rec_names_search = ["patient_id", "reference"]
    #: What the patient wrote stays as it was written.
    _clinic_sealed = frozenset({"patient_note"})
    _clinic_kept = frozenset(
        {
            "patient_id",
            "booked_by_id",
            "contact_booker",
            "channel",
            "access_token",
            "cancelled_by",
            "change_sequence",
            "event_ids",
            "reminded_for",
            "cancel_reason",
        }
    )

    reference = fields.Char(
        copy=False,
        readonly=True,
        help="What a patient reads out on the telephone.",
    )
    patient_id = fields.Many2one(
        "res.partner",
        index="btree_not_null",
        ondelete="restrict",
        domain=[("is_patient", "=", True)],
    )
    booked_by_id = fields.Many2one(
        "res.partner",
        ondelete="set null",
        help="The guardian or relative who booked, when it was not the patient.",
    )
    practitioner_id = fields.Many2one(
        "clinic.practitioner", required=True, ondelete="restrict"
    )
    location_id = fields.Many2one("clinic.location", required=True, ondelete="restrict")
    room_id = fields.Many2one("clinic.room", ondelete="restrict")
    equipment_ids = fields.Many2many(
        "clinic.equipment",
        "clinic_appointment_equipment_rel",
        "appointment_id",
        "equipment_id",
    )
    service_id = fields.Many2one(
        "product.template",
        required=True,
        index=True,
        ondelete="restrict",
        domain=[("is_healthcare_service", "=", True)],
    )
    specialty_id = fields.Many2one(
        related="service_id.specialty_id",
        store=True,
        precompute=True,
        index="btree_not_null",
    )
    company_id = fields.Many2one(
        related="location_id.company_id", store=True, precompute=True
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    tz = fields.Selection(related="location_id.tz")
    start = fields.Datetime(required=True)
    stop = fields.Datetime(string="End", required=True)
    duration = fields.Integer(
        string="Duration (minutes)",
        compute="_compute_duration",
        store=True,
        precompute=True,
        aggregator="sum",
    )
    buffer_before = fields.Integer(required=True, default=0)
    buffer_after = fields.Integer(required=True, default=0)
    local_start = fields.Char(
        string="When", compute="_compute_local_start", help="In the location's time."
    )
    short_start = fields.Char(
        string="Day and hour",
        compute="_compute_short_start",
        help="In few letters, in the location's time.",
    )
    local_day = fields.Date(
        compute="_compute_local_day",
        store=True,
        precompute=True,
        help="The day of the visit at the location.",
    )
    state = fields.Selection(STATES, required=True, default="booked")
    regime = fields.Selection(
        [("private", "Private"), ("public", "Public (health service)")],
        required=True,
        default="private",
    )
    channel = fields.Selection(CHANNELS, required=True, default="desk")
    coverage_id = fields.Many2one(
        "clinic.coverage", index="btree_not_null", ondelete="restrict"
    )
    policy_number = fields.Char(
        string="Policy number",
        help="Of the patient, with the insurance or convention that pays.",
        groups="clinic_patient.group_clinic_user",
    )
    price = fields.Monetary(
        compute="_compute_price",
        store=True,
        readonly=False,
        groups="clinic_patient.group_clinic_money",
        help="By the offer and the price list on the day it was booked.",
    )
    visit_type = fields.Selection(
        [("first", "First visit"), ("repeat", "Repeat visit")],
        default="first",
        help="First: the patient has no finished visit yet.",
    )
    note = fields.Text(
        groups="clinic_patient.group_clinic_user",
        help="For the staff; patients do not see it.",
    )
    patient_note = fields.Text(help="What the patient wrote when booking.")
    hold_expires_at = fields.Datetime(copy=False, readonly=True)
    access_token = fields.Char(
        copy=False,
        groups="base.group_system",
        index="btree_not_null",
        default=lambda self: secrets.token_urlsafe(32),
        help="Secret part of the links in a visit's messages.",
    )
    overbooked = fields.Boolean(
        copy=False,
        help="Booked over another visit or outside the schedule, on purpose.",
    )
    overbook_reason = fields.Char(copy=False, groups="clinic_patient.group_clinic_user")
    overbooked_by_id = fields.Many2one(
        "res.users",
        copy=False,
        readonly=True,
        groups="clinic_patient.group_clinic_user",
    )
    change_sequence = fields.Integer(
        copy=False, help="Counts the changes of time, for calendars (RFC 5545)."
    )
    event_ids = fields.One2many("clinic.appointment.event", "appointment_id")

    _span = models.Constraint(
        "CHECK (start < stop AND stop <= start + interval '12 hours')",
        "A visit must end after it starts, and last at most 12 hours.",
    )
    _buffers = models.Constraint(
        "CHECK (buffer_before BETWEEN 0 AND 240 AND buffer_after BETWEEN 0 AND 240)",
        "Preparation and tidying take at most 240 minutes and are never negative.",
    )
    _held_expires = models.Constraint(
        "CHECK ((state = 'held') = (hold_expires_at IS NOT NULL))",
        "Only a held time expires.",
    )
    _patient_known = models.Constraint(
        "CHECK (patient_id IS NOT NULL OR state IN ('held', 'expired', 'cancelled'))",
        "Choose the patient of this visit.",
    )
    _overbook_reason_given = models.Constraint(
        "CHECK (NOT COALESCE(overbooked, FALSE)"
        " OR COALESCE(TRIM(overbook_reason), '') <> '')",
        "Say why this visit is booked over another one.",
    )
    _reference_unique = models.UniqueIndex("(reference) WHERE reference IS NOT NULL")
    _practitioner_busy = models.Constraint(
        f"EXCLUDE USING gist (practitioner_id WITH =, {BUSY_SQL} WITH &&)"
        f" WHERE (state IN {BLOCKING_SQL} AND NOT COALESCE(overbooked, FALSE))",
        "The practitioner already has a visit at this time.",
    )
    _room_busy = models.Constraint(
        f"EXCLUDE USING gist (room_id WITH =, {BUSY_SQL} WITH &&)"
        f" WHERE (state IN {BLOCKING_SQL} AND NOT COALESCE(overbooked, FALSE))",
        "The room is already taken at this time.",
    )
    # The patient is free again as soon as the visit ends: tidying the room is not
    # their time.
    _patient_busy = models.Constraint(
        "EXCLUDE USING gist (patient_id WITH =, tsrange(start, stop) WITH &&)"
        f" WHERE (state IN {BLOCKING_SQL})",
        "The patient already has a visit at this time.",
    )
    _location_start = models.Index("(location_id, start)")
    _patient_start = models.Index("(patient_id, start DESC)")
    _hold_expiry = models.Index("(hold_expires_at) WHERE state = 'held'")

    @api.depends("start", "stop")
    def _compute_duration(self):
        for appointment in self:
            if appointment.start and appointment.stop:
                span = appointment.stop - appointment.start
                appointment.duration = span.total_seconds() // 60
            else:
                appointment.duration = 0

    @api.depends("start", "location_id.tz")
    def _compute_local_day(self):
        for appointment in self:
            location = appointment.location_id
            appointment.local_day = (
                location._local_time(appointment.start).date()
                if appointment.start and location
                else False
            )

    @api.depends("start", "location_id.tz")
    @api.depends_context("lang")
    def _compute_local_start(self):
        for appointment in self:
            appointment.local_start = (
                appointment.location_id._speak_time(appointment.start)
                if appointment.start and appointment.location_id
                else False
            )

    @api.depends("start", "location_id.tz")
    @api.depends_context("lang")
    def _compute_short_start(self):
        for appointment in self:
            appointment.short_start = (
                appointment.location_id._speak_short(appointment.start)
                if appointment.start and appointment.location_id
                else False
            )

    @api.depends("patient_id", "service_id", "start")
    def _compute_display_name(self):
        for appointment in self:
            appointment.display_name = " · ".join(
                filter(
                    None,
                    [
                        appointment.patient_id.name or self.env._("Held"),
                        appointment.service_id.name,
                        appointment.local_start,
                    ],
                )
            )

    @api.onchange("service_id", "practitioner_id", "location_id", "start")
    def _onchange_offer(self):
        """Propose end and buffers of what was chosen."""
        if not (self.service_id and self.start):
            return
        [terms] = self._terms(
            [
                {
                    "service_id": self.service_id.id,
                    "practitioner_id": self.practitioner_id.id,
                    "location_id": self.location_id.id,
                    "start": self.start,
                }
            ]
        )
        for name in ("stop", "buffer_before", "buffer_after") if terms else ():
            self[name] = terms[name]

    @api.constrains("location_id", "room_id", "equipment_ids")
    def _check_same_location(self):
        for appointment in self:
            elsewhere = (
                appointment.room_id.location_id | appointment.equipment_ids.location_id
            ) - appointment.location_id
            if elsewhere:
                raise ValidationError(
                    self.env._(
                        "Room and equipment must be at %(location)s.",
                        location=appointment.location_id.name,
                    )
                )

    @api.constrains("patient_id")
    def _check_patient(self):
        self.patient_id._check_is_patient()

    def init(self):
        """The exclusion constraint of the equipment lives on its relation table.

        A relation row has no times of its own, so PostgreSQL copies them: a trigger
        fills them when a device is linked and another follows every change of the
        visit. Both run inside the writer's statement, raw SQL included.
        """
        definition = SQL(
            """
            ALTER TABLE clinic_appointment_equipment_rel
                ADD COLUMN IF NOT EXISTS busy tsrange,
                ADD COLUMN IF NOT EXISTS blocking boolean;

            CREATE OR REPLACE FUNCTION clinic_appointment_equipment_fill()
            RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                SELECT %s, state IN %s
                  INTO NEW.busy, NEW.blocking
                  FROM clinic_appointment WHERE id = NEW.appointment_id;
                RETURN NEW;
            END $$;

            CREATE OR REPLACE FUNCTION clinic_appointment_equipment_follow()
            RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                UPDATE clinic_appointment_equipment_rel
                   SET equipment_id = equipment_id
                 WHERE appointment_id = NEW.id;
                RETURN NULL;
            END $$;

            CREATE OR REPLACE TRIGGER clinic_appointment_equipment_fill
            BEFORE INSERT OR UPDATE ON clinic_appointment_equipment_rel
            FOR EACH ROW EXECUTE FUNCTION clinic_appointment_equipment_fill();

            CREATE OR REPLACE TRIGGER clinic_appointment_equipment_follow
            AFTER UPDATE OF start, stop, buffer_before, buffer_after, state
            ON clinic_appointment
            FOR EACH ROW EXECUTE FUNCTION clinic_appointment_equipment_follow();
            """,
            SQL(BUSY_SQL),
            SQL(BLOCKING_SQL),
        )
        self.env.cr.execute(definition)
        self.env.cr.execute(
            "SELECT 1 FROM pg_constraint"
            " WHERE conname = 'clinic_appointment_equipment_busy'"
        )
        if not self.env.cr.rowcount:
            self.env.cr.execute(
                """
                ALTER TABLE clinic_appointment_equipment_rel
                ADD CONSTRAINT clinic_appointment_equipment_busy
                EXCLUDE USING gist (equipment_id WITH =, busy WITH &&)
                WHERE (blocking)
                """
            )

    @api.model
    def _new_reference(self):
        """Eight letters and digits that cannot be confused when read out."""
        alphabet = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
        return "".join(secrets.choice(alphabet) for _index in range(8))

    @api.autovacuum
    def _gc_expired_holds(self):
        """Remove holds that expired a day ago. Nothing waits for this: an expired hold
        is free the second it expires."""
        limit = clock.now() - timedelta(days=1)
        self.search(
            [
                "|",
                ("state", "=", "expired"),
                "&",
                ("state", "=", "held"),
                ("hold_expires_at", "<", limit),
                ("create_date", "<", limit),
                ("patient_id", "=", False),
            ]
        ).with_context(clinic_discard=OURS).unlink()
