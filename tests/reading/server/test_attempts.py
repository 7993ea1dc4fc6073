"""Access codes can be tried a few times, from one address and of one account."""

from helpers.reading.server.attempts import KEPT, OF_ACCOUNT, OF_ADDRESS, WITHIN, Attempts


def test_an_address_may_be_wrong_so_often_within_ten_minutes():
    now = [0.0]
    attempts = Attempts(lambda: now[0])
    for number in range(OF_ADDRESS):
        assert attempts.may_try("10.0.0.1", f"A{number}")
        attempts.note_wrong("10.0.0.1", f"A{number}")
    assert not attempts.may_try("10.0.0.1", "ZZZZ") and attempts.may_try("10.0.0.2", "ZZZZ")
    now[0] = WITHIN + 1
    assert attempts.may_try("10.0.0.1", "ZZZZ")


def test_an_account_may_be_guessed_at_so_often_from_anywhere():
    attempts = Attempts(lambda: 0.0)
    for number in range(OF_ACCOUNT):
        attempts.note_wrong(f"10.0.0.{number}", "ABCD")
    assert not attempts.may_try("10.0.1.1", "ABCD") and attempts.may_try("10.0.1.1", "ABCE")


def test_what_is_remembered_has_a_limit():
    attempts = Attempts(lambda: 0.0)
    for number in range(KEPT):
        attempts.note_wrong(f"{number}", f"A{number}")
    assert len(attempts._wrong) <= KEPT
