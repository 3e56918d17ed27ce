"""Inside the peer's Odoo: fill it, and time its own function. Talks over a pipe."""

import json
import os
import sys
import time
from datetime import datetime, timedelta


def fill(env, practitioners, days, first_day):
    """The clinic of dataset.py in the peer's terms.

    One type of booking with one combination for each practitioner, who is a user:
    that is the peer's quickest arrangement. Visits are meetings with a booking.
    """
    calendar = env["resource.calendar"].create(
        {
            "name": "Bench",
            "tz": "UTC",
            "attendance_ids": [(5,)]
            + [
                (
                    0,
                    0,
                    {
                        "name": f"{day} {start}",
                        "dayofweek": str(day),
                        "hour_from": start,
                        "hour_to": stop,
                        "day_period": period,
                    },
                )
                for day in range(7)
                for start, stop, period in (
                    (9, 13, "morning"),
                    (14, 18, "afternoon"),
                )
            ],
        }
    )
    users = (
        env["res.users"]
        .with_context(no_reset_password=True, tracking_disable=True)
        .create(
            [
                {"name": f"Practitioner {n:04d}", "login": f"bench{n}", "tz": "UTC"}
                for n in range(practitioners)
            ]
        )
    )
    resources = env["resource.resource"].create(
        [
            {
                "name": user.name,
                "resource_type": "user",
                "user_id": user.id,
                "calendar_id": calendar.id,
                "tz": "UTC",
            }
            for user in users
        ]
    )
    combinations = env["resource.booking.combination"].create(
        [{"resource_ids": [(6, 0, resource.ids)]} for resource in resources]
    )
    kind = env["resource.booking.type"].create(
        {
            "name": "Bench visit",
            "resource_calendar_id": calendar.id,
            "duration": 20 / 60,
            "slot_duration": 20 / 60,
            "modifications_deadline": 0,
            "combination_rel_ids": [
                (0, 0, {"combination_id": combination.id})
                for combination in combinations
            ],
        }
    )
    client = env["res.partner"].create({"name": "Bench patient"})
    env.flush_all()
    insert_meetings(env, kind, combinations, first_day, days)
    booking = env["resource.booking"].create(
        {"type_id": kind.id, "partner_ids": [(6, 0, client.ids)]}
    )
    env.cr.commit()
    env.cr.execute("ANALYZE")
    env.cr.commit()
    return {"booking": booking.id, "token": booking._portal_ensure_token()}


def insert_meetings(env, kind, combinations, first_day, days):
    """Meetings, bookings and attendees of the same visits as in dataset.py."""
    env.cr.execute(
        """
        CREATE TEMP TABLE visit ON COMMIT DROP AS
        SELECT row_number() OVER () + (SELECT COALESCE(max(id), 0)
                                         FROM calendar_event) AS id,
               u.partner_id, c.id AS combination_id, t AS start
          FROM resource_booking_combination c
          JOIN resource_booking_combination_resource_resource_rel link
            ON link.resource_booking_combination_id = c.id
          JOIN resource_resource r ON r.id = link.resource_resource_id
          JOIN res_users u ON u.id = r.user_id
         CROSS JOIN generate_series(0, %(days)s - 1) d
         CROSS JOIN (VALUES (9, 13), (14, 18)) span(a, b)
         CROSS JOIN LATERAL generate_series(
               %(first)s + d * interval '1 day' + span.a * interval '1 hour',
               %(first)s + d * interval '1 day' + span.b * interval '1 hour'
                   - interval '20 minutes', interval '20 minutes') t
         WHERE c.id = ANY(%(combinations)s)
           AND abs(hashint4(c.id - %(offset)s)
                   + hashtext(t::text)::bigint) %% 100 < 70
        """,
        {
            "days": days,
            "first": first_day,
            "combinations": combinations.ids,
            "offset": min(combinations.ids) - 1,
        },
    )
    env.cr.execute(
        """
        INSERT INTO calendar_event (id, name, start, stop, duration, active, allday,
            show_as, privacy, user_id, create_uid, write_uid, create_date, write_date)
        SELECT id, 'Bench visit', start, start + interval '20 minutes', 20 / 60.0, TRUE,
               FALSE, 'busy', 'public', 1, 1, 1, now(), now() FROM visit;
        SELECT setval('calendar_event_id_seq', (SELECT max(id) FROM calendar_event));
        INSERT INTO calendar_event_res_partner_rel (calendar_event_id, res_partner_id)
        SELECT id, partner_id FROM visit;
        INSERT INTO calendar_attendee (event_id, partner_id, state, create_uid,
                                       write_uid, create_date, write_date)
        SELECT id, partner_id, 'accepted', 1, 1, now(), now() FROM visit;
        """
    )
    env.cr.execute(
        """
        INSERT INTO resource_booking (meeting_id, combination_id, type_id, state,
            start, stop, duration, active, user_id, combination_auto_assign,
            create_uid, write_uid, create_date, write_date)
        SELECT id, combination_id, %s, 'confirmed', start,
               start + interval '20 minutes', 20 / 60.0, TRUE, 1, TRUE, 1, 1, now(),
               now() FROM visit
        """,
        [kind.id],
    )


def month(env, booking, first_day):
    """Time the function behind the peer's page."""
    import pytz

    record = env["resource.booking"].sudo().browse(booking).with_context(tz="UTC")
    env.invalidate_all()
    start = pytz.utc.localize(first_day)
    began = time.perf_counter()
    found = record._get_available_slots(start, start + timedelta(days=30))
    seconds = time.perf_counter() - began
    return {"seconds": seconds, "count": sum(map(len, found.values()))}


def pending(env, count, combination_index):
    """Bookings without a time, each for one practitioner: {id, token} of each."""
    kind = env["resource.booking.type"].search([("name", "=", "Bench visit")])
    combination = kind.combination_rel_ids.combination_id[combination_index]
    client = env["res.partner"].search([("name", "=", "Bench patient")])
    bookings = env["resource.booking"].create(
        [
            {
                "type_id": kind.id,
                "partner_ids": [(6, 0, client.ids)],
                "combination_id": combination.id,
                "combination_auto_assign": False,
            }
            for _number in range(count)
        ]
    )
    answer = [[b.id, b._portal_ensure_token()] for b in bookings]
    env.cr.commit()
    return answer


def main():
    """Answer questions until the pipe closes."""
    answers, sys.stdout = sys.stdout, sys.stderr
    from odoo import api, tools
    from odoo.modules.registry import Registry

    os.environ.pop("PYTHONWARNINGS", None)
    tools.config.parse_config(sys.argv[1:], setup_logging=True)
    registry = Registry(tools.config["db_name"][0])
    facts, first_day = {}, None
    with registry.cursor() as cursor:
        env = api.Environment(cursor, 1, {"tz": "UTC", "tracking_disable": True})
        for line in sys.stdin:
            question, values = json.loads(line)
            if question == "fill":
                first_day = datetime.fromisoformat(values.pop("first_day"))
                facts = answer = fill(env, first_day=first_day, **values)
            elif question == "month":
                answer = month(env, facts["booking"], first_day)
            else:
                answer = pending(env, **values)
            answers.write(json.dumps(answer) + "\n")
            answers.flush()


if __name__ == "__main__":
    main()
