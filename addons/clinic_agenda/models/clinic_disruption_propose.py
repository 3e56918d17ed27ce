from datetime import timedelta

from odoo import fields, models

#: How far ahead the same practitioner is looked for, and how many times are proposed.
LATER = timedelta(days=30)
COLLEAGUES = 2
SAME = 2
#: Free times read for one service and place.
READ = 300


class ClinicDisruptionLine(models.Model):
    """Other times for the visits: with a colleague that day, with the same later."""

    _inherit = "clinic.disruption.line"

    def _propose(self):
        """Write proposals anew; two queries for each service and place, however many
        visits there are. A time is proposed to one patient only."""
        self.option_ids.unlink()
        used, options = [], []
        groups = self.grouped(
            lambda line: (
                line.disruption_id,
                line.service_id,
                line.location_id,
                line.appointment_id.regime,
            )
        )
        for (disruption, service, location, regime), lines in groups.items():
            colleagues, same = self._times(disruption, service, location, regime)
            for line in lines:
                day = line.appointment_id.local_day
                near = [
                    slot
                    for slot in colleagues
                    if location._local_time(slot["start"]).date() == day
                ]
                near.sort(key=lambda slot, to=line.start: abs(slot["start"] - to))
                chosen = self._unused(near, used, COLLEAGUES)
                chosen += self._unused(same, used, SAME)
                options += [
                    {
                        "line_id": line.id,
                        "sequence": number,
                        "start": slot["start"],
                        "practitioner_id": slot["practitioner_id"],
                        "location_id": slot["location_id"],
                    }
                    for number, slot in enumerate(chosen)
                ]
        self.env["clinic.disruption.option"].create(options)

    def _times(self, disruption, service, location, regime):
        """Free times of colleagues in the days, and of the practitioner after them."""
        slots = self.env["clinic.slot"].with_context(
            allowed_company_ids=location.company_id.ids
        )
        first = fields.Datetime.to_datetime(disruption.date_from) - timedelta(hours=14)
        last = fields.Datetime.to_datetime(disruption.date_to) + timedelta(hours=38)
        where = {"location_ids": location.ids, "regime": regime}
        practitioner = disruption.practitioner_id
        colleagues = [
            slot
            for slot in slots.search_slots(service.id, first, last, **where)
            if slot["practitioner_id"] != practitioner.id
        ]
        same = slots.search_slots(
            service.id,
            last,
            last + LATER,
            practitioner_ids=practitioner.ids,
            limit=READ,
            **where,
        )
        return colleagues, same

    def _unused(self, slots, used, count):
        """The first times that overlap none proposed to somebody else."""
        chosen = []
        for slot in slots:
            start, stop, who = slot["start"], slot["stop"], slot["practitioner_id"]
            if any(
                who == other and start < end and begin < stop
                for begin, end, other in used
            ):
                continue
            used.append((start, stop, who))
            chosen.append(slot)
            if len(chosen) == count:
                break
        return chosen
