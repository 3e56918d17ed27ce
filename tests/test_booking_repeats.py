"""The last form of a booking arrives twice, or Odoo does the request again."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from crowd import Form, hidden, open_clinic

pytestmark = pytest.mark.slow

GUEST = {
    "given_name": "Aldo",
    "family_name": "Bassi",
    "birth_date": "1975-03-02",
    "sex": "male",
    "email": "aldo@example.com",
    "privacy": "yes",
}

#: PostgreSQL refuses the first booking it sees, as when two transactions collide. A
#: sequence remembers, because nothing takes it back.
REFUSE_ONCE = """
    CREATE SEQUENCE clinic_test_refusals;
    CREATE FUNCTION clinic_test_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF NEW.state = 'booked' AND nextval('clinic_test_refusals') = 1 THEN
            RAISE EXCEPTION 'collision' USING ERRCODE = 'serialization_failure';
        END IF;
        RETURN NEW;
    END $$;
    CREATE TRIGGER clinic_test_refuse BEFORE UPDATE ON clinic_appointment
        FOR EACH ROW EXECUTE FUNCTION clinic_test_refuse();
"""
ALLOW_AGAIN = """
    DROP TRIGGER clinic_test_refuse ON clinic_appointment;
    DROP FUNCTION clinic_test_refuse;
    DROP SEQUENCE clinic_test_refusals;
"""


@pytest.fixture
def at_the_code(site_workers):
    """A visitor who holds a time and has the code: what the last form sends."""
    site = site_workers
    clinic = open_clinic(site)
    phone = f"+39 333 2{clinic.location:06}"
    site.sql("DELETE FROM clinic_rate_limit")
    visitor = Form(site)
    slot = f"{clinic.starts[0].isoformat()}Z//{clinic.location}"
    page = visitor.send("/clinic/book/hold", service=clinic.service, slot=slot)[1]
    held = hidden(page, "/clinic/book/details")
    guest = {**GUEST, "phone": phone}
    page = visitor.send("/clinic/book/details", **held, **guest)[1]
    assert "Code of six digits" in page.text
    held = hidden(page, "/clinic/book/code")
    return visitor, clinic, {**held, **guest, "code": site.code_sent(phone)}


def booked(site, clinic):
    """The visits of the clinic, with their state."""
    return [state for *_rest, state in clinic.visits(site, "booked", "held")]


def test_two_clicks(site_workers, at_the_code):
    """Two clicks at once: both see the booking, there is one visit and one mail."""
    visitor, clinic, form = at_the_code
    with ThreadPoolExecutor(2) as pool:
        clicks = [
            pool.submit(visitor.send, "/clinic/book/code", **form)
            for _click in range(2)
        ]
    for click in clicks:
        _seconds, answer = click.result()
        assert answer.status_code == 200
        assert "Your visit is booked" in answer.text
    assert booked(site_workers, clinic) == ["booked"]


def test_a_collision_uses_up_no_code(site_workers, at_the_code):
    """Odoo repeats a request that collided: the code that was used up still counts."""
    visitor, clinic, form = at_the_code
    site_workers.expect_log(r"bad query: .*clinic_appointment|collision|SERIALIZATION")
    site_workers.sql(REFUSE_ONCE)
    try:
        _seconds, answer = visitor.send("/clinic/book/code", **form)
        [(tries,)] = site_workers.sql("SELECT last_value FROM clinic_test_refusals")
    finally:
        site_workers.sql(ALLOW_AGAIN)
    assert tries == 2
    assert answer.status_code == 200
    assert "Your visit is booked" in answer.text
    assert booked(site_workers, clinic) == ["booked"]
