"""Parts of the day. Nothing of Odoo is imported."""

#: Local hours at which afternoon and evening begin.
AFTERNOON, EVENING = 13, 18


def time_band(hour):
    """The part of the day to which an hour belongs.

    >>> time_band(12), time_band(13), time_band(18)
    ('morning', 'afternoon', 'evening')

    :param int hour: by the clock of the location
    """
    if hour < AFTERNOON:
        return "morning"
    return "afternoon" if hour < EVENING else "evening"
