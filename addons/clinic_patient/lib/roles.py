"""Who sees the fields that the suite adds to models of Odoo: groups of fields.

Whoever has no role of the clinic must notice nothing of them, so each such field has
one of these, or is for administrators; a generated test looks at all.
"""

#: The staff of the clinic, whatever their role.
STAFF_GROUPS = "clinic_patient.group_clinic_user"
#: The staff, patients in the portal, who read their own card, and visitors of the
#: website, who type what becomes one.
PERSON_GROUPS = f"{STAFF_GROUPS},base.group_portal,base.group_public"
#: Who sees sums of money.
MONEY_GROUPS = "clinic_patient.group_clinic_money"
#: Who reads what is known of a patient's health outside the medical record.
CARE_GROUPS = (
    "clinic_patient.group_clinic_practitioner,clinic_patient.group_clinic_chief_doctor,"
    "clinic_patient.group_clinic_manager"
)
#: Who works with what people ask; marketing sees how many ask and not what for.
ENQUIRY_TEXT_GROUPS = (
    "clinic_patient.group_clinic_receptionist,clinic_patient.group_clinic_coordinator,"
    "clinic_patient.group_clinic_operator,clinic_patient.group_clinic_practitioner"
)
