from typing import NamedTuple

from odoo import api, models
from odoo.tools import ormcache

#: Fields that tell no more than that a record is there.
BASICS = frozenset(
    {
        *("id", "display_name", "name", "complete_name", "avatar_128"),
        *("create_date", "create_uid", "write_date", "write_uid"),
    }
)


class Reading(NamedTuple):
    """How a look at records of one model is noticed.

    :param str patient: path from a record to whose it is
    :param fields: names of fields that count as a look besides those that tell of
        health (``clinic.health.fields``); ``None``: all but names
    """

    patient: str
    fields: frozenset | None = frozenset()


class ClinicReading(models.AbstractModel):
    """What is written into the access log when somebody looks: the table, as data.

    A look is a field with health data in an answer to a user: a form, a list, an
    export, a printed paper, a file. One line for a reader, patient and kind of record
    in an hour, in one statement for all patients of an answer; names in lists leave
    none.
    The ways are hooked in ``base`` below, in ``ir.actions.report`` and ``ir.binary``.
    """

    _name = "clinic.reading"
    _description = "Looks at health data"

    @api.model
    def _readings(self):
        """Extension point: models with health data of a patient; addons add theirs.

        :return: ``{model: Reading}``
        """
        return {
            "res.partner": Reading("id"),
            "res.users": Reading("partner_id"),
            "clinic.document": Reading("patient_id"),
            "clinic.emergency.access": Reading("patient_id"),
            "clinic.enquiry": Reading("patient_id"),
        }

    @api.model
    def _around(self):
        """Extension point: beginnings of the names of models whose forms and lists
        show records of the table inside them.

        :return: tuple of str
        """
        return ("clinic.",)

    @api.model
    def _unlogged(self):
        """Extension point: models whose reading leaves no line, and why.

        :return: ``{model: sentence}``
        """
        work = "Shows what was done and by whom, and nothing of the record itself."
        return {
            "clinic.access.export": work,
            "clinic.access.log": work,
            "clinic.consent": "Tells what a person agreed to, not what ails them.",
            "clinic.identity.request": "Name and date of birth only.",
            "clinic.referral": "Tells who sent whom, not why.",
            "clinic.relationship": "Tells who acts for whom.",
        }

    @api.model
    @ormcache("model")
    def _of(self, model):
        """Return path and names of fields by which a look is noticed; or ``None``.

        A name that is made from a field that tells of health tells it, too, and so does
        a field that is taken from there.

        :param str model: name
        :return: ``(path, frozenset or None)``
        """
        reading = self._readings().get(model)
        if not reading:
            return None
        if reading.fields is None:
            return reading.patient, None
        health = self.env["clinic.health.fields"]._all()
        names = {name for each, name in health if each == model} | reading.fields
        depends = self.env.registry.field_depends
        names |= {
            name
            for name, field in self.env[model]._fields.items()
            if (name == "display_name" or field.related)
            and names & {path.split(".")[0] for path in depends.get(field, ())}
        }
        return reading.patient, frozenset(names)

    @api.model
    def _tells(self, model, names):
        """Whether an answer with these fields of a model is a look.

        :param str model: name
        :param names: of fields
        """
        found = self._of(model)
        if not found:
            return False
        if found[1] is None:
            return not BASICS.issuperset(names)
        return not found[1].isdisjoint(names)

    @api.model
    def _note(self, records, names, action="read"):
        """Write down that the user had these fields of these records before them.

        Nothing where the suite itself reads (``sudo``), or where the fields tell
        nothing.

        :param records: of any model
        :param names: of fields
        :param str action: see ``clinic.access.log``
        """
        if not self.env.su and self._tells(records._name, names):
            self._note_records(records, action)

    @api.model
    def _note_records(self, records, action="read"):
        """Write down a look at records whose model is in the table."""
        found = self._of(records._name)
        # sudo: any model of the table - only whose records they are
        records = records._origin.sudo()
        if found and records:
            patients = records if found[0] == "id" else records.mapped(found[0])
            patients._log_opening(action, records._name)

    @api.model
    def _note_paths(self, records, paths):
        """Write down an export: each model that its columns lead through.

        :param records: recordset
        :param paths: names of fields, with "/" between those of relations
        """
        for path in paths:
            current = records
            for name in path.removesuffix("/.id").removesuffix("/id").split("/"):
                if name not in current._fields:
                    break
                is_card = current._name == "res.partner" and name not in BASICS
                if is_card or self._tells(current._name, [name]):
                    self._note_records(current, "export")
                if not current._fields[name].relational:
                    break
                # sudo: any model - to note whose data is on the path; Odoo's export
                # itself reads with the user's rights
                current = current.sudo()[name]

    @api.model
    def _note_groups(self, model, specs):
        """Write down that somebody had numbers by what tells of health.

        :param model: recordset of the model that was counted
        :param specs: what it was grouped and summed by, as ``formatted_read_group``
            takes it
        """
        if self.env.su:
            return
        names = {spec.split(":")[0].split(".")[0] for spec in specs}
        if self._tells(model._name, names & model._fields.keys()):
            # sudo: clinic.access.log - nobody may write it
            log = self.env["clinic.access.log"].sudo()
            log._append([None], "count", model._name)


