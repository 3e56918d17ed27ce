"""Who may do what: the rights as the database has them, against the documentation."""

import os

import pytest

from command import place

DOCUMENT = place.ROOT / "docs" / "access.md"
ROLES = (
    "administrator",
    "manager",
    "chief_doctor",
    "practitioner",
    "receptionist",
    "coordinator",
    "operator",
    "supervisor",
    "marketing",
    "cashier",
    "client_representative",
)
OPERATIONS = {"read": "r", "write": "w", "create": "c", "unlink": "d"}
HEAD = """\
# Rights by role and kind of record

Made from the database by `tests/test_access_document.py`, which fails when this page
and the rights differ; `CLINIC_SCREENSHOTS=1 ./clinic test` writes it anew.

`r` read, `w` change, `c` create, `d` delete. A star says that record rules narrow it
further for this role, for example to own locations, own patients or own deals. Fields
with rights of their own (money, diagnoses) are in [roles.md](roles.md).

"""

HEALTH = """
## Health data by role and way

Fields that tell of somebody's health (`env["clinic.health.fields"]._all()`), and who
reads them. A dash: the role has no right to the kind of record, or not to the field.
Record rules narrow it further where the table above has a star.

"""
WAYS = """
Searching, ordering, grouping and exporting follow the same rights: a field that a role
does not read is no condition, no order, no group and no column for it, also at the end
of a path through other records, and inside segments, journeys, recalls and filters that
somebody else evaluates. `clinic_recall/tests/test_health_oracle.py` asks every such
question as every role. Outside the clinic, `clinic.shown` says what a person sees of a
patient; the portal, the copy of the data, the calendar feed and the mails about reports
use it alone (`clinic_suite/tests/test_shown.py`).
"""
READING = """
## Which look leaves a line in the access log

Each role alike; who may not look at all is in the tables above. One line for a reader,
a patient and a kind of record in an hour; exports, downloads, emergency access and
erasures each time. `clinic_suite/tests/test_reading.py` tries every kind by every way.

"""
#: How somebody looks, and what it leaves.
LOOKS = (
    (
        "a form, `read`, `web_read`, of one patient card with more than names",
        "Opened the card, once an hour",
    ),
    (
        "`read`, `web_read`, `search_read`, `web_search_read`, of one or "
        "many records, with a field of the table below; also inside the "
        "form of another record",
        "Read health data, once an hour for each patient",
    ),
    (
        "`export_data`, with such a field, or any but the name of a patient"
        " card; each kind of record that a column leads through",
        "Had the data exported, each time",
    ),
    (
        "`formatted_read_group`, `formatted_read_grouping_sets`, "
        "`web_read_group`, by such a field (lists by group, pivots, graphs)",
        "Counted by health data, once an hour, without a patient: numbers "
        "name nobody, and the records of a group are read by the ways above",
    ),
    (
        "the timeline of a card",
        "Read health data, once an hour",
    ),
    (
        "a paper (`/report/pdf`, `/report/html`, mailed ones) of such a record",
        "Read health data, once an hour",
    ),
    (
        "a file that hangs on such a record (`/web/content`, `/web/image`)",
        "Read health data, once an hour",
    ),
    (
        "the file of a report",
        "Opened a report, once an hour; each opening, refused ones too, in "
        "`clinic.report.access`",
    ),
    (
        "a page of the portal with reports",
        "Opened a report, once an hour; of wards only the patient sees the line",
    ),
    (
        "a page of the portal with documents, encounters, treatment plans, "
        "complaints, messages, consents",
        "Read in the portal, once an hour",
    ),
    (
        "the copy of the data",
        "Had the data exported, Downloaded the data, each time",
    ),
    (
        "an emergency access, an erasure",
        "each time",
    ),
    (
        "`name_search`, and the name of a record shown in another one",
        "no line: a list of names is no look into the record; a name that "
        "itself tells of health, as that of a report, is logged when it is "
        "searched for",
    ),
    (
        "`search`, `search_count` with a condition on health",
        "no line: only who may read the answer may ask, and opening what "
        "was found is logged",
    ),
    (
        "pages of visits, the calendar feed, the day sheet",
        "no line: they tell when somebody comes, not what is found",
    ),
    (
        "notes of the card (chatter)",
        "no line of their own: they stand in the form, which is logged",
    ),
    (
        "steps of the suite itself, with `sudo`",
        "no line: nobody looks",
    ),
)


