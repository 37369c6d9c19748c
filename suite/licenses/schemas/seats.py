"""What goes in and out where licences are connected to devices."""

from typing import Any

import marshmallow as ma

from suite.kernel.fields import Choice, Instant, Schema, Secret, Text
from suite.kernel.paging import PageOut
from suite.kernel.words import marked as _
from suite.licenses.files import MOST
from suite.licenses.validation import Verdict
from suite.services import SERVICES

_ID = {"description": "Row number (UUID version 7)."}
_EXAMPLE_ID = "019ab0c2-8a5e-7c3b-9d52-6f1f8a0b7c4d"
_CODE = "K7Q2M-9XWRT-4HJ8N-C3VPB-D6FGA"
_LICENSE = {"description": "The activation code, or the text of a key file."}
_MEANS = {"description": "The activation code, the text of a key file, or that of the licence file of the device."}
_PRODUCT = {"description": "Key of the product that asks; a licence of another one is never accepted."}
_DEVICE = {
    "description": "What the product calls the device: any text that stays the same on it. Only a keyed hash is kept."
}
_DEVICE_NAME = {
    "description": "What the person calls the device; kept only for a licence that a person holds, to be shown there."
}
_ACTIVATION = {"description": "The `id` of the activation, instead of `license`."}
_FILE = {"description": "Signed text that proves the licence on this device while no server answers; keep the newest."}
_TRUSTED = {"description": "Until then the file proves the licence by itself; ask for a fresh one well before."}
_EXPIRES = {"description": "End of the licence; null for one without an end."}
_GRACE = {"description": "From then on the licence works no more; null for one without an end."}
_FILE_EXAMPLE = "-----BEGIN LICENSE FILE-----\neyJwYXlsb2FkIjoi...\n-----END LICENSE FILE-----\n"
_SEAT = {"description": "Which of the seats of the licence the device takes, from 1."}


class ActivationIn(Schema):
    """A licence, and the device a product runs on."""

    example = {"license": _CODE, "product": "total-protection", "device": "5f0c2b9e", "device_name": "Ann's laptop"}

    license = Secret(most=MOST, required=True, metadata=_LICENSE)
    product = Text(most=80, required=True, metadata=_PRODUCT)
    device = Text(most=200, required=True, metadata=_DEVICE)
    device_name = Text(most=100, load_default=None, metadata=_DEVICE_NAME)


class _Meant(Schema):
    license = Secret(most=MOST, metadata=_MEANS)
    activation = ma.fields.UUID(metadata=_ACTIVATION)
    product = Text(most=80, required=True, metadata=_PRODUCT)
    device = Text(most=200, required=True, metadata=_DEVICE)

    @ma.validates_schema
    def _one(self, data: dict[str, Any], **_options: Any) -> None:
        if ("license" in data) == ("activation" in data):
            raise ma.ValidationError(_("Give either the licence or the activation."), "license")


class ValidationIn(_Meant):
    """Which licence is meant, for which product, on which device."""

    example = {"activation": _EXAMPLE_ID, "product": "total-protection", "device": "5f0c2b9e"}


class ReleaseIn(_Meant):
    """Which licence is to be released from which device."""

    example = {"activation": _EXAMPLE_ID, "product": "total-protection", "device": "5f0c2b9e"}


class ActivationOut(Schema):
    """A licence connected to a device, and the file that proves it there."""

    example = {
        "id": _EXAMPLE_ID,
        "license_id": _EXAMPLE_ID,
        "product": "total-protection",
        "seat": 1,
        "seats": 3,
        "activated_at": "2026-11-24T09:02:11.482Z",
        "expires_at": "2027-11-24T09:02:11.482Z",
        "grace_until": "2027-12-01T09:02:11.482Z",
        "trusted_until": "2026-12-24T09:02:11.482Z",
        "license_file": _FILE_EXAMPLE,
    }

    id = ma.fields.UUID(required=True, attribute="activation.id", metadata=_ID)
    license_id = ma.fields.UUID(required=True, attribute="license.id", metadata=_ID)
    product = ma.fields.String(required=True, attribute="license.product")
    seat = ma.fields.Integer(required=True, attribute="activation.seat", metadata=_SEAT)
    seats = ma.fields.Integer(
        required=True, attribute="license.seats", metadata={"description": "How many devices the licence is for."}
    )
    activated_at = Instant(required=True, attribute="activation.activated_at")
    expires_at = Instant(required=True, allow_none=True, attribute="license.expires_at", metadata=_EXPIRES)
    grace_until = Instant(required=True, allow_none=True, attribute="file.grace_until", metadata=_GRACE)
    trusted_until = Instant(required=True, attribute="file.trusted_until", metadata=_TRUSTED)
    license_file = ma.fields.String(required=True, attribute="file.text", metadata=_FILE)


