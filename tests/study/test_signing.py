"""The key of a run is made once, is nobody else's to read, and signs what only it can have signed."""

import os
import threading

import pytest

from helpers.errors import RecordError
from helpers.study.signing import fingerprint, is_signed, public_part, signing_key


@pytest.fixture
def file(tmp_path):
    return tmp_path / "private" / "signing_key.pem"


def test_a_key_is_made_on_first_use_and_is_the_same_from_then_on(file):
    made = public_part(signing_key(file))
    assert public_part(signing_key(file)) == made
    assert [path.stat().st_mode & 0o777 for path in (file, file.parent)] == [0o600, 0o700]
    assert os.listdir(file.parent) == [file.name]


def test_of_keys_that_are_made_at_once_one_stays(file):
    made = []
    threads = [threading.Thread(target=lambda: made.append(public_part(signing_key(file)))) for _ in range(8)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert len(set(made)) == 1 and len(made) == 8


def test_a_signature_fits_its_content_and_its_key_only(file, tmp_path):
    key, other = signing_key(file), signing_key(tmp_path / "other.pem")
    signature, public = key.sign(b"content").hex(), public_part(key)
    assert is_signed(b"content", signature, public)
    assert not is_signed(b"Content", signature, public)
    assert not is_signed(b"content", signature, public_part(other))
    assert not is_signed(b"content", "none", public) and not is_signed(b"content", signature, "00")
    assert fingerprint(public) != fingerprint(public_part(other)) and len(fingerprint(public)) == 39


@pytest.mark.parametrize(("damage", "said"), [("mode", "chmod 600"), ("noise", "cannot be read"), ("kind", "Ed25519")])
def test_a_key_that_cannot_be_trusted_is_refused(file, damage, said):
    from cryptography.hazmat.primitives import serialization as form
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

    signing_key(file)
    if damage == "mode":
        file.chmod(0o644)
    elif damage == "noise":
        file.write_text("noise")
    else:
        plain = (form.Encoding.PEM, form.PrivateFormat.PKCS8, form.NoEncryption())
        file.write_bytes(X25519PrivateKey.generate().private_bytes(*plain))
    with pytest.raises(RecordError, match=said):
        signing_key(file)
