"""The board of a pipeline with 100,000 open deals, against Odoo's own with 1,000.

Both are asked what the web client asks when a kanban view opens: the columns with the
first 80 cards of each, and the bars on top of them.
"""

from xml.etree import ElementTree

import dataset
from lab import Result, env_of, medians, ms, say

DEALS, LEADS = 100_000, 1_000
#: What the web client reads of an activity widget besides its own field.
ACTIVITY = (
    "activity_exception_decoration",
    "activity_exception_icon",
    "activity_state",
    "activity_summary",
    "activity_type_icon",
    "activity_type_id",
)


def fill(env, count):
    """Open deals with a next step each, and opportunities likewise."""
    dataset.make_patients(env.cr, count)
    cr = env.cr
    team = env.ref("clinic_pipeline.team_appointments")
    user = env.ref("base.user_admin")
    cr.execute(
        """
        INSERT INTO crm_lead (name, patient_id, team_id, pipeline, stage_id, type,
            active, is_open, priority, won_status, probability, automated_probability,
            user_id, date_last_stage_update, create_date, write_date, next_step_date)
        SELECT 'Visit', card.id, %(team)s, 'appointments', stage.id, 'opportunity',
               TRUE, TRUE, '0', 'pending', 0, 0, %(user)s, NOW() - interval '20 hours',
               NOW(), NOW(), CURRENT_DATE + (card.id %% 5)::int - 2
          FROM (SELECT id, row_number() OVER (ORDER BY id) AS n FROM res_partner
                 WHERE is_patient ORDER BY id LIMIT %(count)s) card
          JOIN (SELECT id, row_number() OVER (ORDER BY sequence) AS n FROM crm_stage
                 WHERE pipeline = 'appointments' AND NOT COALESCE(is_won, FALSE)
                   AND NOT COALESCE(is_lost, FALSE)) stage
            ON stage.n = 1 + card.n %% 5
        """,
        {"team": team.id, "user": user.id, "count": count},
    )
    sales = env.ref("sales_team.team_sales_department", raise_if_not_found=False)
    cr.execute(
        """
        INSERT INTO crm_lead (name, partner_id, team_id, stage_id, type, active,
            priority, won_status, probability, automated_probability, user_id,
            date_last_stage_update, create_date, write_date, expected_revenue)
        SELECT 'Sale ' || card.n, card.id, %(team)s, stage.id, 'opportunity', TRUE, '0',
               'pending', 10, 10, %(user)s, NOW() - interval '20 hours', NOW(), NOW(),
               100
          FROM (SELECT id, row_number() OVER (ORDER BY id) AS n FROM res_partner
                 WHERE is_patient ORDER BY id LIMIT %(count)s) card
          JOIN (SELECT id, row_number() OVER (ORDER BY sequence, id) AS n
                  FROM crm_stage WHERE pipeline IS NULL AND NOT COALESCE(is_won, FALSE)
                 LIMIT 3) stage
            ON stage.n = 1 + card.n %% 3
        """,
        {"team": sales.id if sales else None, "user": user.id, "count": LEADS},
    )
    cr.execute(
        """
        INSERT INTO mail_activity (res_model_id, res_model, res_id, res_name,
            activity_type_id, summary, date_deadline, user_id, user_tz, automated,
            active, create_uid, create_date, write_date)
        SELECT %s, 'crm.lead', lead.id, lead.name, %s, 'Next step',
               COALESCE(next_step_date, CURRENT_DATE + lead.id %% 5 - 2), %s, 'UTC',
               TRUE, TRUE, 1, NOW(), NOW()
          FROM crm_lead lead WHERE type = 'opportunity'
        """,
        [
            env["ir.model"]._get_id("crm.lead"),
            env.ref("mail.mail_activity_data_todo").id,
            user.id,
        ],
    )
    for table in ("crm_lead", "mail_activity", "res_partner"):
        dataset.vacuum(cr, table)
    env.invalidate_all()


def board(env, view, domain, **context):
    """A function that opens a kanban view as the web client does."""
    model = env["crm.lead"].with_context(read_group_expand=True, **context)
    arch = ElementTree.fromstring(
        model.get_view(env.ref(view).id, "kanban")["arch"].encode()
    )
    names = dict.fromkeys(node.get("name") for node in arch.iter("field"))
    if "activity_ids" in names:
        names |= dict.fromkeys(ACTIVITY)
    specification = {
        name: {"fields": {} if name == "activity_ids" else {"display_name": {}}}
        if model._fields[name].relational
        else {}
        for name in names
    }
    bar = arch.find("progressbar")
    sums = [
        f"{bar.get(name)}:sum"
        for name in ("sum_field", "recurring_revenue_sum_field")
        if bar.get(name)
    ]
    colors = ("planned", "today", "overdue", "none")

    def opens():
        env.invalidate_all()
        answer = model.web_read_group(
            domain,
            ["stage_id"],
            sums,
            auto_unfold=True,
            opening_info=[],
            unfold_read_specification=specification,
            unfold_read_default_limit=80,
        )
        model.read_progress_bar(
            domain, "stage_id", {"field": bar.get("field"), "colors": colors}
        )
        return answer

    return opens


def counted(answer):
    """How many records a board says it has."""
    return sum(group["__count"] for group in answer["groups"])


def measure(name, repeats, count=DEALS):
    """The row of the table."""
    say(f"filling {count:,} deals …")
    with env_of(name) as env:
        fill(env, count)
    with env_of(name, user=2) as env:
        yield from compare(env, repeats, count)


def compare(env, repeats, count):
    """Open both boards in turn, and the clinic's overview."""
    team = env.ref("clinic_pipeline.team_appointments")
    own = board(
        env,
        "clinic_pipeline.clinic_deal_view_kanban",
        [("pipeline", "=", "appointments"), ("is_open", "=", True)],
        default_team_id=team.id,
    )
    peer = board(
        env,
        "crm.crm_case_kanban_view_leads",
        [("type", "=", "opportunity"), ("pipeline", "=", False)],
    )
    teams = env["crm.team"].search([("pipeline", "!=", False)])

    def overview():
        env.invalidate_all()
        teams.mapped("stuck_deal_count")

    assert counted(own()) == count
    assert counted(peer()) == LEADS
    taken = medians(repeats, peer=peer, product=own, overview=overview)
    yield Result(
        "pipeline board opens",
        f"{count:,}",
        f"{ms(taken['peer'])} ({LEADS:,})",
        "",
        ms(taken["product"]),
        taken["product"] / taken["peer"],
        "<= 2",
        "Odoo's own board with 1,000 opportunities",
    )
    yield Result(
        "overview of the pipelines",
        f"{count:,}",
        "",
        "",
        ms(taken["overview"]),
        note="seven counters of four pipelines",
    )
