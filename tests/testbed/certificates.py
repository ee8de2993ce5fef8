"""Self-signed certificates for tests."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat


def key_and_certificate(*names: str, last_day: int = 1) -> tuple[str, str]:
    """Return both in PEM format; days count from today."""
    key = ec.generate_private_key(ec.SECP256R1())
    now = datetime.now(UTC)
    subject = x509.Name.from_rfc4514_string(f"CN={names[0]}")
    alternatives = x509.SubjectAlternativeName([x509.DNSName(name) for name in names])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=30))
        .not_valid_after(now + timedelta(days=last_day))
        .add_extension(alternatives, critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return private.decode(), certificate.public_bytes(Encoding.PEM).decode()


def main(path: str, *names: str) -> None:
    """Write PATH.key and PATH.pem."""
    key, certificate = key_and_certificate(*names)
    Path(f"{path}.pem").write_text(certificate)
    private = Path(f"{path}.key")
    private.touch(mode=0o600)
    private.write_text(key)


if __name__ == "__main__":
    main(*sys.argv[1:])
