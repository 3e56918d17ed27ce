"""Splitting an amount into instalments. Plain Python, no Odoo."""

from calendar import monthrange
from datetime import date


def months_later(day, months):
    """The same day some months later, or the last one of a shorter month."""
    month = day.month - 1 + months
    year, month = day.year + month // 12, month % 12 + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def split(total, deposit, count, first, decimals=2):
    """What is due when; the sum is the total to the cent.

    :param float total: amount in the currency
    :param float deposit: due on the first day; 0 for none
    :param int count: number of monthly instalments after the deposit, at least 1
    :param date first: day of the deposit, or of the first instalment without one
    :param int decimals: digits of the currency
    :returns: list of ``(date, amount)``, in order
    :raises ValueError: an amount that cannot be split so
    """
    unit = 10**decimals
    whole, down = round(total * unit), round(deposit * unit)
    if count < 1 or whole <= 0 or not 0 <= down < whole:
        raise ValueError("deposit and number of instalments must fit the amount")
    each, more = divmod(whole - down, count)
    if not each:
        raise ValueError("an instalment would be nothing")
    dues = [(first, down / unit)] if down else []
    offset = 1 if down else 0
    for number in range(count):
        # The cents that do not divide go to the first instalments.
        amount = each + (1 if number < more else 0)
        dues.append((months_later(first, number + offset), amount / unit))
    return dues
