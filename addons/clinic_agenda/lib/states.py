"""The life of an appointment: its states, and which may follow which.

Plain data, shared by the model, the SQL of the free times and the tests.
"""

#: Who may cancel a visit.
CANCELLERS = [("patient", "Patient"), ("clinic", "Clinic")]

#: In order of a visit's life. FHIR R4 ``AppointmentStatus`` where it has a word.
STATES = [
    ("held", "Held"),
    ("booked", "Booked"),
    ("rescheduled", "Rescheduled"),
    ("confirmed", "Confirmed"),
    ("arrived", "Arrived"),
    ("in_room", "In room"),
    ("done", "Done"),
    ("closed", "Closed by cashier"),
    ("no_show", "No-show"),
    ("cancelled", "Cancelled"),
    ("expired", "Hold expired"),
]

#: States in which practitioner, room, equipment and patient are taken.
BLOCKING = (
    "held",
    "booked",
    "rescheduled",
    "confirmed",
    "arrived",
    "in_room",
    "done",
    "closed",
)

#: The same as an SQL list, for constraints and partial indexes.
BLOCKING_SQL = "({})".format(", ".join(f"'{state}'" for state in BLOCKING))

#: The same without a hold, which is nobody's visit yet.
TAKEN = BLOCKING[1:]

#: Visits that are still to come and may be moved.
UPCOMING = ("held", "booked", "rescheduled", "confirmed")

#: The same without a hold: what a patient has ahead.
AHEAD = UPCOMING[1:]

#: Visits that never came to be one: shown nowhere, counted nowhere.
NEVER_BOOKED = ("held", "expired")

#: Neither these nor cancelled: the patient came, is expected, or did not come.
NOT_MEANT = (*NEVER_BOOKED, "cancelled")

#: ``{from: states that may follow}``. Steps back undo a wrong click at the desk.
TRANSITIONS = {
    "held": {"booked", "confirmed", "cancelled", "expired"},
    "booked": {"confirmed", "rescheduled", "arrived", "cancelled", "no_show"},
    "rescheduled": {"booked", "confirmed", "arrived", "cancelled", "no_show"},
    "confirmed": {"booked", "rescheduled", "arrived", "cancelled", "no_show"},
    "arrived": {"booked", "rescheduled", "confirmed", "in_room", "done", "no_show"},
    "in_room": {"arrived", "done"},
    "done": {"in_room", "closed"},
    "closed": {"done"},
    "no_show": {"booked", "confirmed", "arrived"},
    "cancelled": {"booked"},
    "expired": set(),
}

#: States that say the patient is or was here, in the order of the day. They are true on
#: the visit's day at the earliest; *no-show* is true after the start at the earliest.
HERE = ("arrived", "in_room", "done", "closed")

#: States of a visit that took place, and of one that still stands.
FINISHED = ("done", "closed")
PLANNED = ("booked", "rescheduled", "confirmed", "arrived", "in_room")
FINISHED_SQL = "({})".format(", ".join(f"'{state}'" for state in FINISHED))
PLANNED_SQL = "({})".format(", ".join(f"'{state}'" for state in PLANNED))
