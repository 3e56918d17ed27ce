from odoo import api, models
from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tools import ormcache

#: Fields with this group are for who treats patients.
HEALTH = "clinic_patient.group_clinic_practitioner"
#: Who may ask by diagnoses, and by what tells them.
MAY_ASK = f"{HEALTH},clinic_patient.group_clinic_manager"


class ClinicHealthFields(models.AbstractModel):
    """Which fields tell of somebody's health: said once, for every condition.

    A condition that somebody may write (segment, journey, mass recall) answers with
    names: whoever may not read a diagnosis must not ask who has it either. Fields that
    only care may read are found by their groups; fields that the desk reads for its
    work, and that name a condition all the same, are listed by the addon that has them.
    """

    _name = "clinic.health.fields"
    _description = "Fields that tell of health"

    @api.model
    def _listed(self):
        """Extension point: ``{model: names}`` of fields that tell of health although
        more than the practitioners read them. Addons add theirs to ``super()``."""
        return {
            "clinic.enquiry": {"text", "answer"},
            "clinic.document": {"title", "template_id", "body", "treatment"},
        }

    @api.model
    def _words_of_illness(self):
        """Extension point: models whose records are words for an illness: each
        field that leads to one tells of health."""
        return set()

    @api.model
    @ormcache()
    def _all(self):
        """Return ``{(model, field)}`` of all fields that tell of health."""
        listed = self._listed()
        found = {
            (model, name)
            for model, names in listed.items()
            for name in names
            if model in self.env and name in self.env[model]._fields
        }
        illnesses = self._words_of_illness()
        for Model in self.env.registry.values():
            if Model._abstract:
                continue
            for name, field in Model._fields.items():
                if HEALTH in (field.groups or "") or (field.comodel_name in illnesses):
                    found.add((Model._name, name))
        return frozenset(found)

    @api.model
    def _tells(self, field):
        """Whether a field tells of health.

        :param field: of a model, as in ``Model._fields``
        """
        return (field.model_name, field.name) in self._all()

    @api.model
    def _fields_of(self, model, domain):
        """Yield the fields that a domain goes through, those of inner ones included.

        :param model: recordset that the domain is for
        :param domain: as written
        """
        for condition in Domain(domain).iter_conditions():
            current = model
            for name in condition.field_expr.split("."):
                field = current._fields.get(name) if current is not None else None
                if field is None:
                    break
                yield field
                yield from self._related_to(field)
                current = self.env[field.comodel_name] if field.relational else None
            if condition.operator in ("any", "not any", "any!", "not any!"):
                inner = condition.value
                if current is not None and isinstance(inner, list | tuple | Domain):
                    yield from self._fields_of(current, inner)

    @api.model
    def _related_to(self, field):
        """What a field is worked out from is asked for with it."""
        if field.related:
            model = self.env[field.model_name]
            for name in field.related.split("."):
                inner = model._fields[name]
                yield inner
                if inner.relational:
                    model = self.env[inner.comodel_name]

    @api.model
    def _check_may_ask(self, model, domain):
        """Refuse a condition on health to who may not read diagnoses.

        :param model: recordset that the domain is for
        :raises AccessError: the user of the environment may not ask this
        """
        if self.env.user._is_superuser() or self.env.user.has_groups(MAY_ASK):
            return
        for field in self._fields_of(model, domain):
            if self._tells(field):
                label = field.get_description(self.env)["string"]
                raise AccessError(
                    self.env._(
                        "“%(field)s” tells of diagnoses: only practitioners and "
                        "managers may ask who it is true of.",
                        field=label,
                    )
                )
