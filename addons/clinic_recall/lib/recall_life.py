"""The life of a recall: its states, its triggers, what an attempt may end with.

Plain data, shared by the models, their SQL, the views' searches and the tests.
"""

#: In order of the board.
STATES = [
    ("later", "Due later"),
    ("due", "Due"),
    ("overdue", "Overdue"),
    ("contacted", "Contacted"),
    ("booked", "Booked"),
    ("declined", "Declined"),
    ("unreachable", "Unreachable"),
    ("closed", "Closed"),
]

#: States in which somebody still has to reach the patient.
OPEN = ("later", "due", "overdue", "contacted")
#: States in which the next attempt is to be made as soon as its day has come.
WORKABLE = ("due", "overdue", "contacted")

TRIGGERS = [
    ("visit", "A visit is done"),
    ("people", "Patients like these, again and again"),
    ("birthday", "A birthday"),
    ("treatment_end", "A treatment ends (discharge)"),
    ("no_show", "A patient did not come"),
    ("cancelled", "A visit is cancelled and not booked again"),
    ("enquiry", "Somebody enquired and did not book"),
    ("hand", "By hand"),
]

#: Triggers whose causes are visits in these states.
VISIT_STATES = {
    "visit": ("done", "closed"),
    "no_show": ("no_show",),
    "cancelled": ("cancelled",),
}

#: Why a recall was closed; ``hand`` is for ever, the others follow from the facts.
CLOSE_REASONS = [
    ("came", "Came"),
    ("superseded", "Replaced by a newer recall"),
    ("cause_gone", "What caused it was undone"),
    ("hand", "Closed by hand"),
]

#: What an attempt ended with.
RESULTS = [
    ("queued", "Message on its way"),
    ("sent", "Message sent"),
    ("not_sent", "Message not sent"),
    ("no_answer", "No answer"),
    ("wrong_number", "Wrong number"),
    ("later", "Asked to be called later"),
    ("declined", "Declined"),
    ("booked", "Booked"),
]
#: Results after which the patient was spoken with.
REACHED = ("later", "declined", "booked")

#: A visit that nobody marked as come or missed counts as booked so long.
FORGOTTEN_DAYS = 7
#: Recalls of people and birthdays are made so many days before they are due.
AHEAD_DAYS = 31
