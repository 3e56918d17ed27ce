from odoo import api, models
from odoo.tools import SQL

from odoo.addons.clinic_base.lib import clock

from ..lib.day_axis import epoch_minute

#: A visit lasts at most this long (CHECK constraint): how far back to look.
LONGEST = "12 hours"

#: Fields of a visit that the sheet shows as they are.
PLAIN = [
    "patient_id",
    "practitioner_id",
    "room_id",
    "service_id",
    "coverage_id",
    "buffer_before",
    "buffer_after",
    "state",
    "regime",
    "channel",
    "overbook_reason",
    "visit_type",
    "reference",
    "cancel_reason",
]

#: Fields of the patient, by the name they have on the sheet.
OF_PATIENT = {
    "patient": "name",
    "birth_date": "birth_date",
    "phone": "phone",
    "warning": "patient_warning_text",
    "identity": "identity_state",
}

#: Whose names a table of visits carries along, and of what the name is made.
NAMED = {
    "practitioner_id": ["title", "name"],
    "room_id": ["name"],
    "service_id": ["name"],
    "coverage_id": ["name"],
}


class ClinicDaySheet(models.AbstractModel):
    """The visits of the sheet: one statement, whose rows leave as they come."""

    _inherit = "clinic.day.sheet"

    @api.model
    def _read_visits(self, axis, location, visit_ids=None):
        """The visits of the day, patients included, as the user may see them.

        A table and not a list of dicts: of 1,800 visits most of the time would
        otherwise go into building, sending and reading the names of the fields.

        :returns: ``{"origin": minutes since 1970 at which the day begins, "fields":
            [name, …], "rows": [[value, …], …], "names": {field: {id: name}}}``
        """
        domain = [
            ("location_id", "=", location.id),
            ("start", "<", axis.stop),
            ("stop", ">", axis.start),
            ("state", "!=", "expired"),
        ]
        if visit_ids is not None:
            domain.append(("id", "in", visit_ids))
        query = self.env["clinic.appointment"]._search(domain)
        query.add_where(
            SQL(
                "%s > %s::timestamp - %s::interval",
                SQL.identifier(query.table, "start"),
                axis.start,
                LONGEST,
            )
        )
        query.add_where(
            SQL(
                "(%(state)s <> 'held' OR %(expiry)s > %(now)s)",
                state=SQL.identifier(query.table, "state"),
                expiry=SQL.identifier(query.table, "hold_expires_at"),
                now=clock.now(),
            )
        )
        query.order = SQL(
            "%s, %s",
            SQL.identifier(query.table, "start"),
            SQL.identifier(query.table, "id"),
        )
        self._join_patients(query)
        columns = self._visit_columns(query, axis)
        rows = self.env.execute_query(query.select(*columns.values()))
        visits = {
            "origin": epoch_minute(axis.start),
            "fields": list(columns),
            "rows": rows,
        }
        visits["names"] = self._read_names(visits)
        return visits

    @api.model
    def _column_of(self, visits, name):
        """One column of a table of visits."""
        position = visits["fields"].index(name)
        return [row[position] for row in visits["rows"]]

    @api.model
    def _visit_columns(self, query, axis):
        """What is read of a visit: ``{name: SQL}``, ready to be sent."""
        Visit = self.env["clinic.appointment"]

        def field(name):
            return Visit._field_to_sql(query.table, name, query)

        def minute(name):
            return SQL(
                "FLOOR(date_part('epoch', %s - %s::timestamp) / 60)::int",
                field(name),
                axis.start,
            )

        return {
            "id": field("id"),
            "start_minute": minute("start"),
            "stop_minute": minute("stop"),
            **{name: field(name) for name in PLAIN},
            "overbooked": SQL("COALESCE(%s, FALSE)", field("overbooked")),
            "hold_expires_at": SQL("%s::text", field("hold_expires_at")),
            "has_note": SQL(
                "COALESCE(%s, '') <> '' OR COALESCE(%s, '') <> ''",
                field("note"),
                field("patient_note"),
            ),
            "equipment_ids": self._sql_devices(query.table),
            **{name: SQL.identifier("patient", name) for name in OF_PATIENT},
        }

    @api.model
    def _join_patients(self, query):
        """Join the cards that the user may read: of others the sheet knows nothing."""
        Partner = self.env["res.partner"].with_context(active_test=False)
        cards = Partner._search([])
        selected = [
            SQL(
                "%s AS %s",
                Partner._field_to_sql(cards.table, field, cards),
                SQL.identifier(name),
            )
            for name, field in OF_PATIENT.items()
            if name != "birth_date"
        ]
        selected.append(
            SQL(
                "%s::text AS birth_date",
                Partner._field_to_sql(cards.table, "birth_date", cards),
            )
        )
        selected.append(SQL("%s AS id", SQL.identifier(cards.table, "id")))
        query.add_join(
            "LEFT JOIN",
            "patient",
            SQL("(%s)", cards.select(*selected)),
            SQL(
                "%s = %s",
                SQL.identifier("patient", "id"),
                SQL.identifier(query.table, "patient_id"),
            ),
        )

    @api.model
    def _sql_devices(self, alias):
        return SQL(
            "ARRAY(SELECT rel.equipment_id FROM clinic_appointment_equipment_rel rel"
            " WHERE rel.appointment_id = %s ORDER BY rel.equipment_id)",
            SQL.identifier(alias, "id"),
        )

    @api.model
    def _read_names(self, visits):
        """Names of what the visits refer to: few records, one query for each model."""
        Visit = self.env["clinic.appointment"]
        names = {}
        for field, parts in NAMED.items():
            Model = self.env[Visit._fields[field].comodel_name]
            ids = set(self._column_of(visits, field)) - {None}
            found = Model.with_context(active_test=False).search_fetch(
                [("id", "in", list(ids))], parts
            )
            names[field] = {
                record.id: " ".join(filter(None, (record[part] for part in parts)))
                for record in found
            }
        return names
