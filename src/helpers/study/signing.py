"""The key with which a run signs its exports: Ed25519 (RFC 8032), made on first use, kept in the run's private folder.

Whoever has a signed file, and the key's fingerprint from its owner by another channel, knows whose file it is.
"""

import hashlib
import os
import secrets
from contextlib import suppress
from pathlib import Path

from helpers.errors import RecordError
from helpers.files import disk_errors
from helpers.runs import Run

KEY_FILE = "signing_key.pem"


def key_file(run: Run) -> Path:
    """Path of a run's private key."""
    return run.folder / "private" / KEY_FILE


def signing_key(file: Path):
    """The private key in a file (PEM, mode 0600), made if there is none.

    Raises RecordError if anyone but its owner may read it, and if it is not an Ed25519 key.
    """
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    if not file.is_file():
        plain, pem = serialization.NoEncryption(), serialization.Encoding.PEM
        made = Ed25519PrivateKey.generate().private_bytes(pem, serialization.PrivateFormat.PKCS8, plain)
        _place(file, made)
    if os.name == "posix" and file.stat().st_mode & 0o077:
        raise RecordError(f"{file}: others may read this private key; run chmod 600 on it, or remove it for a new one")
    try:
        key = serialization.load_pem_private_key(file.read_bytes(), None)
    except (ValueError, TypeError) as error:
        raise RecordError(f"{file}: cannot be read as a private key ({error}); restore a backup of it") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise RecordError(f"{file}: not an Ed25519 key; restore a copy of the one made here")
    return key


def public_part(key) -> str:
    """The public key of a private key, hex."""
    return key.public_key().public_bytes_raw().hex()


def is_signed(content: bytes, signature: str, public: str) -> bool:
    """Whether a signature (hex) of ``content`` is valid for a public key (hex)."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(public)).verify(bytes.fromhex(signature), content)
    except (InvalidSignature, ValueError):
        return False
    return True


def fingerprint(public: str) -> str:
    """The fingerprint of a public key (hex) that people compare: 128 bits of its SHA-256, in groups of four digits."""
    digest = hashlib.sha256(bytes.fromhex(public)).hexdigest()[:32]
    return "-".join(digest[i : i + 4] for i in range(0, 32, 4))


def _place(file: Path, content: bytes) -> None:
    """Write a private file atomically; if another process was faster, its file stays."""
    with disk_errors(file):
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        temporary = file.with_name(f".{file.name}-{secrets.token_hex(8)}")
        try:
            with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
                out.write(content)
                os.fsync(out.fileno())
            with suppress(FileExistsError):
                os.link(temporary, file)
        finally:
            temporary.unlink(missing_ok=True)
