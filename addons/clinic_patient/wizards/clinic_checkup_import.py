import base64

from odoo import fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL

from ..lib import duplicate_rules, person_name, roster_file, tax_code

SHOWN = 30


class ClinicCheckupImport(models.TransientModel):
    """Put the people of a firm's list on the roster of a campaign.

    Somebody with the same tax code, or the same name and birth date, is the card that
    is here; who only resembles one gets a new card “to review”. A repeat adds nobody
    twice. Lines with mistakes are listed and left out; the others are taken.
    """

    _name = "clinic.checkup.import"
    _description = "Import of a roster"

    campaign_id = fields.Many2one("clinic.checkup.campaign", required=True)
    content = fields.Binary(string="File (CSV or XLSX)", attachment=False)
    file_name = fields.Char()
    report = fields.Text(readonly=True)

    def action_import(self):
        """Read the file, make the cards that are missing, fill the roster.

        :raises UserError: the file is no roster, with what to do
        """
        self.ensure_one()
        people, problems = self._read_people()
        known = self._known_cards(people)
        roster = {person.patient_id.id for person in self.campaign_id.person_ids}
        counts = {"known": 0, "new": 0, "there": 0}
        for number, vals in people:
            card_id = known.get(number)
            if not card_id:
                card_id, problem = self._make_card(vals)
                if problem:
                    problems.append((number, problem))
                    continue
                counts["new"] += 1
            elif card_id in roster:
                counts["there"] += 1
            else:
                counts["known"] += 1
            if card_id not in roster:
                roster.add(card_id)
                self.env["clinic.checkup.person"].create(
                    {"campaign_id": self.campaign_id.id, "patient_id": card_id}
                )
        self.report = self._describe(counts, sorted(problems))
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Import of a roster"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "views": [[False, "form"]],
            "target": "new",
        }

    def _describe(self, counts, problems):
        lines = [
            self.env._(
                "%(new)s new cards, %(known)s known patients added, %(there)s were on "
                "the roster already.",
                **counts,
            )
        ]
        if problems:
            lines += [
                "",
                self.env._("%(count)s lines were left out:", count=len(problems)),
                *(
                    self.env._("Line %(number)s: %(reason)s", number=number, reason=why)
                    for number, why in problems[:SHOWN]
                ),
            ]
        return "\n".join(lines)

    def _read_people(self):
        if not self.content:
            raise UserError(self.env._("Choose a file first."))
        try:
            rows = roster_file.read(base64.b64decode(self.content))
        except roster_file.NotReadable as refusal:
            reasons = {
                "large": self.env._("The file is too large: split the list."),
                "broken": self.env._("The file is broken: save it again as XLSX."),
                "rows": self.env._("More than 2,000 lines: split the list."),
                "headings": self.env._(
                    "The first line must name the columns: family name, given name, "
                    "birth date, phone, tax code."
                ),
            }
            raise UserError(reasons[str(refusal)]) from refusal
        people, problems, seen = [], [], set()
        for number, row in rows:
            try:
                vals = self._card_vals(row)
            except ValueError:
                problems.append(
                    (
                        number,
                        self.env._(
                            "the birth date is none; write it as 31/12/1980 or "
                            "1980-12-31"
                        ),
                    )
                )
                continue
            if not (vals["family_name"] or vals["given_name"]):
                problems.append((number, self.env._("there is no name")))
                continue
            key = (
                vals["tax_code"] or "",
                vals["birth_date"],
                duplicate_rules.name_key(vals["family_name"], vals["given_name"], ""),
            )
            if key in seen:
                problems.append((number, self.env._("the same person stands above")))
                continue
            seen.add(key)
            people.append((number, vals))
        return people, problems

    def _card_vals(self, row):
        family, given = row.get("family_name"), row.get("given_name")
        if not family and row.get("name"):
            family, given = person_name.split(row["name"])
        return {
            "family_name": family or False,
            "given_name": given or False,
            "birth_date": roster_file.birth_date(row.get("birth_date")) or False,
            "sex": roster_file.sex(row.get("sex")) or False,
            "phone": row.get("phone") or False,
            "email": row.get("email") or False,
            "tax_code": row.get("tax_code") or False,
        }

    def _known_cards(self, people):
        """Return ``{line: id of the card}`` of those who are here for certain.

        One statement; certain is a tax code, or name and birth date that one card has.
        """
        partners = self.env["res.partner"]
        partners._flush_for_duplicates()
        country = partners._tax_code_country()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT asked.line, MIN(p.id)
                  FROM unnest(%(lines)s::int[], %(codes)s::text[], %(keys)s::text[],
                              %(births)s::date[]) asked(line, code, key, birth)
                  JOIN res_partner p
                    ON p.is_patient AND p.active
                   AND (p.company_id IS NULL OR p.company_id = %(company)s)
                   AND ((asked.code > '' AND p.tax_code_base = asked.code)
                        OR (p.duplicate_key = asked.key
                            AND p.birth_date = asked.birth
                            AND (COALESCE(asked.code, '') = ''
                                 OR COALESCE(p.tax_code_base, '') = '')))
                 GROUP BY asked.line HAVING COUNT(*) = 1
                """,
                lines=[number for number, _vals in people],
                codes=[
                    tax_code.base(vals["tax_code"], country) or None
                    for _number, vals in people
                ],
                keys=[
                    duplicate_rules.name_key(
                        vals["family_name"], vals["given_name"], False
                    )
                    for _number, vals in people
                ],
                births=[vals["birth_date"] or None for _number, vals in people],
                company=self.campaign_id.company_id.id,
            )
        )
        visible = partners.search([("id", "in", [row[1] for row in rows])])
        return {line: card_id for line, card_id in rows if card_id in visible.ids}

    def _make_card(self, vals):
        """Return (id, None), or (None, why it cannot be)."""
        partners = self.env["res.partner"]
        company = self.campaign_id.company_id
        try:
            with self.env.cr.savepoint():
                state = "confirmed"
                if partners._find_duplicates(dict(vals, company_id=company.id)):
                    state = "to_review"
                card = partners.create(
                    dict(
                        vals,
                        is_patient=True,
                        identity_state=state,
                        employer=self.campaign_id.firm_id.name,
                    )
                )
                card.flush_recordset()
                return card.id, None
        except (ValidationError, UserError) as refusal:
            return None, str(refusal)
