from odoo import fields, models
from odoo.tools import html2plaintext


class ClinicDuplicate(models.Model):
    """Two cards side by side: what differs, and what was chosen."""

    _inherit = "clinic.duplicate"

    def _default_survivor(self, first, second):
        """Return the side whose card stays unless somebody says otherwise.

        The one that was confirmed, then the one with a log-in, then the older one.
        """

        def rank(card):
            return (
                card.identity_state == "confirmed",
                bool(card.user_ids),
                card.visit_count or 0,
                -card.id,
            )

        return "first" if rank(first) >= rank(second) else "second"

    def _chosen(self):
        """Return the whole choice: what was clicked, and the proposals for the rest."""
        self.ensure_one()
        # sudo: res.partner - log-ins and all fields of cards the user may change
        first, second = self.first_id.sudo(), self.second_id.sudo()
        clicked = self.choices or {}
        survivor = clicked.get("survivor")
        if survivor not in ("first", "second"):
            survivor = self._default_survivor(first, second)
        sides = {}
        for key, (_label, names) in first._merge_choices().items():
            side = (clicked.get("fields") or {}).get(key)
            texts = all(first._fields[name].type in ("text", "html") for name in names)
            if side not in ("first", "second") and not (side == "both" and texts):
                side = self._proposed_side(first, second, names, survivor, texts)
            sides[key] = side
        logins = clicked.get("logins")
        if logins not in ("one", "both", "archive"):
            logins = self.env["clinic.merge"]._default_logins(first, second)
        return {
            "survivor": survivor,
            "fields": sides,
            "logins": logins,
            "reason": str(clicked.get("reason") or "").strip()[:500],
        }

    def _proposed_side(self, first, second, names, survivor, texts):
        filled = [
            side
            for side, card in (("first", first), ("second", second))
            if any(card[name] for name in names)
        ]
        if texts and len(filled) == 2:
            return "both"
        return filled[0] if len(filled) == 1 else survivor

    def _compare(self, first, second):
        """Return all that the review screen shows."""
        chosen = self._chosen()
        rows = []
        for key, (label, names) in first._merge_choices().items():
            readable = [
                name
                for name in names
                if first._has_field_access(first._fields[name], "read")
            ]
            if not readable:
                continue
            values = [self._shown(card, key, readable) for card in (first, second)]
            if not any(values):
                continue
            rows.append(
                {
                    "key": key,
                    "label": label,
                    "first": values[0],
                    "second": values[1],
                    "differs": values[0] != values[1],
                    "both": all(
                        first._fields[name].type in ("text", "html") for name in names
                    ),
                    "side": chosen["fields"][key],
                }
            )
        cards = {"first": first, "second": second}
        winner = cards.pop(chosen["survivor"])
        [loser] = cards.values()
        return {
            "survivor": chosen["survivor"],
            "logins": chosen["logins"],
            "reason": chosen["reason"],
            "rights": self.env["clinic.merge"]._rights_carried(
                loser, winner, chosen["logins"]
            ),
            "rows": rows,
            "cards": {
                "first": self._card_summary(first),
                "second": self._card_summary(second),
            },
            "phones": {
                "first": first.phone_ids.mapped("display_name"),
                "second": second.phone_ids.mapped("display_name"),
            },
        }

    def _shown(self, card, key, names):
        """Return the value of one row as people read it."""
        if key == "name":
            return card.name or ""
        words = []
        for name in names:
            field, value = card._fields[name], card[name]
            if not value:
                continue
            if field.type == "selection":
                value = dict(field._description_selection(self.env)).get(value, value)
            elif field.type == "many2one":
                value = value.display_name
            elif field.type == "html":
                value = html2plaintext(value)
            elif field.type == "date":
                value = self.env["ir.qweb.field.date"].value_to_html(value, {})
            words.append(str(value))
        return ", ".join(words)

    def _card_summary(self, card):
        # sudo: res.users - whether there is a log-in matters for what a merge does
        users = card.sudo().user_ids
        return {
            "id": card.id,
            "name": card.name,
            "created": self.env["ir.qweb.field.date"].value_to_html(
                fields.Date.to_date(card.create_date), {}
            ),
            "visits": card.visit_count or 0,
            "login": ", ".join(users.mapped("login")),
            "identity": card.identity_state,
        }
