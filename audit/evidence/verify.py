#!/usr/bin/env python3
"""Check an export of Tutela on any machine that has Python 3.9 or newer. Nothing else is needed.

    python3 verify.py export.zip --key FINGERPRINT

It reads the manifest, checks its Ed25519 signature (RFC 8032), then that every file named in it is there with exactly
the bytes that were signed, and that no other file is. It uses Python's standard library alone and shares no code with
the program that made the export. The fingerprint stands on the page of exports; get it by another way than the file.
Exit status: 0 all is well, 1 something is not, 2 the export cannot be read.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import sys
import zipfile

MANIFEST, SIGNATURE, PUBLIC_KEY, THIS = "manifest.json", "manifest.sig", "signing-key.pub", "verify.py"

# ---- Ed25519, after RFC 8032 section 5.1 and its appendix A; verification only

P = 2**255 - 19
Q = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT = pow(2, (P - 1) // 4, P)
BASE_Y = 4 * pow(5, P - 2, P) % P


def recover_x(y: int, sign: int) -> int | None:
    """The x of a point on the curve from its y; None where there is none (5.1.3)."""
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    if square == 0:
        return None if sign else 0
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT % P
    if (x * x - square) % P:
        return None
    return P - x if x & 1 != sign else x


Point = tuple[int, int, int, int]


def add(one: Point, two: Point) -> Point:
    """The sum of two points in extended coordinates (5.1.4)."""
    a, b = (one[1] - one[0]) * (two[1] - two[0]) % P, (one[1] + one[0]) * (two[1] + two[0]) % P
    c, d = 2 * one[3] * two[3] * D % P, 2 * one[2] * two[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def multiply(scalar: int, point: Point) -> Point:
    """A point added to itself so many times."""
    result = (0, 1, 1, 0)
    while scalar:
        if scalar & 1:
            result = add(result, point)
        point, scalar = add(point, point), scalar >> 1
    return result


def same(one: Point, two: Point) -> bool:
    """Whether two points are one, whatever their scale."""
    return (one[0] * two[2] - two[0] * one[2]) % P == 0 and (one[1] * two[2] - two[1] * one[2]) % P == 0


def decompress(data: bytes) -> Point | None:
    """The point that 32 bytes stand for; None where they stand for none (5.1.3)."""
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & (1 << 255) - 1
    x = recover_x(y, sign)
    return None if x is None else (x, y, 1, x * y % P)


def signed_by(public: bytes, message: bytes, signature: bytes) -> bool:
    """Whether this key (32 bytes) made this signature (64 bytes) over the message (5.1.7)."""
    if len(public) != 32 or len(signature) != 64:
        return False
    key, r = decompress(public), decompress(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if key is None or r is None or s >= Q:
        return False
    h = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % Q
    base_x = recover_x(BASE_Y, 0) or 0
    base = (base_x, BASE_Y, 1, base_x * BASE_Y % P)
    return same(multiply(s, base), add(r, multiply(h, key)))


# ---- the export


def fingerprint(public: bytes) -> str:
    """What people compare: SHA-256 of the public key."""
    return hashlib.sha256(public).hexdigest()


def problems(archive: zipfile.ZipFile, trusted: str | None) -> list[str]:
    """What is wrong with the export, in words; nothing when all is well."""
    manifest = archive.read(MANIFEST)
    public = decoded(archive.read(PUBLIC_KEY))
    found = []
    if trusted is not None and fingerprint(public) != trusted.replace(":", "").replace(" ", "").lower():
        found.append("It was signed with another key than the one you trust.")
    if not signed_by(public, manifest, decoded(archive.read(SIGNATURE))):
        return [*found, "The signature does not fit the manifest; nothing that it says can be believed."]
    return found + wrong_files(archive, json.loads(manifest)["files"])


def decoded(text: bytes) -> bytes:
    """What base64 text stands for; nothing where it is none."""
    try:
        return base64.b64decode(text.strip(), validate=True)
    except ValueError:
        return b""


def wrong_files(archive: zipfile.ZipFile, named: list[dict[str, object]]) -> list[str]:
    """Files that are missing, altered or in no manifest."""
    found = []
    inside = archive.namelist()
    if len(set(inside)) != len(inside):
        found.append("The archive holds two files of one name.")
    for entry in named:
        name = str(entry["name"])
        if name not in inside:
            found.append(f"{name} is missing.")
        elif digest(archive, name) != entry["sha256"]:
            found.append(f"{name} is not what was signed.")
    known = {str(entry["name"]) for entry in named} | {MANIFEST, SIGNATURE, PUBLIC_KEY, THIS}
    return found + [f"{name} is in no manifest." for name in inside if name not in known]


def digest(archive: zipfile.ZipFile, name: str) -> str:
    """SHA-256 of a file in the archive, read in parts."""
    total = hashlib.sha256()
    with archive.open(name) as file:
        while part := file.read(1 << 20):
            total.update(part)
    return total.hexdigest()


def main() -> int:
    """Check the named export and say what was found."""
    parser = argparse.ArgumentParser(description="Check an export of Tutela.")
    parser.add_argument("export", help="the .zip file")
    parser.add_argument("--key", help="the fingerprint of the key that you trust (64 hexadecimal digits)")
    asked = parser.parse_args()
    try:
        with zipfile.ZipFile(asked.export) as archive:
            wrong = problems(archive, asked.key)
            manifest = {} if wrong else json.loads(archive.read(MANIFEST))
            key = fingerprint(decoded(archive.read(PUBLIC_KEY)))
    except (OSError, ValueError, KeyError, zipfile.BadZipFile, zipfile.LargeZipFile) as error:
        print(f"This export cannot be read: {error}")
        return 2
    for line in wrong:
        print(f"WRONG  {line}")
    if wrong:
        return 1
    print(f"ok     {len(manifest['files'])} files, as of {manifest['as_of']}, made {manifest['made_at']}")
    for entry in manifest["files"]:
        print(f"       {entry['rows']:>9} rows  {entry['name']}")
    print(f"       signed with the key {key}")
    if asked.key is None:
        print(
            "       Compare this fingerprint with the one on the page of exports; a forger has a key of their own."
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
