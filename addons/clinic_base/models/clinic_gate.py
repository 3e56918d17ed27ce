from odoo import Command, api, models
from odoo.exceptions import AccessError, MissingError
from odoo.tools import clean_context

from ..lib.ours import OURS, is_ours, step_of

#: Key of the context in which the suite's own steps write, see :meth:`_ours`.
STEP = "clinic_step"
#: Key of the context in which only the model's own defaults count.
OWN_DEFAULTS = "clinic_own_defaults"
#: Written by Odoo itself; values of a caller are dropped there.
MAGIC = {"id", "create_uid", "create_date", "write_uid", "write_date", "display_name"}
LISTS = ("one2many", "many2many")


class ClinicGate(models.AbstractModel):
    """What a caller may write: the gate that models of the suite inherit.

    *Kept fields* have one writer. A field that is ``readonly`` in Python is kept, and
    so is one that the model names in ``_clinic_kept``: Odoo takes ``readonly`` for the
    screen only, and whoever speaks RPC writes it. Steps of the model write such fields
    by ``self._ours().write(...)``, with the rights of the user otherwise.

    *Given values* are what a caller wrote and the model passes on with ``sudo()``:
    :meth:`_admit` lets plain values of listed fields through, and nothing else.
    """

    _name = "clinic.gate"
    _description = "What a caller may write"

    #: Names of fields that only steps of the model write, besides those ``readonly``.
    _clinic_kept = frozenset()
    #: Names of fields that are given when a record is made and stay as they were.
    _clinic_sealed = frozenset()
    #: ``{name: why}`` of ``readonly`` fields that whoever writes the record may write.
    _clinic_open = {}

    # ------------------------------------------------------------
    # Kept fields
    # ------------------------------------------------------------

    def _ours(self):
        """These records for a step of the model: kept fields may be written.

        Rights on model and records hold as before. The mark cannot be sent over RPC,
        and opens no other model: commands in the values stay with the user's rights.
        """
        return self.with_context(**{STEP: step_of(self._name)})

    @api.model
    def _is_ours(self):
        """Whether a step of the suite writes, or the superuser."""
        return self.env.su or self.env.context.get(STEP) is step_of(self._name)

    @api.model
    def _kept_fields(self):
        """Names of the fields that only the suite writes, once worked out."""
        cls = self.env.registry[self._name]
        kept = cls.__dict__.get("_clinic_all_kept")
        if kept is None:
            kept = cls._clinic_all_kept = frozenset(
                name
                for name, field in self._fields.items()
                if name not in self._clinic_open
                and name not in MAGIC
                and (
                    name in self._clinic_kept
                    or (field.readonly and self._is_of_suite(field))
                )
            )
        return kept

    @api.model
    def _is_of_suite(self, field):
        """Whether an addon of the suite made this field; others know their own."""
        return any(name.startswith("clinic_") for name in field._modules[:1])

    def _sealed_fields(self):
        """Extension point: names of the fields that stay as these records have them."""
        return self._clinic_sealed

    def _is_kept(self, field):
        """Whether a step of the model writes this field, and the user does not.

        On a record that exists the sealed ones are kept, too; without a record the
        question is about one that is being made.
        """
        return not self._is_ours() and (
            field.name in self._kept_fields()
            or (any(self._ids) and field.name in self._sealed_fields())
        )

    def _has_field_access(self, field, operation):
        """Kept fields are written by :meth:`_ours` alone."""
        return super()._has_field_access(field, operation) and (
            operation == "read" or not self._is_kept(field)
        )

    def _check_field_access(self, field, operation):
        """Say what to do where a field is kept.

        :raises AccessError: the field is not for this user, or for no user
        """
        if operation == "write" and self._is_kept(field):
            raise AccessError(
                self.env._(
                    "“%(field)s” (%(model)s) follows from what is done with the "
                    "record and is not typed in: leave it out, or use the button of "
                    "that step.",
                    field=field.get_description(self.env, ["string"])["string"],
                    model=self._name,
                )
            )
        return super()._check_field_access(field, operation)

    @api.model
    def _check_given(self, vals_list):
        """Refuse kept fields before a model adds what its own steps know.

        For models whose ``create`` or ``write`` completes the values: it checks what
        was given, then goes on with :meth:`_ours`.

        :param list vals_list: dicts as the caller gave them
        :raises AccessError: a field is kept, or not for this user
        """
        if self._is_ours():
            return
        for name in set().union(*vals_list):
            if name in self._fields:
                self._check_field_access(self._fields[name], "write")

    def copy_data(self, default=None):
        """A copy begins its own life: what is kept stays with the original."""
        copies = super().copy_data(default)
        if not self.env.su:
            kept = self._kept_fields() - (default or {}).keys()
            for vals in copies:
                for name in kept & vals.keys():
                    del vals[name]
        return copies

    @api.model
    def default_get(self, fields):
        """Kept fields begin as the model says, whatever context or defaults say.

        Users store defaults of their own (``ir.default``), and a context is written by
        whoever calls; it is still there when a step of ours goes on with ``sudo()``, so
        that commands for other records are not taken from it then either.
        """
        if is_ours(self.env.context, OWN_DEFAULTS):
            return self._own_defaults(fields)
        defaults = super().default_get(fields)
        if self.env.su:
            ours = {
                name
                for name in defaults
                if name in self._fields and self._fields[name].type in LISTS
            } | self._kept_fields() & defaults.keys()
        else:
            ours = self._kept_fields() & defaults.keys()
        for name in ours:
            del defaults[name]
        defaults.update(self._own_defaults(ours))
        return defaults

    @api.model
    def _own_defaults(self, names):
        """The defaults that the code of the model gives, as ``default_get`` does."""
        defaults = {}
        for name in names:
            field = self._fields.get(name)
            if field and field.default:
                value = field.convert_to_cache(field.default(self), self, False)
                defaults[name] = field.convert_to_write(value, self)
        return defaults

    @api.model
    def _past_the_gate(self):
        """These records in ``sudo``, for values that :meth:`_admit` let through.

        What the caller wrote into the context or stored as a default does not count
        any more: only what was given and what the model itself begins with.
        """
        # sudo: the model's own - the caller checks rights before and after
        return self.sudo().with_context(
            clean_context(self.env.context), **{OWN_DEFAULTS: OURS}
        )

    # ------------------------------------------------------------
    # Given values
    # ------------------------------------------------------------

    @api.model
    def _admit(self, vals_list, names, model=None, unchecked=()):
        """What a caller gave, before it is written with ``sudo()``.

        Plain values of the listed fields, and for listed many2many fields ids to link.
        Everything else is refused: commands that reach into other records, names that
        are not on the list, ids of records that the caller may not read.

        :param list vals_list: dicts as the caller gave them
        :param names: names of the fields that may be given
        :param unchecked: names of links that something else checks
        :param model: empty recordset whose fields they are; this model if left out
        :raises AccessError: says which value it was and what to do
        """
        known = (self if model is None else model)._fields
        linked = {}
        for vals in vals_list:
            for name, value in vals.items():
                field = known.get(name)
                if name not in names or field is None:
                    raise AccessError(
                        self.env._(
                            "“%(name)s” cannot be given here: leave it out, and write "
                            "it on the record afterwards if you may.",
                            name=name,
                        )
                    )
                ids = self._plain_ids(field, value)
                if ids and name not in unchecked:
                    linked.setdefault(field.comodel_name, set()).update(ids)
        self._check_linked(linked)

    @api.model
    def _plain_ids(self, field, value):
        """The ids a plain value links to; none for a value that is no link.

        :raises AccessError: the value reaches further than a link
        """
        if field.type not in LISTS:
            if isinstance(value, (list, tuple, dict, set)) or field.type in (
                "properties",
                "properties_definition",
                "reference",
                "many2one_reference",
            ):
                self._refuse_value(field)
            if field.type != "many2one" or not value:
                return ()
            if isinstance(value, models.BaseModel):
                return value.ids
            if isinstance(value, bool) or not isinstance(value, int):
                self._refuse_value(field)
            return (value,)
        if field.type == "one2many" or not isinstance(value, (list, tuple)):
            self._refuse_value(field)
        ids = []
        for command in value:
            if not isinstance(command, (list, tuple)) or not command:
                self._refuse_value(field)
            elif command[0] == Command.LINK and len(command) > 1:
                ids.append(command[1])
            elif command[0] == Command.SET and len(command) > 2:
                ids.extend(command[2])
            elif command[0] != Command.CLEAR:
                self._refuse_value(field)
        if not all(type(each) is int for each in ids):
            self._refuse_value(field)
        return ids

    @api.model
    def _refuse_value(self, field):
        raise AccessError(
            self.env._(
                "“%(name)s” takes a plain value here: link records that exist, and "
                "change them where they are.",
                name=field.name,
            )
        )

    @api.model
    def _check_linked(self, linked):
        """Refuse ids of records that the user may not read.

        One column or two of each record are read, not what Odoo reads ahead.

        :param dict linked: ``{model name: ids}``
        :raises AccessError: names the model, not what is there
        """
        if self.env.su:
            return
        for name, ids in linked.items():
            records = self.env[name].with_context(prefetch_fields=False).browse(ids)
            try:
                readable = records._filtered_access("read")
            except MissingError:
                readable = records.browse()
            if len(readable) != len(records):
                raise AccessError(
                    self.env._(
                        "A record that was chosen (%(model)s) does not exist or is "
                        "not for you: choose another one.",
                        model=name,
                    )
                )
