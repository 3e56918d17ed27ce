import io
import json
import re
import zipfile

from odoo import models
from odoo.exceptions import AccessError

from odoo.addons.clinic_base.lib import clock

#: Resources of FHIR R4 to which our records correspond best.
RESOURCES = {
    "clinic.access.log": "AuditEvent",
    "clinic.consent": "Consent",
    "clinic.phone": "ContactPoint",
    "clinic.relationship": "RelatedPerson",
    "ir.attachment": "DocumentReference",
    "mail.activity": "Task",
    "mail.message": "Communication",
}
#: Kept for the work of the program; they tell nothing about a person, or secrets.
LEFT_OUT = {
    "bus.bus",
    "clinic.access.export",
    "clinic.merge",
    "clinic.patient.import.row",
    "ir.model.data",
    "mail.push.device",
    "res.users.apikeys",
    "res.users.settings",
}
SECRET = re.compile(r"password|token|secret|totp|api_?key|salt|hash")
GENDERS = {"male", "female", "other", "unknown"}
#: Files beyond this are named in the list and left out of the archive.
LARGEST_FILES = 500 * 2**20


class ClinicAccessExport(models.Model):
    """Copy of a patient's data: what is in the archive."""

    _inherit = "clinic.access.export"

    def _resource_type(self, model):
        """Extension point: the FHIR resource to which a model corresponds."""
        return RESOURCES.get(model, "Basic")

    def _left_out(self):
        """Extension point: models of which a copy holds nothing."""
        return LEFT_OUT

    def _content(self):
        """Return the ZIP archive (data.json, data.html, files), and what it holds.

        :return: bytes, and ``{model: ids}``
        """
        # sudo: res.partner and what leads to it - the patient has a right to all of it;
        # of a copy for a reader, clinic.shown says what that person may see
        patient = self.sudo().patient_id
        records = self._records_for_reader() if self.reader_id else {}
        if not self.reader_id:
            records = {
                model: (found, None) for model, found in self._records(patient).items()
            }
        card_names = records.pop("res.partner", (None, None))[1]
        entries = [self._patient_resource(patient, card_names)]
        sections = [(self.env._("Card"), [self._readable(patient, card_names)])]
        for model, (found, names) in records.items():
            entries += [self._resource(record, names) for record in found]
            title = self.env["ir.model"].sudo()._get(model).name
            sections.append(
                (title, [self._readable(record, names) for record in found])
            )
        bundle = {
            "resourceType": "Bundle",
            "type": "collection",
            "timestamp": clock.now().isoformat() + "Z",
            "entry": [{"resource": entry} for entry in entries],
        }
        page = self.env["ir.qweb"]._render(
            "clinic_patient.access_export_page",
            {
                "patient": patient,
                "sections": [(title, rows) for title, rows in sections if rows],
                "made": clock.now(),
                "company": self.env.company,
                "complete": not self.reader_id,
            },
        )
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(
                "data.json",
                json.dumps(bundle, ensure_ascii=False, indent=1, default=str),
            )
            archive.writestr("data.html", str(page))
            self._add_files(archive, self._files(records))
        return buffer.getvalue(), {
            model: found.ids for model, (found, _names) in records.items()
        }

    def _records_for_reader(self):
        """Return ``{model: (records, names of fields)}`` of what the reader may see.

        :raises AccessError: the reader may not look at this patient any more
        """
        shown = self.env["clinic.shown"]._of_patient(self.reader_id, self.patient_id)
        if not shown:
            raise AccessError(
                self.env._("This person may not read for the patient any more.")
            )
        return shown

    def _files(self, records):
        """Return ``[(name, bytes)]`` of the files that go with these records."""
        attachments, _names = records.get("ir.attachment", ((), None))
        if not self.reader_id:
            return [
                (f"{each.id}-{each.name or 'file'}", each.raw or b"")
                for each in attachments
            ]
        return self._reader_files(records)

    def _reader_files(self, _records):
        """Extension point: the files of what a reader may see.

        :param dict records: result of ``_records_for_reader``
        :returns: list of ``(name, bytes)``
        """
        return []

    def _records(self, patient):
        """Return ``{model: records}`` of everything that leads to a patient."""
        relations = self.env["clinic.merge.relations"]
        traces, _links = self.env["clinic.patient.traces"]._traces(patient)
        found, left_out = {}, self._left_out()
        for table, ids in traces.items():
            model = relations._model_of(table)
            if not model or model in left_out or self.env[model]._transient:
                continue
            found[model] = self.env[model].sudo().browse(ids).exists()
        return found

    def _exported_fields(self, record):
        """Return the fields of a record that are told: stored, and no secrets."""
        return [
            name
            for name, field in record._fields.items()
            if field.store
            and field.type not in ("binary", "properties", "properties_definition")
            and not SECRET.search(name)
            and field.groups != "."
            and name not in ("id", "write_uid", "clinic_search_text", "duplicate_key")
        ]

    def _values(self, record, names=None):
        """Return ``{field: value}`` of what is not empty, as JSON has it."""
        if names is None:
            names = self._exported_fields(record)
        [values] = record.read(list(names))
        found = {}
        for name, value in values.items():
            if name == "id" or value in (False, None, [], ""):
                continue
            if record._fields[name].type == "many2one":
                value = {
                    "reference": f"{record._fields[name].comodel_name}/{value[0]}",
                    "display": value[1],
                }
            found[name] = value
        return found

    def _resource(self, record, names=None):
        return {
            "resourceType": self._resource_type(record._name),
            "id": str(record.id),
            "model": record._name,
            **self._values(record, names),
        }

    def _patient_resource(self, patient, names=None):
        """Return the card as a FHIR R4 ``Patient``, and all else it holds."""
        numbers = {
            "tax_code": "tax code",
            "card_number": "card number",
            "outpatient_number": "outpatient number",
            "inpatient_number": "inpatient number",
            "national_number": "national health number",
            "insurance_number": "insurance number",
        }
        telecom = [
            {"system": "phone", "value": phone.e164, "use": phone.label}
            for phone in patient.phone_ids
        ]
        if patient.email:
            telecom.append({"system": "email", "value": patient.email})
        given = [name for name in (patient.given_name, patient.middle_name) if name]
        return {
            "resourceType": "Patient",
            "id": str(patient.id),
            "active": patient.active,
            "name": [{"family": patient.family_name or "", "given": given}],
            "gender": patient.sex if patient.sex in GENDERS else "unknown",
            "birthDate": patient.birth_date and patient.birth_date.isoformat(),
            "identifier": [
                {"type": {"text": text}, "value": patient[name]}
                for name, text in numbers.items()
                if patient[name] and (names is None or name in names)
            ],
            "telecom": telecom,
            "address": [
                {
                    "line": list(filter(None, (patient.street, patient.street2))),
                    "city": patient.city or "",
                    "postalCode": patient.zip or "",
                    "country": patient.country_id.code or "",
                }
            ],
            "communication": [{"language": {"text": patient.lang or ""}}],
            "card": self._values(patient, names),
        }

    def _readable(self, record, names=None):
        """Return ``[(label, text)]`` of a record for the page."""
        rows = []
        for name, value in self._values(record, names).items():
            field = record._fields[name]
            label = field.get_description(self.env)["string"]
            if isinstance(value, dict) and "display" in value:
                value = value["display"]
            elif field.type == "selection":
                options = dict(field._description_selection(self.env))
                value = options.get(value, value)
            elif field.type in ("one2many", "many2many"):
                value = ", ".join(
                    each.display_name or str(each.id) for each in record[name]
                )
            rows.append((label, field.type == "html" and value or str(value)))
        return rows

    def _add_files(self, archive, files):
        total = 0
        for name, content in files:
            total += len(content)
            if not content or total > LARGEST_FILES:
                continue
            number, name = name.split("-", 1)
            name = re.sub(r"[^\w.\- ]+", "_", name)[-100:]
            archive.writestr(f"files/{number}-{name}", content)
