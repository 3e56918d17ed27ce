from contextlib import contextmanager
from datetime import timedelta

import psycopg2

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from odoo.addons.clinic_base.lib import clock
from odoo.addons.clinic_base.lib.ours import is_ours

from ..lib import lock_spaces, quiet_refusal
from ..lib.states import BLOCKING
from .clinic_appointment_terms import FOLLOWING

quiet_refusal.install()

#: First half of the advisory lock key, one per kind of resource.
LOCK_KINDS = {
    "practitioner_id": lock_spaces.PRACTITIONER,
    "room_id": lock_spaces.ROOM,
    "patient_id": lock_spaces.PATIENT,
}
LOCK_EQUIPMENT = lock_spaces.EQUIPMENT

#: Writing any of these can take somebody's time.
ALLOCATING = {
    "practitioner_id",
    "room_id",
    "patient_id",
    "equipment_ids",
    "start",
    "stop",
    "buffer_before",
    "buffer_after",
    "state",
    "overbooked",
}


#: What whoever books may give; everything else follows from it or has steps of its own.
GIVEN = frozenset(
    {
        "patient_id",
        "practitioner_id",
        "location_id",
        "room_id",
        "equipment_ids",
        "service_id",
        "start",
        "stop",
        "buffer_before",
        "buffer_after",
        "state",
        "regime",
        "channel",
        "coverage_id",
        "price",
        "visit_type",
        "note",
        "patient_note",
        "policy_number",
        "overbooked",
        "overbook_reason",
        "tell_patient",
    }
)
#: Links that the session of a visit ties to its location; the rules of the visit itself
#: say whether that is for the user. Without a session they are looked at one by one.
TIED = frozenset(
    {"practitioner_id", "location_id", "room_id", "equipment_ids", "service_id"}
)
#: The states in which a visit may begin when a user books it.
FIRST_STATES = ("booked", "confirmed")


class SlotTaken(UserError):
    """Somebody else was faster. Nothing was written; ``resource`` says what is busy.

    :param str message: for a person
    :param str resource: ``practitioner``, ``room``, ``equipment`` or ``patient``
    """

    def __init__(self, message, resource):
        super().__init__(message)
        self.resource = resource


