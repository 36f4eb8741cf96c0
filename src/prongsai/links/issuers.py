"""Who issued a certificate: what is read of certificates of strangers. It runs in the sandbox; see ``certificates``.

For diagnosis alone: nothing is trusted by it. It says whether a chain *would* lead to a known authority.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

_MAX_ADDRESSES = 2
_MAX_CANDIDATES = 10


def issuer_addresses(certificate: bytes) -> list[str]:
    """Where the certificate says that its issuer's is found (Authority Information Access): only http, which needs no
    certificate in its turn."""
    from cryptography import x509
    from cryptography.x509.oid import AuthorityInformationAccessOID

    try:
        access = _load(certificate).extensions.get_extension_for_class(x509.AuthorityInformationAccess).value
    except (x509.ExtensionNotFound, x509.DuplicateExtension, ValueError):
        return []
    found = [
        str(each.access_location.value)
        for each in access
        if each.access_method == AuthorityInformationAccessOID.CA_ISSUERS
    ]
    return [url for url in found if url.lower().startswith("http://")][:_MAX_ADDRESSES]


def find_issuer(certificate: bytes, body: bytes) -> bytes:
    """The certificate in ``body`` (DER, PEM or PKCS 7) that issued ``certificate``; b"" where none did."""
    from cryptography.hazmat.primitives.serialization import Encoding

    subject = _load(certificate)
    issuer = next((each for each in _candidates(body) if _is_issued(subject, each)), None)
    return issuer.public_bytes(Encoding.DER) if issuer else b""


def is_issued_by_any(certificate: bytes, authorities: list[bytes]) -> bool:
    """Whether one of the authorities issued the certificate."""
    subject = _load(certificate)
    return any(_is_issued(subject, _load(authority)) for authority in authorities)


def _load(certificate: bytes) -> "Certificate":
    from cryptography import x509

    return x509.load_der_x509_certificate(certificate)


def _candidates(body: bytes) -> "list[Certificate]":
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import pkcs7

    for load in (
        lambda data: [x509.load_der_x509_certificate(data)],
        x509.load_pem_x509_certificates,
        pkcs7.load_der_pkcs7_certificates,
    ):
        try:
            return load(body)[:_MAX_CANDIDATES]
        except (ValueError, TypeError):
            continue
    return []


def _is_issued(subject: "Certificate", issuer: "Certificate") -> bool:
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm

    if subject.issuer != issuer.subject or subject == issuer:
        return False
    try:
        subject.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
        return False
    return True
