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


def fit(total, dues, decimals=2):
    """Make amounts that are due add up to a new total, in the proportions they had.

    Deposits stay what was agreed, as long as something is left for each other payment;
    amounts that add up already stay as they are.

    :param float total: what they add up to
    :param dues: list of ``(amount, is deposit)``
    :param int decimals: digits of the currency
    :returns: list of amounts, in the same order
    :raises ValueError: not a cent for each of them
    """
    unit = 10**decimals
    whole, parts = round(total * unit), [round(amount * unit) for amount, _ in dues]
    if parts and sum(parts) == whole and min(parts) > 0:
        return [part / unit for part in parts]
    moving = [index for index, (_amount, deposit) in enumerate(dues) if not deposit]
    fixed = sum(parts) - sum(parts[index] for index in moving)
    if not moving or whole < fixed + len(moving):
        moving, fixed = list(range(len(parts))), 0
    rest, base = whole - fixed, sum(parts[index] for index in moving)
    if rest < len(moving) or not moving:
        raise ValueError("nothing is left for some of the payments")
    # One cent for each, and the others in proportion.
    shares = [1 + (rest - len(moving)) * parts[index] // base for index in moving]
    for number in range(rest - sum(shares)):
        shares[number % len(shares)] += 1
    for index, share in zip(moving, shares, strict=True):
        parts[index] = share
    return [part / unit for part in parts]