class ClinicAppointment(models.Model):
    """The one way in: locks, constraint, and a friendly refusal."""

    _inherit = "clinic.appointment"

    @contextmanager
    def _allocate(self, keys):
        """Do a write that may take somebody's time.

        Measured at REPEATABLE READ under a rush: checking first and writing later
        double-books, and the exclusion constraint alone deadlocks for minutes. A
        transaction-level advisory lock per resource, taken in sorted order, *and* the
        constraint give neither. The savepoint frees the locks of a refused attempt, so
        that the caller may try another practitioner in the same transaction.

        :param keys: ``{(lock kind, record id)}`` of all resources before and after
        :returns: whether any hold has expired and still takes its time
        :raises SlotTaken: the constraint refused; the savepoint is rolled back
        """
        try:
            with self.env.cr.savepoint():
                yield self._lock_resources(keys)
        except psycopg2.errors.ExclusionViolation as violation:
            raise self._slot_taken(violation) from None

    def _lock_resources(self, keys):
        """Wait for the resources, in an order that is the same for everybody.

        :returns: whether there are expired holds that somebody has to end
        """
        ordered = sorted(key for key in keys if key[1])
        kinds, ids = zip(*ordered, strict=True) if ordered else ((), ())
        [[_locked, holds_expired]] = self.env.execute_query(
            SQL(
                """
                SELECT COUNT(pg_advisory_xact_lock(kind, id)),
                       EXISTS (SELECT FROM clinic_appointment
                                WHERE state = 'held' AND hold_expires_at <= %s)
                  FROM unnest(%s::int[], %s::int[]) AS resource(kind, id)
                """,
                clock.now(),
                list(kinds),
                list(ids),
            )
        )
        return holds_expired

    def _lock_keys(self):
        """The resources these visits take now."""
        keys = {
            (kind, appointment[name].id)
            for appointment in self
            for name, kind in LOCK_KINDS.items()
        }
        return keys | {(LOCK_EQUIPMENT, device) for device in self.equipment_ids.ids}

    @api.model
    def _lock_keys_of(self, vals):
        keys = {(kind, vals.get(name) or 0) for name, kind in LOCK_KINDS.items()}
        if vals.get("equipment_ids"):
            field = self._fields["equipment_ids"]
            devices = field.convert_to_cache(vals["equipment_ids"], self.browse())
            keys |= {(LOCK_EQUIPMENT, device) for device in devices}
        return keys

    @api.model
    def _slot_taken(self, violation):
        """The refusal in words, from the constraint that spoke."""
        name = violation.diag.constraint_name or ""
        messages = {
            "practitioner": self.env._(
                "This time was just taken: the practitioner has another visit."
            ),
            "room": self.env._("This time was just taken: the room is occupied."),
            "equipment": self.env._(
                "This time was just taken: the equipment is in use."
            ),
            "patient": self.env._(
                "The patient already has another visit at this time."
            ),
        }
        if name.startswith("clinic_closure_"):
            messages |= {
                "room": self.env._("The room is closed at this time."),
                "equipment": self.env._("The equipment cannot be used at this time."),
            }
        for resource, message in messages.items():
            if name.endswith(f"{resource}_busy"):
                return SlotTaken(message, resource)
        if name.endswith("person_busy"):
            return SlotTaken(messages["patient"], "patient")
        return SlotTaken(self.env._("This time was just taken."), "practitioner")

    @api.model
    def _free_expired_holds(self, vals):
        """Let go of holds that have expired on the resources about to be taken.

        No job is needed for a hold to end: whoever wants its time ends it.

        :raises SlotTaken: somebody else ended such a hold while we waited for the locks
        """
        start = fields.Datetime.to_datetime(vals["start"])
        stop = fields.Datetime.to_datetime(vals["stop"])
        query = SQL(
            """
            UPDATE clinic_appointment SET state = 'expired', hold_expires_at = NULL
             WHERE state = 'held' AND hold_expires_at <= %(now)s
               AND id <> ALL(%(own)s)
               AND start - buffer_before * interval '1 minute' < %(stop)s
               AND stop + buffer_after * interval '1 minute' > %(start)s
               AND (practitioner_id = %(practitioner)s OR room_id = %(room)s
                    OR patient_id = %(patient)s
                    OR EXISTS (SELECT FROM clinic_appointment_equipment_rel rel
                                WHERE rel.appointment_id = clinic_appointment.id
                                  AND rel.equipment_id = ANY(%(equipment)s)))
         RETURNING id
            """,
            now=clock.now(),
            own=self.ids,
            start=start - timedelta(minutes=vals.get("buffer_before") or 0),
            stop=stop + timedelta(minutes=vals.get("buffer_after") or 0),
            practitioner=vals.get("practitioner_id") or None,
            room=vals.get("room_id") or None,
            patient=vals.get("patient_id") or None,
            equipment=[
                key[1] for key in self._lock_keys_of(vals) if key[0] == LOCK_EQUIPMENT
            ],
        )
        try:
            self.env.cr.execute(query, log_exceptions=False)
        except psycopg2.errors.SerializationFailure:
            # Whoever ended this hold a moment ago did it to take its time.
            raise SlotTaken(
                self.env._("This time was just taken."), "practitioner"
            ) from None
        expired = self.browse(row[0] for row in self.env.cr.fetchall())
        expired.invalidate_recordset(["state", "hold_expires_at"])

    @api.model_create_multi
    def create(self, vals_list):
        """Book: complete the values, take the locks, let the database decide.

        :raises SlotTaken: a resource is busy; nothing was written
        :raises ValidationError: something is missing or impossible
        """
        vals_list = self._take_given(vals_list)
        prepared = self._prepare_bookings(vals_list)
        self._check_begin(prepared)
        keys = set().union(*map(self._lock_keys_of, prepared))
        with self._allocate(keys) as holds_expired:
            for vals in prepared if holds_expired and not self._is_history() else ():
                self._free_expired_holds(vals)
            self._check_patients(prepared)
            # sudo: clinic.appointment - the price is written by who may not see it;
            # the user's rights are checked before and after.
            # The history is clinic.appointment.event; a chatter message for each new
            # visit would cost six times the row itself.
            visits = super(
                ClinicAppointment,
                self._past_the_gate().with_context(
                    mail_create_nolog=True,
                    mail_create_nosubscribe=True,
                    tracking_disable=True,
                    # One column of the service and of the company, not all of them.
                    prefetch_fields=False,
                    clinic_following=[
                        {name: vals[name] for name in FOLLOWING} for vals in prepared
                    ],
                ),
            ).create(prepared)
            visits.flush_recordset()
        visits = visits.with_env(self.env)
        visits.check_access("create")
        visits._record_created()
        visits._announce()
        return visits

    @api.model
    def _given_fields(self):
        """Extension point: names of the fields that may be given when booking."""
        return GIVEN

    @api.model
    def _take_given(self, vals_list):
        """What the user gave, checked; what follows anyway is left out.

        ``create`` writes with ``sudo()``: nothing passes here that the user could not
        write, and nothing that reaches into another record.

        :raises AccessError: the model, a field or a record given is not for the user
        :raises UserError: the visit would begin in the middle of its life
        """
        self.browse().check_access("create")
        if self.env.su:
            return vals_list
        taken = [
            {name: value for name, value in vals.items() if name not in FOLLOWING}
            for vals in vals_list
        ]
        for name in set().union(*taken) & self._given_fields():
            if self._fields[name].groups:
                self._check_field_access(self._fields[name], "write")
        patients = {vals.get("patient_id") for vals in taken} - {None, False}
        if all(type(each) is int for each in patients):
            # sudo: res.partner - what the rules and the checks below ask, in one query
            cards = self.env["res.partner"].sudo().browse(patients)
            cards.fetch(["is_patient", "company_id", "partner_share"])
        tied = () if any(vals.get("overbooked") for vals in taken) else TIED
        self._admit(taken, self._given_fields(), unchecked=tied)
        if any(vals.get("state") not in (None, *FIRST_STATES) for vals in taken):
            raise UserError(
                self.env._(
                    "A new visit is booked or confirmed: book it, and take it further "
                    "afterwards."
                )
            )
        return taken

    def write(self, vals):
        """Move, resize, change state: the same locks, and an event for each change.

        :raises SlotTaken: the new time is taken; the visit stays as it was
        :raises UserError: this state cannot follow the present one, or not yet
        """
        self._check_given([vals])
        if not ALLOCATING & vals.keys():
            result = super().write(vals)
            if vals.keys() & {"service_id", "location_id", "regime", "coverage_id"}:
                self._announce()
            return result
        self._check_transition(vals)
        self._check_timely(vals)
        prepared = self._prepare_change(vals)
        self._check_change(prepared)
        before = {visit.id: visit._facts() for visit in self}
        self._announce()
        keys = self._lock_keys() | self._lock_keys_of(prepared)
        with self._allocate(keys) as holds_expired:
            for visit in self if holds_expired else ():
                changed = visit._snapshot() | prepared
                if changed["state"] in BLOCKING:
                    visit._free_expired_holds(changed)
            self._check_patients(self._newly_claimed(prepared))
            quiet = self.with_context(tracking_disable=True)
            result = super(ClinicAppointment, quiet).write(vals)
            follows = {
                name: value
                for name, value in prepared.items()
                if name not in vals or vals[name] != value
            }
            if follows:
                super(ClinicAppointment, quiet._ours()).write(follows)
            self.flush_recordset()
        self._record_changes(before)
        self._announce()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_only_discarded(self):
        if not is_ours(self.env.context, "clinic_discard"):
            raise UserError(
                self.env._("A visit is not deleted: cancel it, and its history stays.")
            )
