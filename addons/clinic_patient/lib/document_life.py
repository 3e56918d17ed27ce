"""Documents of patients: what kinds there are, and the life of one."""

KINDS = [
    ("contract", "Contract"),
    ("consent", "Informed consent"),
    ("act", "Act of services done"),
    ("certificate", "Certificate"),
    ("privacy", "Privacy notice"),
    ("title", "Title page of the card"),
    ("other", "Other"),
]

STATES = [("issued", "Issued"), ("signed", "Signed"), ("void", "Void")]

#: ``{from: states that may follow}``
TRANSITIONS = {"issued": {"signed", "void"}, "signed": {"void"}, "void": set()}

#: What the patient sees in the portal.
SHOWN = ("issued", "signed")
