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


def personas(env):
    """{name: user} of every role, of an employee without one, of a patient."""
    groups = {role: f"clinic_patient.group_clinic_{role}" for role in ROLES}
    groups |= {"no_role": "base.group_user", "patient": "base.group_portal"}
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
    return HEAD + "\n".join(lines) + "\n"


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
