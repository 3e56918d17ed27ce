"""Who sees the fields that the suite adds to models of Odoo: groups of fields.

Whoever has no role of the clinic must notice nothing of them, so each such field has
one of these, or is for administrators; a generated test looks at all.
"""

#: The staff of the clinic, whatever their role.
STAFF_GROUPS = "clinic_patient.group_clinic_user"
#: The staff, patients in the portal, who read their own card, and visitors of the
#: website, who type what becomes one.
PERSON_GROUPS = f"{STAFF_GROUPS},base.group_portal,base.group_public"
