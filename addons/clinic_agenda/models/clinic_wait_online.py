from datetime import timedelta

from psycopg2.errors import UniqueViolation

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools.misc import format_date, get_lang

from .clinic_wait_list import ACTIVE, WEEKDAYS

#: Parts of the day as a page offers them, in the location's hours.
PARTS = {"any": (0.0, 24.0), "morning": (0.0, 13.0), "afternoon": (12.0, 24.0)}
#: What a patient may wish.
WISHED = frozenset(
    {
        *WEEKDAYS,
        "company_id",
        "practitioner_ids",
        "location_ids",
        "hour_from",
        "hour_to",
        "date_until",
        "note",
    }
)
#: How many wishes a patient may have open by the website and the portal.
MOST_OPEN = 5
#: How far ahead a last day may lie.
FURTHEST = timedelta(days=365)
#: How many letters of a guest's words an open wish keeps, the last ones.
LONGEST_WORDS = 4000


class ClinicWaitList(models.Model):
    """Wishes that patients write down themselves, on the website and in the portal.

    Who the patient is and may act for is the caller's gate; what may be wished is
    checked here.
    """

    _inherit = "clinic.wait.list"

    @api.model
    def _read_wish(self, typed, offers):
        """Read what was typed on a form of a wish.

        :param dict typed: texts ``practitioner``, ``location``, ``part``, ``until`` and
            one for each day of the week that suits
        :param offers: ``clinic.offer`` open to the public, of one service
        :returns: ``(vals, {field: what is wrong with it})``
        """
        errors = {}
        days = {day: bool(typed.get(day)) for day in WEEKDAYS}
        if not any(days.values()):
            errors["days"] = self.env._("Choose at least one day of the week.")
        part = typed.get("part") or "any"
        if part not in PARTS:
            errors["part"] = self.env._("Choose one of the list.")
            part = "any"
        vals = dict(days, hour_from=PARTS[part][0], hour_to=PARTS[part][1])
        for field, name, known in (
            ("practitioner_ids", "practitioner", offers.practitioner_id),
            ("location_ids", "location", offers.location_id),
        ):
            wanted = typed.get(name) or ""
            chosen = known.filtered(lambda each, wanted=wanted: str(each.id) == wanted)
            if wanted and not chosen:
                errors[name] = self.env._("Choose one of the list.")
            vals[field] = [(6, 0, chosen.ids)]
        vals["date_until"] = self._read_last_day(typed.get("until"), errors)
        return vals, errors

    @api.model
    def _read_last_day(self, text, errors):
        if not text:
            return False
        today = fields.Date.today()
        try:
            until = fields.Date.to_date(str(text)[:10])
        except ValueError:
            until = None
        if not until:
            errors["until"] = self.env._(
                "Write the whole date, for example 2030-05-31, or leave it empty."
            )
        elif until < today:
            errors["until"] = self.env._("This day has passed: choose a later one.")
        elif until > today + FURTHEST:
            errors["until"] = self.env._(
                "Choose a day within a year, or leave it empty."
            )
        return until or False

    @api.model
    def _wish(self, patient, service, vals, source, visit=None, guest_card=None):
        """Put a patient on the list; a wish that is there gets the new terms and keeps
        its place.

        :param patient: ``res.partner``, for whom the caller may act
        :param service: ``product.template``
        :param dict vals: as of :meth:`_read_wish`
        :param str source: ``website`` or ``portal``
        :param visit: ``clinic.appointment`` that an earlier time is wanted for
        :param dict guest_card: what a guest typed who is this patient by likeness only
            and may change none of the patient's wishes, nor learn of them
        :returns: ``clinic.wait.list`` in sudo
        :raises AccessError: the terms hold more than what may be wished
        :raises UserError: too many wishes are open, or the visit is not to come
        """
        # sudo: clinic.wait.list - visitors have no rights; the caller is the gate
        entries = self.sudo()
        self.env["clinic.gate"].sudo()._admit([vals], WISHED, entries)
        if visit and not visit._is_to_come():
            raise UserError(self.env._("This visit cannot be moved any more."))
        open_ones = entries.search(
            [("patient_id", "=", patient.id), ("state", "in", ACTIVE)]
        )
        known = open_ones.filtered(lambda entry: entry.service_id == service)
        if guest_card and (known or len(open_ones) >= MOST_OPEN):
            entry = known or open_ones[:1]
            entry._keep_guest_words(service, vals, guest_card)
            return entry
        if known:
            if known.state == "waiting":
                known.write(
                    dict(vals, appointment_id=(visit or known.appointment_id).id)
                )
            return known
        if len(open_ones) >= MOST_OPEN:
            raise UserError(
                self.env._(
                    "You wait for %(count)s times already. Take one of them back, or "
                    "call us.",
                    count=len(open_ones),
                )
            )
        company = visit.company_id if visit else self.env.company
        try:
            with self.env.cr.savepoint():
                return entries.create(
                    {
                        "company_id": company.id,
                        **vals,
                        "patient_id": patient.id,
                        "service_id": service.id,
                        "appointment_id": visit.id if visit else False,
                        "date_from": fields.Date.today(),
                        "source": source,
                        "guest_card": guest_card or False,
                    }
                )
        except UniqueViolation:
            raise UserError(
                self.env._("This is on the wait list already: look at it once more.")
            ) from None

    def _keep_guest_words(self, service, vals, guest_card):
        """Note for the staff what a guest wished who is this patient by likeness only.

        :param service: ``product.template`` that was wished
        :param dict vals: as of :meth:`_read_wish`
        :param dict guest_card: what the guest typed
        """
        self.ensure_one()
        lang = self.company_id.partner_id.lang or self.env.lang
        wished = self.with_context(lang=lang).new(vals)
        card = guest_card
        words = " · ".join(
            filter(
                None,
                (
                    f"{card['family_name']} {card['given_name']}",
                    card["birth_date"],
                    card["phone"],
                    card.get("email"),
                    service.with_context(lang=lang).name,
                    *wished.practitioner_ids.mapped("name"),
                    *wished.location_ids.mapped("name"),
                    wished._window_words(),
                    vals.get("note"),
                ),
            )
        )
        kept = self.guest_words or ""
        if words not in kept:
            self.guest_words = f"{kept}\n{words}".strip()[-LONGEST_WORDS:]

    def _window_words(self):
        """What suits the patient, in words for a page."""
        self.ensure_one()
        words, env = [], self.env
        days = [day for day in WEEKDAYS if self[day]]
        if len(days) < 7:
            # Monday 5 January 2026 and the days after it give the names.
            monday = fields.Date.to_date("2026-01-05")
            lang = get_lang(env).code
            words.append(
                ", ".join(
                    format_date(
                        env,
                        monday + timedelta(days=WEEKDAYS.index(day)),
                        lang_code=lang,
                        date_format="EEE",
                    )
                    for day in days
                )
            )
        hours = self.hour_from, self.hour_to
        if hours == PARTS["morning"]:
            words.append(env._("in the morning"))
        elif hours == PARTS["afternoon"]:
            words.append(env._("in the afternoon"))
        elif hours != PARTS["any"]:
            words.append(
                env._(
                    "from %(start)s to %(end)s",
                    start=f"{int(hours[0]):02}:{round(hours[0] % 1 * 60):02}",
                    end=f"{int(hours[1]):02}:{round(hours[1] % 1 * 60):02}",
                )
            )
        if self.date_until:
            day = self.env["res.partner"]._spoken_day(self.date_until)
            words.append(env._("until %s", day))
        return " · ".join(words) or env._("any day, any hour")
