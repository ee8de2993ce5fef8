# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Check a certificate and its key before a web server gets them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from ansible_collections.haweb.cluster.plugins.module_utils._problems import Kind, Problem, Problems

# ansible-core itself needs cryptography; only ansible-test imports this file without it. All functions that
# this file calls exist in version 38, which Debian 12 ships.
with suppress(ImportError):
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes, PublicKeyTypes

NOT_PUBLIC = Kind(
    "not_public",
    "the certificate has a block that is not a certificate, but a certificate is public; give a key as the "
    "key, and keep only -----BEGIN CERTIFICATE----- blocks in the certificate",
)
ONE_OF_TWO = Kind(
    "one_of_two", "there is a {found} but no {lacking}; give both, or none for a site without TLS"
)
OTHER_KEY = Kind(
    "other_key",
    "the certificate for {subject} was not made for this key; give the key that belongs to it (the server's "
    "own certificate must stand first in the file, before those of its chain)",
)
UNREADABLE_CERTIFICATE = Kind(
    "unreadable_certificate",
    "the certificate cannot be read; it must be PEM, beginning with -----BEGIN CERTIFICATE-----",
)
PASSPHRASE = Kind(
    "passphrase",
    "the key has a passphrase, which Apache could not ask for at boot; remove it with openssl pkey",
)
UNREADABLE_KEY = Kind(
    "unreadable_key", "the key cannot be read; it must be PEM, beginning with -----BEGIN PRIVATE KEY-----"
)
EXPIRED = Kind("expired", "the certificate for {subject} expired on {day}; renew it")
NOT_YET_VALID = Kind(
    "not_yet_valid",
    "the certificate for {subject} is not valid before {day}; renew it, or correct the controller's clock",
)
NAME_NOT_COVERED = Kind(
    "name_not_covered",
    "the certificate covers {covered}, but not {name}; get one with {name} among its subject alternative "
    "names, or change ServerName and ServerAlias",
)

BEGIN_CERTIFICATE = re.compile(r"(?=-----BEGIN CERTIFICATE-----)")

# Any number of dashes: a block that people recognise as a key must not pass.
OTHER_BLOCK = re.compile(r"BEGIN (?!CERTIFICATE-)")


def tls_problems(
    certificate: str, key: str, names: Iterable[str], now: datetime | None = None
) -> list[Problem]:
    """Return the problems; their data never contain a part of the key."""
    problems = Problems("TLS")
    if not certificate and not key:
        return []
    if OTHER_BLOCK.search(certificate):
        problems.add(NOT_PUBLIC)
    if not certificate or not key:
        found, lacking = ("certificate", "key") if certificate else ("key", "certificate")
        problems.add(ONE_OF_TWO, found=found, lacking=lacking)
        return problems.found
    leaf = _load_certificate(certificate, problems)
    private = _load_key(key, problems)
    if leaf is None or private is None:
        return problems.found
    if _written(leaf.public_key()) != _written(private.public_key()):
        problems.add(OTHER_KEY, subject=_subject(leaf))
    _check_validity(leaf, now or datetime.now(UTC), problems)
    _check_names(leaf, names, problems)
    return problems.found


def _load_certificate(pem: str, problems: Problems) -> x509.Certificate | None:
    """Return the first certificate of a chain, or None if any certificate of it cannot be read."""
    _before, *blocks = BEGIN_CERTIFICATE.split(pem)
    try:
        leaf, *_chain = [x509.load_pem_x509_certificate(block.encode()) for block in blocks]
        return leaf
    except ValueError:
        problems.add(UNREADABLE_CERTIFICATE)
        return None


def _load_key(pem: str, problems: Problems) -> PrivateKeyTypes | None:
    try:
        return load_pem_private_key(pem.encode(), password=None)
    except TypeError:
        problems.add(PASSPHRASE)
    except ValueError:
        problems.add(UNREADABLE_KEY)
    return None


def _written(key: PublicKeyTypes) -> bytes:
    """Return bytes that are equal for equal keys: before cryptography 40 keys cannot be compared."""
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def _validity(leaf: x509.Certificate) -> tuple[datetime, datetime]:
    """Return the beginning and the end of the validity."""
    if hasattr(leaf, "not_valid_before_utc"):
        return leaf.not_valid_before_utc, leaf.not_valid_after_utc
    # Before cryptography 42 the same times exist only without a time zone.
    return leaf.not_valid_before.replace(tzinfo=UTC), leaf.not_valid_after.replace(tzinfo=UTC)


def _check_validity(leaf: x509.Certificate, now: datetime, problems: Problems) -> None:
    begin, end = _validity(leaf)
    if now > end:
        problems.add(EXPIRED, subject=_subject(leaf), day=f"{end:%Y-%m-%d}")
    if now < begin:
        problems.add(NOT_YET_VALID, subject=_subject(leaf), day=f"{begin:%Y-%m-%d}")


def _check_names(leaf: x509.Certificate, names: Iterable[str], problems: Problems) -> None:
    covered = _covered(leaf)
    for name in names:
        parent = name.partition(".")[2]
        if name.lower() not in covered and f"*.{parent}".lower() not in covered:
            problems.add(NAME_NOT_COVERED, covered=tuple(sorted(covered)) or "no name at all", name=name)


def _covered(leaf: x509.Certificate) -> set[str]:
    try:
        names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return set()
    addresses = names.get_values_for_type(x509.IPAddress)
    return {name.lower() for name in names.get_values_for_type(x509.DNSName)} | {str(ip) for ip in addresses}


def _subject(leaf: x509.Certificate) -> str:
    return leaf.subject.rfc4514_string() or "no subject"
