"""The life of a treatment plan: its states, which may follow which, and who may do it.

Plain data, shared by the model, its views and the tests.
"""

STATES = [
    ("draft", "Draft"),
    ("submitted", "Waiting for approval"),
    ("approved", "Approved"),
    ("presented", "Presented"),
    ("accepted", "Accepted"),
    ("signed", "Contract signed"),
    ("refused", "Refused"),
    ("done", "Treatment finished"),
    ("replaced", "Replaced by a newer version"),
]

#: ``{from: states that may follow}``. *Submitted* goes back to draft with the chief
#: doctor's remarks; a plan that was approved changes only as a new version.
TRANSITIONS = {
    "draft": {"submitted", "replaced"},
    "submitted": {"draft", "approved", "replaced"},
    "approved": {"presented", "replaced"},
    "presented": {"accepted", "refused", "replaced"},
    "accepted": {"signed", "refused", "replaced"},
    "signed": {"done", "replaced"},
    "refused": {"replaced"},
    "done": {"signed"},
    "replaced": set(),
}

#: States in which lines, prices and stages may still be written.
EDITABLE = ("draft",)

#: What the patient sees in the portal.
SHOWN = ("presented", "accepted", "signed", "refused", "done")

#: The patient decides in these.
OPEN = ("presented", "accepted")
