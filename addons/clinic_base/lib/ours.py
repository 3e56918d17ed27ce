"""Marks in a context that say: this call comes from the suite's own code.

Whoever calls over RPC sends a context of JSON values, so every key in it can be set by
anybody: ``context.get("clinic_history")`` alone is no proof. The marks here are objects
that JSON cannot carry, and a key counts only when its value *is* such an object::

    records.with_context(clinic_history=OURS)    # who may
    is_ours(self.env.context, "clinic_history")  # who asks
"""

import functools


class Mark:
    """One object for each name and process; copies of a context hold the same one."""

    __slots__ = ("name",)

    def __init__(self, name):
        self.name = name

    def __copy__(self):
        return self

    def __deepcopy__(self, _memo):
        return self

    def __repr__(self):
        return f"<{self.name}>"


OURS = Mark("ours")


@functools.cache
def step_of(model):
    """The mark of a step of one model: it opens the kept fields of no other.

    Values that a caller gave may hold commands for records of other models; those are
    written in the same context.

    :param str model: name of a model
    """
    return Mark(model)


def is_ours(context, key):
    """Whether the suite's own code has put this key into the context.

    :param context: mapping of an environment
    :param str key: name of the key
    """
    return context.get(key) is OURS


class Said:
    """A value that the suite's own code says in a context, as :data:`OURS` a yes."""

    __slots__ = ("value",)

    def __init__(self, value):
        self.value = value

    def __eq__(self, other):
        return type(other) is Said and other.value == self.value

    def __hash__(self):
        return hash((Said, str(self.value)))

    def __copy__(self):
        return self

    def __deepcopy__(self, _memo):
        return self

    def __repr__(self):
        return "<said>"


def said(context, key):
    """The value that the suite's own code has put under this key, or ``None``.

    :param context: mapping of an environment
    :param str key: name of the key
    """
    value = context.get(key)
    return value.value if type(value) is Said else None