_VERDICTS = {
    Verdict.VALID: "good",
    Verdict.GRACE: "over, and good for a little longer",
    Verdict.OVER_SEATS: "good, though in use on more devices than were bought",
    Verdict.EXPIRED: "over",
    Verdict.VOID: "withdrawn by the vendor",
    Verdict.WRONG_PRODUCT: "a licence for another product",
    Verdict.NOT_ACTIVATED: "not in use on this device; it may be activated",
    Verdict.NO_SEAT: "not in use on this device, and every seat is taken",
    Verdict.UNKNOWN: "no licence of ours",
}


class ValidationOut(Schema):
    """What a licence is good for on this device; everything but the verdict is null where it is not."""

    example = {
        "valid": True,
        "code": "valid",
        "activation_id": _EXAMPLE_ID,
        "expires_at": "2027-11-24T09:02:11.482Z",
        "grace_until": "2027-12-01T09:02:11.482Z",
        "trusted_until": "2026-12-24T09:02:11.482Z",
        "license_file": _FILE_EXAMPLE,
    }

    valid = ma.fields.Boolean(
        required=True, attribute="good", metadata={"description": "Whether the product may work."}
    )
    code = Choice(
        *Verdict,
        required=True,
        attribute="verdict",
        metadata={"description": " ".join(f"`{verdict}`: {says}." for verdict, says in _VERDICTS.items())},
    )
    activation_id = ma.fields.UUID(required=True, allow_none=True, metadata=_ID)
    expires_at = Instant(required=True, allow_none=True, metadata=_EXPIRES)
    grace_until = Instant(
        required=True, allow_none=True, dump_default=None, attribute="file.grace_until", metadata=_GRACE
    )
    trusted_until = Instant(
        required=True, allow_none=True, dump_default=None, attribute="file.trusted_until", metadata=_TRUSTED
    )
    license_file = ma.fields.String(
        required=True, allow_none=True, dump_default=None, attribute="file.text", metadata=_FILE
    )


class PublicKeyOut(Schema):
    """A key as RFC 8037 writes it."""

    kty = Choice("OKP", required=True)
    crv = Choice("Ed25519", required=True)
    x = ma.fields.String(required=True, metadata={"description": "The public key, 32 bytes in base64url."})
    kid = ma.fields.String(required=True, metadata={"description": "Its RFC 7638 thumbprint, which files name."})
    alg = Choice("EdDSA", required=True)
    use = Choice("sig", required=True)


class KeysOut(Schema):
    """The keys whose signatures count, newest first (JWK Set, RFC 7517)."""

    example = {
        "keys": [
            {
                "kty": "OKP",
                "crv": "Ed25519",
                "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
                "kid": "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k",
                "alg": "EdDSA",
                "use": "sig",
            }
        ]
    }

    keys = ma.fields.List(ma.fields.Nested(PublicKeyOut), required=True)


class DeviceIn(Schema):
    """A device to connect a licence to."""

    example = {"device": "5f0c2b9e", "device_name": "Ann's laptop"}

    device = Text(most=200, required=True, metadata=_DEVICE)
    device_name = Text(most=100, load_default=None, metadata=_DEVICE_NAME)


class DeviceOut(Schema):
    """A device a licence is or was in use on."""

    id = ma.fields.UUID(required=True, metadata=_ID)
    name = ma.fields.String(required=True, allow_none=True, attribute="device_name")
    seat = ma.fields.Integer(required=True, metadata=_SEAT)
    activated_at = Instant(required=True)
    released_at = Instant(required=True, allow_none=True)
    released_by = ma.fields.String(required=True, allow_none=True, metadata={"description": "A code word."})


class DevicesOut(PageOut):
    """Devices of a licence, newest first."""

    example = {
        "devices": [
            {
                "id": _EXAMPLE_ID,
                "name": "Ann's laptop",
                "seat": 1,
                "activated_at": "2026-11-24T09:02:11.482Z",
                "released_at": None,
                "released_by": None,
            }
        ],
        "next_cursor": None,
    }

    devices = ma.fields.List(ma.fields.Nested(DeviceOut), required=True)


class KeyFileQuery(Schema):
    """For which service a key file is given."""

    service = Choice(*SERVICES, required=True, metadata={"description": "The service it is used in."})


class KeyFileOut(Schema):
    """A key file, which stands for the activation code of a licence."""

    example = {"key_file": _FILE_EXAMPLE}

    key_file = ma.fields.String(required=True, metadata={"description": "Text to be handed on as a file."})
