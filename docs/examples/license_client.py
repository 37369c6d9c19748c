"""The licence of a product on one device: python3 license_client.py activate CODE | check | release."""

import base64, hashlib, json, os, sys, time, urllib.request, uuid
from datetime import datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

SERVER, PRODUCT = os.environ.get("LICENSE_SERVER", "http://127.0.0.1:8000"), "total-protection"
DEVICE, STORE = f"{PRODUCT}-{uuid.getnode():x}", Path("license.json")


def ask(what, **meant):
    body = json.dumps({"product": PRODUCT, "device": DEVICE} | meant).encode() if meant else None
    request = urllib.request.Request(f"{SERVER}/api/v1/licenses/{what}", body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.loads(answer.read() or "{}")


def keep(file, refused=None):
    keys = {key["kid"]: key["x"] for key in ask("keys")["keys"]}
    STORE.write_text(json.dumps({"file": file, "keys": keys, "seen": time.time(), "refused": refused}))


def judge(kept, now):
    envelope = json.loads(base64.b64decode("".join(kept["file"].split("\n")[1:-2])))
    key = Ed25519PublicKey.from_public_bytes(base64.urlsafe_b64decode(kept["keys"][envelope["kid"]] + "=="))
    key.verify(base64.b64decode(envelope["sig"]), b"license-file/v1\n" + envelope["payload"].encode())
    told, device = json.loads(envelope["payload"]), hashlib.sha256(DEVICE.encode()).hexdigest()
    moments = (told["issued_at"], told["trusted_until"], told["grace_until"] or "9999-12-31")
    issued, trusted, ends = (datetime.fromisoformat(moment).timestamp() for moment in moments)
    if (told["purpose"], told["product"], told["device"]) != ("device", PRODUCT, device):
        return "other_device"
    if now + 300 < max(kept["seen"], issued):
        return "clock_set_back"
    return kept.get("refused") or ("expired" if now >= ends else "server_needed" if now >= trusted else "valid")


def check():
    kept = json.loads(STORE.read_text())
    try:
        told = ask("validations", license=kept["file"])
    except (OSError, ValueError):  # no answer, or the server is in trouble: what is kept decides
        STORE.write_text(json.dumps(kept | {"seen": max(kept["seen"], now := time.time())}))
        return judge(kept, now)
    keep(told["license_file"] or kept["file"], None if told["valid"] else told["code"])  # a refusal stays
    return told["code"]


if __name__ == "__main__":
    if sys.argv[1] == "activate":
        keep(ask("activations", license=sys.argv[2])["license_file"])
    print(check() if sys.argv[1] != "release" else ask("releases", license=json.loads(STORE.read_text())["file"]))
