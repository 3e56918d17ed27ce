"""The life of a diagnostic report: its states, and which may follow which.

Plain data, shared by the model, its views and the tests.
"""

#: FHIR R4 ``DiagnosticReport.status``; *withdrawn* is FHIR's ``entered-in-error``.
STATUSES = [
    ("registered", "Expected"),
    ("preliminary", "Preliminary"),
    ("final", "Final"),
    ("amended", "Amended"),
    ("withdrawn", "Withdrawn"),
]

#: ``{from: states that may follow}``. What was withdrawn may be made available again.
TRANSITIONS = {
    "registered": {"preliminary", "final", "withdrawn"},
    "preliminary": {"final", "withdrawn"},
    "final": {"amended", "withdrawn"},
    "amended": {"withdrawn"},
    "withdrawn": {"final", "amended", "preliminary", "registered"},
}

#: Results that may be given to the patient.
COMPLETE = ("final", "amended")

#: Where a report is on its way to the patient.
DELIVERIES = [
    ("preparing", "Being prepared"),
    ("review", "Waits for review"),
    ("scheduled", "Waits for its day"),
    ("ready", "Ready, not read"),
    ("read", "Read"),
    ("ended", "No longer online"),
    ("desk", "To hand over at the desk"),
    ("handed_over", "Handed over"),
    ("withdrawn", "Withdrawn"),
]

POLICIES = [
    ("at_once", "At once"),
    ("after_review", "After the doctor's review"),
    ("after_days", "After some days, or the doctor's review"),
]
