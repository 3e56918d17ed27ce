"""Who sees the fields that the suite adds to models of Odoo: groups of fields.

Whoever has no role of the clinic must notice nothing of them, so each such field has
groups; a generated test looks at all.
"""

#: Who sets up the clinic.
ADMINISTRATOR_GROUPS = "clinic_base.group_clinic_administrator"
