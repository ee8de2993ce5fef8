# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from ansible_collections.haweb.cluster.plugins.filter.tls_problems import FilterModule
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)

problems: Callable[..., Any] = FilterModule().filters()["tls_problems"]

KEY = ec.generate_private_key(ec.SECP256R1())
STRANGER = ec.generate_private_key(ec.SECP256R1())
NAMES = ("www.example.com", "*.shop.example.com")


def pem(key: ec.EllipticCurvePrivateKey, passphrase: bytes = b"") -> str:
    encryption = BestAvailableEncryption(passphrase) if passphrase else NoEncryption()
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption).decode()


def certificate(first_day: int = -1, last_day: int = 1, names: tuple[str, ...] = NAMES) -> str:
    """Return a certificate for KEY; days count from today."""
    now = datetime.now(UTC)
    name = x509.Name.from_rfc4514_string("CN=www.example.com")
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).serial_number(1)
    builder = builder.public_key(KEY.public_key())
    builder = builder.not_valid_before(now + timedelta(days=first_day))
    builder = builder.not_valid_after(now + timedelta(days=last_day))
    if names:
        alternatives = x509.SubjectAlternativeName([x509.DNSName(name) for name in names])
        builder = builder.add_extension(alternatives, critical=False)
    return builder.sign(KEY, hashes.SHA256()).public_bytes(Encoding.PEM).decode()


@pytest.mark.parametrize("names", [[], ["www.example.com"], ["WWW.example.com"], ["a.shop.example.com"]])
def test_nothing_to_say(names: list[str]) -> None:
    assert problems(certificate(), pem(KEY), names) == []


def test_no_tls_is_no_problem() -> None:
    assert problems("", "", ["www.example.com"]) == []


@pytest.mark.parametrize(
    ("cert", "key", "sentence"),
    [
        (certificate(), "", "there is a certificate but no key; give both, or none for a site without TLS."),
        ("", pem(KEY), "there is a key but no certificate; give both, or none for a site without TLS."),
        (
            "not PEM",
            pem(KEY),
            "the certificate cannot be read; it must be PEM, beginning with -----BEGIN CERTIFICATE-----.",
        ),
        (
            certificate(),
            "not PEM",
            "the key cannot be read; it must be PEM, beginning with -----BEGIN PRIVATE KEY-----.",
        ),
        (
            certificate(),
            pem(KEY, b"secret"),
            "the key has a passphrase, which Apache could not ask for at boot; remove it with openssl pkey.",
        ),
        (
            certificate(),
            pem(STRANGER),
            "the certificate for CN=www.example.com was not made for this key; give the key that belongs to "
            "it "
            "(the server's own certificate must stand first in the file, before those of its chain).",
        ),
    ],
)
def test_pair(cert: str, key: str, sentence: str) -> None:
    assert problems(cert, key) == [f"TLS: {sentence}"]


@pytest.mark.parametrize("key", [pem(KEY), ""])
@pytest.mark.parametrize(
    "cert",
    [
        certificate() + pem(KEY),
        pem(KEY) + certificate(),
        certificate() + pem(KEY, b"secret"),
        certificate() + pem(KEY).replace("PRIVATE KEY", "RSA PRIVATE KEY"),
        certificate() + pem(KEY).replace("-----", "----"),
        certificate() + "-----BEGIN DH PARAMETERS-----\nAAAA\n-----END DH PARAMETERS-----\n",
    ],
)
def test_certificate_with_something_else_behind_it(cert: str, key: str) -> None:
    found = problems(cert, key)
    assert found[0] == (
        "TLS: the certificate has a block that is not a certificate, but a certificate is public; give a key "
        "as the key, and keep only -----BEGIN CERTIFICATE----- blocks in the certificate."
    )
    assert not any(line in sentence for sentence in found for line in pem(KEY).splitlines())


def test_chain() -> None:
    assert problems(f"Bag Attributes\n{certificate()}\n{certificate()}", pem(KEY)) == []


def test_chain_that_is_cut_off() -> None:
    (sentence,) = problems(certificate() + certificate()[:99], pem(KEY))
    assert "the certificate cannot be read" in sentence


@dataclass(frozen=True)
class Older:
    """A certificate of cryptography before 42."""

    leaf: x509.Certificate

    def __getattr__(self, name: str) -> Any:
        if name.endswith("_utc"):
            raise AttributeError(name)
        # Newer versions of cryptography warn about these attributes.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return getattr(self.leaf, name)


@pytest.fixture(params=["this cryptography", "cryptography before 42"])
def _cryptography(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if "before" in request.param:
        load = x509.load_pem_x509_certificate
        monkeypatch.setattr(x509, "load_pem_x509_certificate", lambda text: Older(load(text)))


@pytest.mark.usefixtures("_cryptography")
def test_valid() -> None:
    assert problems(certificate(), pem(KEY)) == []


@pytest.mark.usefixtures("_cryptography")
def test_expired() -> None:
    day = datetime.now(UTC) - timedelta(days=1)
    assert problems(certificate(-9, -1), pem(KEY)) == [
        f"TLS: the certificate for CN=www.example.com expired on {day:%Y-%m-%d}; renew it."
    ]


@pytest.mark.usefixtures("_cryptography")
def test_not_yet_valid() -> None:
    (sentence,) = problems(certificate(1, 9), pem(KEY))
    assert "is not valid before" in sentence


@pytest.mark.parametrize(
    "name", ["example.com", "shop.example.com", "a.b.shop.example.com", "www.example.org"]
)
def test_name_that_is_not_covered(name: str) -> None:
    assert problems(certificate(), pem(KEY), [name]) == [
        f"TLS: the certificate covers *.shop.example.com, www.example.com, but not {name}; get one with "
        f"{name} among its subject alternative names, or change ServerName and ServerAlias."
    ]


def test_common_name_alone_covers_nothing() -> None:
    """Browsers have ignored it for years."""
    (sentence,) = problems(certificate(names=()), pem(KEY), ["www.example.com"])
    assert sentence.startswith("TLS: the certificate covers no name at all, but not www.example.com;")