class Base(models.AbstractModel):
    """The ways by which Odoo answers with values of records."""

    _inherit = "base"

    def _read_format(self, fnames, load="_classic_read"):
        result = super()._read_format(fnames, load)
        if self._ids and not self.env.su:
            self.env["clinic.reading"]._note(self, fnames)
        return result

    def export_data(self, fields_to_export):
        result = super().export_data(fields_to_export)
        self.env["clinic.reading"]._note_paths(self, fields_to_export)
        return result

    @api.model
    @api.readonly
    def name_search(self, name="", domain=None, operator="ilike", limit=100):
        result = super().name_search(name, domain, operator, limit)
        found = self.env["clinic.reading"]._of(self._name)
        if result and found and "display_name" in (found[1] or ()):
            self.env["clinic.reading"]._note(
                self.browse([row[0] for row in result]), ["display_name"]
            )
        return result

    @api.model
    @api.readonly
    def formatted_read_group(self, domain, groupby=(), aggregates=(), *args, **kwargs):
        result = super().formatted_read_group(
            domain, groupby, aggregates, *args, **kwargs
        )
        self.env["clinic.reading"]._note_groups(self, [*groupby, *aggregates])
        return result

    @api.model
    @api.readonly
    def formatted_read_grouping_sets(
        self, domain, grouping_sets, aggregates=(), **kwargs
    ):
        result = super().formatted_read_grouping_sets(
            domain, grouping_sets, aggregates, **kwargs
        )
        self.env["clinic.reading"]._note_groups(
            self, [*(each for sets in grouping_sets for each in sets), *aggregates]
        )
        return result


class IrActionsReport(models.Model):
    """Papers: whoever prints one has read it."""

    _inherit = "ir.actions.report"

    def _render_qweb_html(self, report_ref, docids, data=None):
        result = super()._render_qweb_html(report_ref, docids, data)
        self._note_paper(report_ref, docids)
        return result

    def _render_qweb_pdf(self, report_ref, res_ids=None, data=None):
        result = super()._render_qweb_pdf(report_ref, res_ids, data)
        self._note_paper(report_ref, res_ids)
        return result

    def _note_paper(self, report_ref, ids):
        model = self._get_report(report_ref).model
        if ids and model in self.env:
            ids = [ids] if isinstance(ids, int) else ids
            records = self.env[model].browse(ids)
            self.env["clinic.reading"]._note_records(records)


class IrBinary(models.AbstractModel):
    """Files: whoever opens one that hangs on a record has read it."""

    _inherit = "ir.binary"

    def _get_stream_from(self, record, field_name="raw", *args, **kwargs):
        stream = super()._get_stream_from(record, field_name, *args, **kwargs)
        reading = self.env["clinic.reading"]
        if record._name != "ir.attachment":
            if reading._tells(record._name, [field_name]):
                reading._note_records(record)
            return stream
        # sudo: ir.attachment - the file was found; only what it hangs on
        file = record.sudo()
        if not file.res_id or file.res_model not in self.env:
            return stream
        if not file.res_field or reading._tells(file.res_model, [file.res_field]):
            reading._note_records(self.env[file.res_model].browse(file.res_id).exists())
        return stream
