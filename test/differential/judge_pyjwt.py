"""PyJWT as a judge: JSON lines with tokens in, JSON lines with its verdicts out."""
import functools
import json
import sys
from datetime import datetime

import jwt
import jwt.api_jwt

with open(sys.argv[1]) as file:
    RULES = json.load(file)


class Frozen(datetime):
    """What PyJWT asks for the time."""

    @classmethod
    def now(cls, tz=None):
        return cls.fromtimestamp(RULES["now"], tz)


jwt.api_jwt.datetime = Frozen

FAMILIES = {"RS": ("RSA", None), "PS": ("RSA", None), "ES256": ("EC", "P-256"), "ES384": ("EC", "P-384"),
            "ES512": ("EC", "P-521"), "EdDSA": ("OKP", "Ed25519")}
DECODER = jwt.PyJWT()


def fits(key, alg):
    kty, crv = FAMILIES.get(alg) or FAMILIES[alg[:2]]
    return key["kty"] == kty and key.get("crv") == crv and key.get("alg", alg) == alg


@functools.lru_cache(None)
def key_for(kid, alg):
    """PyJWT leaves it to its user which key it is; this does as RFC 7517 has it, and takes no key for another `alg`."""
    if alg not in RULES["algorithms"]:
        raise jwt.InvalidAlgorithmError(alg)
    keys = [key for key in RULES["jwks"]["keys"] if (kid is None or key["kid"] == kid) and fits(key, alg)]
    if len(keys) != 1:
        raise jwt.PyJWKSetError("no key, or several")
    return jwt.PyJWK(keys[0], algorithm=alg)


def judge(token):
    header = jwt.get_unverified_header(token)
    alg = header.get("alg")
    if not isinstance(alg, str):
        raise jwt.InvalidAlgorithmError("no text")
    return DECODER.decode(
        token, key_for(header.get("kid"), alg), algorithms=RULES["algorithms"], issuer=RULES["issuer"],
        audience=RULES["audience"], leeway=0, options={"require": ["iss", "aud", *RULES["required"]]})


for line in sys.stdin:
    case = json.loads(line)
    answer = {"id": case["id"], "verdict": "valid"}
    try:
        claims = judge(case["token"])
        answer["claims"] = {name: claims[name] for name in RULES["compared"] if name in claims}
    except Exception as problem:  # what it does not name itself is a refusal too
        answer["verdict"] = "invalid"
        answer["error"] = type(problem).__name__
    print(json.dumps(answer))
