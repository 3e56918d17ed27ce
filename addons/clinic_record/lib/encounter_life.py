"""The life of an encounter, and what is measured in it.

FHIR R4 ``Encounter.status``: a draft is *in-progress*, everything signed *finished*.
"""

STATES = [
    ("draft", "Being written"),
    ("signed", "Signed, to review"),
    ("returned", "Returned with a remark"),
    ("reviewed", "Reviewed"),
]

#: What the patient may see in the portal, where the clinic allows it.
SHOWN = ("signed", "reviewed")

#: What is written at the encounter and never changes once it is signed.
TEXTS = ("complaint", "history", "examination", "plan")

#: ``{field: (lowest, highest, unit)}``: outside lies a slip of the keyboard.
VITALS = {
    "systolic": (40, 300, "mmHg"),
    "diastolic": (20, 200, "mmHg"),
    "heart_rate": (20, 300, "/min"),
    "respiratory_rate": (4, 100, "/min"),
    "temperature": (25, 45, "°C"),
    "oxygen_saturation": (30, 100, "%"),
    "height": (20, 260, "cm"),
    "weight": (0.2, 500, "kg"),
}
CONTENT = frozenset(
    {
        *TEXTS,
        *VITALS,
        "patient_id",
        "practitioner_id",
        "company_id",
        "template_id",
        "start",
        "stop",
        "diagnosis_ids",
        "medication_ids",
    }
)
#: Written by the buttons only.
LIFE = frozenset({"state", "signed_on", "reviewed_by_id", "reviewed_on", "name"})

#: Who reads the medical record at all; rules decide whose.
RECORD_GROUPS = (
    "clinic_patient.group_clinic_practitioner,clinic_patient.group_clinic_chief_doctor"
)
