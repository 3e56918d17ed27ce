"""The one box that finds a patient."""

import random
import statistics
import time

import dataset
from lab import Result, env_of, ms, say


def measure(name, count):
    """Ask for patients by name, telephone, tax code and card number."""
    say(f"filling {count:,} patients …")
    with env_of(name) as env:
        env.company.country_id = env.ref("base.it")
        dataset.make_patients(env.cr, count)
        for table in ("res_partner", "clinic_phone"):
            dataset.vacuum(env.cr, table)
        env.invalidate_all()
    with env_of(name) as env:
        users = env["res.users"].with_context(no_reset_password=True)
        user = users.create(
            {
                "name": "Bench reception",
                "login": "bench-reception",
                "group_ids": [
                    (4, env.ref("clinic_patient.group_clinic_receptionist").id)
                ],
            }
        )
        box = env["res.partner"].with_user(user)
        env.cr.execute(
            "SELECT id, name, phone, tax_code, card_number FROM res_partner"
            " WHERE is_patient AND card_number IS NOT NULL"
            " AND id %% %s = 0 ORDER BY id LIMIT 400",
            [max(1, count // 400)],
        )
        people = env.cr.dictfetchall()
        questions = {
            "full name": lambda row: row["name"],
            "beginnings of the names": lambda row: " ".join(
                word[:3] for word in row["name"].split()
            ),
            "telephone as dictated": lambda row: (
                row["phone"][4:7] + " " + row["phone"][7:]
            ),
            "telephone in full": lambda row: row["phone"],
            "tax code": lambda row: row["tax_code"],
            "card number": lambda row: row["card_number"],
        }
        chance = random.Random(1)
        sample = chance.sample(people, min(30, len(people)))
        size = f"{count:,}"
        for words, question in questions.items():
            box.clinic_search(question(people[0]))
            times = []
            for row in sample:
                env.invalidate_all()
                began = time.perf_counter()
                found = box.clinic_search(question(row))
                times.append(time.perf_counter() - began)
                assert found, words
                if words in ("telephone in full", "tax code"):
                    assert row["id"] in [each["id"] for each in found], words
            median = statistics.median(times)
            yield Result(
                f"patient by {words}",
                size,
                "",
                "",
                ms(median),
                median * 1000,
                "<= 50",
                f"milliseconds; slowest {max(times) * 1000:.0f}",
            )
