from odoo import api, models
from odoo.tools import SQL

#: How far from the card: a visit is one step away, a note on it two, its file three.
DEPTH = 3
#: Cards and companies of others, and what belongs to the site.
NOT_FOLLOWED = {"res_partner", "res_company"}
#: Who typed a row does not make it a row about that person.
NOT_ABOUT = {"create_uid", "write_uid"}


class ClinicPatientTraces(models.AbstractModel):
    """Everything in the database that leads to a patient, found by introspection.

    The relations are those that a merge moves (``clinic.merge.relations``), followed
    from the card to its rows, and from these to theirs. Addons that were not written
    yet when this was are found like any other.
    """

    _name = "clinic.patient.traces"
    _description = "Rows about a patient"

    @api.model
    def _traces(self, patient):
        """Return ``{table: sorted ids}`` of the rows about a patient, card left out.

        And, as a second dict, ``{(table, column)}`` of tables without ids, such as
        those of tags, which hold rows of the patient.
        """
        self.env.flush_all()
        found, links = {}, set()
        queue = [("res.partner", {patient.id})]
        for _step in range(DEPTH):
            fresh = {}
            for model, ids in queue:
                for table, rows in self._leading_to(model, ids, links).items():
                    rows -= found.get(table, set())
                    if rows:
                        found.setdefault(table, set()).update(rows)
                        fresh.setdefault(table, set()).update(rows)
            relations = self.env["clinic.merge.relations"]
            queue = [
                (model, rows)
                for table, rows in fresh.items()
                if (model := relations._model_of(table))
            ]
        return {table: sorted(rows) for table, rows in sorted(found.items())}, links

    @api.model
    def _leading_to(self, model, ids, links):
        """Return ``{table: ids}`` of the rows that lead to some records."""
        relations = self.env["clinic.merge.relations"]
        columns = relations._columns()
        found = {}
        for relation in relations._relations(model):
            if relation.table in NOT_FOLLOWED or relation.column in NOT_ABOUT:
                continue
            condition = self._condition(relation, model, ids)
            if not condition:
                continue
            table = SQL.identifier(relation.table)
            if "id" not in columns[relation.table]:
                if model == "res.partner":
                    links.add((relation.table, relation.column))
                continue
            rows = self.env.execute_query(
                SQL("SELECT t.id FROM %s t WHERE %s", table, condition)
            )
            found.setdefault(relation.table, set()).update(row[0] for row in rows)
        return found

    @api.model
    def _condition(self, relation, model, ids):
        column = SQL.identifier("t", relation.column)
        if relation.kind == "key":
            return SQL("%s = ANY(%s)", column, list(ids))
        if relation.kind == "pair":
            return SQL("%s AND %s = ANY(%s)", relation.condition, column, list(ids))
        if relation.kind == "reference":
            return SQL("%s = ANY(%s)", column, [f"{model},{id_}" for id_ in ids])
        return None