def personas(env):
    """{name: user} of every role, of an employee without one, of a patient."""
    groups = {role: f"clinic_patient.group_clinic_{role}" for role in ROLES}
    groups |= {
        "administrator": "clinic_base.group_clinic_administrator",
        "no_role": "base.group_user",
        "patient": "base.group_portal",
    }
    return {
        name: env["res.users"]
        .with_context(no_reset_password=True)
        .create(
            {
                "name": f"Rights of {name}",
                "login": f"rights_of_{name}",
                "group_ids": [(6, 0, env.ref(group).ids)],
            }
        )
        for name, group in groups.items()
    }


def is_narrowed(env, model, user):
    """Whether rules keep some records from this user; those of companies left out."""
    from odoo.fields import Domain
    from odoo.tools.safe_eval import safe_eval

    rules = env["ir.rule"].search(
        [("model_id.model", "=", model), ("perm_read", "=", True)]
    )
    rules = rules.filtered(lambda rule: "company_ids" not in (rule.domain_force or ""))
    context = env["ir.rule"].with_user(user)._eval_context()

    def domain(rule):
        return Domain(safe_eval(rule.domain_force or "[]", context))

    own = rules.filtered(lambda rule: rule.groups & user.all_group_ids)
    for_all = rules.filtered(lambda rule: not rule.groups)
    narrowed = Domain.AND(map(domain, for_all))
    if own:
        narrowed &= Domain.OR(map(domain, own))
    # Rules on models of Odoo stand in the code.
    narrowed &= env[model].with_user(user)._clinic_rule(Domain.TRUE, "read")
    return not narrowed.is_true()


def document(env):
    """The page, from the rights of the registry."""
    users = personas(env)
    models = sorted(
        name
        for name, model in env.registry.items()
        if (model._module or "").startswith("clinic_")
        and not model._abstract
        and not model._transient
        and model._auto
    )
    names = [name.replace("_", " ") for name in users]
    lines = [f"| | {' | '.join(names)} |", "|---" * (len(users) + 1) + "|"]
    for name in [*models, "res.partner", "crm.lead"]:
        cells = []
        for user in users.values():
            records = env[name].with_user(user)
            letters = "".join(
                letter
                for operation, letter in OPERATIONS.items()
                if records.has_access(operation)
            )
            star = letters and is_narrowed(env, name, user)
            cells.append(letters + ("\\*" if star else ""))
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return (
        HEAD
        + "\n".join(lines)
        + "\n"
        + HEALTH
        + health_table(env, users)
        + WAYS
        + READING
        + looks_table()
        + reading_table(env)
    )


def health_table(env, users):
    """Fields that tell of health by role."""
    fields = {}
    for model, name in sorted(env["clinic.health.fields"]._all()):
        fields.setdefault(model, []).append(name)
    lines = [
        f"| | | {' | '.join(name.replace('_', ' ') for name in users)} |",
        "|---" * (len(users) + 2) + "|",
    ]
    for model, names in fields.items():
        by_readers = {}
        for name in names:
            cells = tuple(
                may_read(env[model].with_user(u), name) for u in users.values()
            )
            by_readers.setdefault(cells, []).append(name)
        lines += [
            f"| {model} | {', '.join(same)} | {' | '.join(cells)} |"
            for cells, same in by_readers.items()
        ]
    return "\n".join(lines) + "\n"


def may_read(records, name):
    """«r» or a dash."""
    allowed = records.has_access("read") and records._has_field_access(
        records._fields[name], "read"
    )
    return "r" if allowed else "–"


def looks_table():
    """Ways to look, as a table."""
    lines = ["| Way | Line |", "|---|---|"]
    lines += [f"| {way} | {line} |" for way, line in LOOKS]
    return "\n".join(lines) + "\n\n"


def reading_table(env):
    """Kinds of records, and by which fields a look at them is noticed, or why not."""
    reading = env["clinic.reading"]
    lines = ["| Kind of record | A look is |", "|---|---|"]
    for model in sorted(reading._readings()):
        names = reading._of(model)[1]
        told = "all but names" if names is None else ", ".join(sorted(names))
        lines.append(f"| {model} | {told} |")
    lines += [
        f"| {model} | not logged: {why} |"
        for model, why in sorted(reading._unlogged().items())
    ]
    return "\n".join(lines) + "\n"


@pytest.mark.slow
def test_rights_are_as_documented(site):
    """OPS-01: the rights of every role on every kind of record are those of the
    documentation, in both directions."""
    with site.env() as env:
        found = document(env)
        env.cr.rollback()
    if os.environ.get("CLINIC_SCREENSHOTS") == "1":
        DOCUMENT.write_text(found)
    assert DOCUMENT.read_text() == found
