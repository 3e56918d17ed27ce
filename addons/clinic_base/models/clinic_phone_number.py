import phonenumbers
from phonenumbers import PhoneNumberFormat, PhoneNumberType

from odoo import api, models
from odoo.exceptions import UserError, ValidationError

from odoo.addons.phone_validation.tools import phone_validation

E164 = PhoneNumberFormat.E164
INTERNATIONAL = PhoneNumberFormat.INTERNATIONAL
NATIONAL = PhoneNumberFormat.NATIONAL
#: Kinds of numbers at which no SMS arrives. Many countries do not tell landlines and
#: mobiles apart; such a number is let through.
WITHOUT_SMS = frozenset(
    {
        PhoneNumberType.FIXED_LINE,
        PhoneNumberType.TOLL_FREE,
        PhoneNumberType.PREMIUM_RATE,
        PhoneNumberType.SHARED_COST,
        PhoneNumberType.UAN,
        PhoneNumberType.VOICEMAIL,
    }
)


class ClinicPhoneNumber(models.AbstractModel):
    """Telephone numbers as text: E.164 (ITU-T) for programs, spaced for people."""

    _name = "clinic.phone.number"
    _description = "Telephone numbers as text"

    @api.model
    def _normalize(self, text, country=None):
        """Return ``text`` as an E.164 number.

        :param country: res.country to read a national number in; the company's
            otherwise
        :raise ValidationError: when it cannot be a phone number
        """
        return phonenumbers.format_number(self._parse(text, country), E164)

    @api.model
    def _parse(self, text, country=None):
        """Return ``text`` as a number of the library; as :meth:`_normalize`."""
        text = (text or "").strip()
        country = country or self.env.company.country_id
        try:
            if len(text) > 40:
                raise UserError(text[:40])
            return self._parse_plain(text, country.code) or (
                phone_validation.phone_parse(text, country.code)
            )
        except UserError as error:
            raise ValidationError(
                self.env._(
                    "“%(number)s” cannot be a phone number. Write it in full with the "
                    "country code in front, for example +39 06 6982.",
                    number=text[:40],
                )
            ) from error

    @api.model
    def _parse_plain(self, text, region):
        """Return what Odoo makes of a number when it is right as it stands, or None.

        Odoo parses each number twice, lest its own corrections of the library change
        it; where the first pass changes nothing, the second one gives the same again.
        """
        try:
            parsed = phonenumbers.parse(text, region=region or None)
        except phonenumbers.NumberParseException:
            return None
        shown = phonenumbers.format_number(parsed, INTERNATIONAL)
        plain = phonenumbers.format_number(parsed, E164)
        if parsed.extension or "".join(filter(str.isdigit, shown)) != plain[1:]:
            return None
        return parsed if phonenumbers.is_valid_number(parsed) else None

    @api.model
    def _try_normalize(self, text, country=None):
        """Return ``text`` as an E.164 number, or False when it is not one."""
        try:
            return self._normalize(text, country)
        except ValidationError:
            return False

    @api.model
    def _normalize_mobile(self, text, country=None):
        """Return ``text`` as an E.164 number to which an SMS can go.

        :param country: res.country to read a national number in; the company's
            otherwise
        :raise ValidationError: it cannot be a phone number, or is one without SMS
        """
        parsed = self._parse(text, country)
        if phonenumbers.number_type(parsed) in WITHOUT_SMS:
            raise ValidationError(
                self.env._(
                    "An SMS cannot arrive at %(number)s: write a mobile number.",
                    number=phonenumbers.format_number(parsed, INTERNATIONAL),
                )
            )
        return phonenumbers.format_number(parsed, E164)

    @api.model
    def _format(self, e164):
        """Return an E.164 number as people read it: +39 06 1234 5678."""
        return phone_validation.phone_format(
            e164, None, None, force_format="INTERNATIONAL", raise_exception=False
        )

    @api.model
    def _read_number(self, text, country=None):
        """Return what is kept of a number, from parsing it once.

        :param str text: as typed
        :param country: res.country to read a national number in; the company's
            otherwise
        :return: E.164, as people read it, and the digits as they begin to type them
        :raise ValidationError: when it cannot be a phone number
        """
        parsed = self._parse(text, country)
        parsed.extension = None
        shown = phonenumbers.format_number(parsed, INTERNATIONAL)
        national = phonenumbers.format_number(parsed, NATIONAL)
        e164 = phonenumbers.format_number(parsed, E164)
        digits = ("".join(filter(str.isdigit, form)) for form in (e164, national))
        return e164, shown, list(dict.fromkeys(digits))
