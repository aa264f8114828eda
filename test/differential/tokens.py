"""Keys, and tokens as a UAA makes them. All of them follow from a seed, so that each can be made again."""
import base64
import functools
import hashlib
import json
import math
import random

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa, utils

ISSUER = "https://uaa.example.com:8443/oauth/token"
AUDIENCE = "pks.clusters"
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
TEMPLATES = 40

CURVES = {  # name, class, octets of a coordinate, order
    "ES256": ("P-256", ec.SECP256R1, 32,
              0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551),
    "ES384": ("P-384", ec.SECP384R1, 48,
              0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973),
    "ES512": ("P-521", ec.SECP521R1, 66,
              int("01fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
                  "a51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409", 16)),
}
ED25519_ORDER = (1 << 252) + 27742317777372353535851937790883648493
HASHES = {"256": hashes.SHA256, "384": hashes.SHA384, "512": hashes.SHA512}
DIGEST_INFO = {  # RFC 8017 §9.2
    "256": "3031300d060960864801650304020105000420",
    "384": "3041300d060960864801650304020205000430",
    "512": "3051300d060960864801650304020305000440",
}


def packed(octets):
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


def unpacked(part):
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def octets_of(number, size=None):
    return number.to_bytes(size or max(1, (number.bit_length() + 7) // 8), "big")


# ---- JSON that may say what no dictionary can: members twice, numbers of any form, octets that are no UTF-8 ----

class Raw(str):
    """Stands in the text as it is. A half surrogate U+DC80 to U+DCFF is one octet that is not ASCII."""


class Members(list):
    """An object: pairs of a name and a value."""

    def get(self, name):
        return next((value for known, value in self if known == name), None)

    def set(self, name, value):
        for at, (known, _) in enumerate(self):
            if known == name:
                self[at] = (name, value)
                return
        self.append((name, value))

    def remove(self, name):
        self[:] = [pair for pair in self if pair[0] != name]


def text_of(value):
    if isinstance(value, Raw):
        return value
    if isinstance(value, Members):
        return "{" + ",".join(text_of(name) + ":" + text_of(each) for name, each in value) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(text_of, value)) + "]"
    return json.encoder.encode_basestring(value) if isinstance(value, str) else json.dumps(value)


def octets_of_json(value):
    return text_of(value).encode("utf-8", "surrogateescape")


# ---- keys ----

def primes(rng):
    """Of 64 bits, and so many that their product has 2048."""
    out = []
    while len(out) < 32:
        candidate = rng.getrandbits(64) | 1 | 0xff << 56
        if candidate % 65537 != 1 and candidate not in out and all(
                pow(base, candidate - 1, candidate) == 1 for base in (2, 3, 5, 7, 11)):
            out.append(candidate)
    return out


class Key:
    """A private key, what it is called in the key set, and the algorithm that its tokens have."""

    def __init__(self, name, kid, alg, members):
        self.kid = kid
        self.alg = alg
        rng = random.Random(name)
        if alg == "EdDSA":
            self.private = ed25519.Ed25519PrivateKey.from_private_bytes(rng.randbytes(32))
            self.verifying = self.private.public_key()
            raw = self.verifying.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
            self.public = {"kty": "OKP", "crv": "Ed25519", "x": packed(raw)}
        elif alg in CURVES:
            name, curve, size, order = CURVES[alg]
            self.private = ec.derive_private_key(rng.randrange(1, order), curve())
            self.verifying = self.private.public_key()
            point = self.verifying.public_numbers()
            self.public = {"kty": "EC", "crv": name, "x": packed(octets_of(point.x, size)),
                           "y": packed(octets_of(point.y, size))}
        else:
            # Two primes would be 20 times as slow here, and to whoever verifies a modulus is a number.
            factors = primes(rng)
            self.modulus = math.prod(factors)
            self.private = [(p, pow(65537, -1, p - 1), self.modulus // p * pow(self.modulus // p, -1, p))
                             for p in factors]
            self.verifying = rsa.RSAPublicNumbers(65537, self.modulus).public_key()
            self.public = {"kty": "RSA", "e": "AQAB", "n": packed(octets_of(self.modulus))}
        self.jwk = {**self.public, "kid": kid, **members}
        if members.get("value"):
            self.jwk["value"] = self.pem().decode()

    def pem(self):
        return self.verifying.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)

    def der(self):
        return self.verifying.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)

    def algorithms(self):
        """Those that the key's type can sign with."""
        return ALGORITHMS[:6] if self.public["kty"] == "RSA" else [self.alg]

    def raw_rsa(self, block):
        """The packages offer no signature without padding, and none with a chosen salt."""
        number = int.from_bytes(block, "big")
        return octets_of(sum(pow(number, d, p) * unit for p, d, unit in self.private) % self.modulus, 256)


def mgf1(seed, size, hash_name):
    parts = (hashlib.new(hash_name, seed + octets_of(i, 4)).digest() for i in range(size // 20 + 1))
    return b"".join(parts)[:size]


def pss(key, alg, message, salt, mask_hash=None):
    """RFC 8017 §8.1.1, with a salt of the caller's."""
    name = "sha" + alg[-3:]
    digest = hashlib.new(name, b"\0" * 8 + hashlib.new(name, message).digest() + salt).digest()
    block = b"\0" * (256 - len(salt) - len(digest) - 2) + b"\1" + salt
    masked = bytearray(a ^ b for a, b in zip(block, mgf1(digest, len(block), mask_hash or name)))
    masked[0] &= 0x7f
    return key.raw_rsa(bytes(masked) + digest + b"\xbc")


def digest_info(alg, message):
    return bytes.fromhex(DIGEST_INFO[alg[-3:]]) + hashlib.new("sha" + alg[-3:], message).digest()


@functools.lru_cache(8192)
def sign(key, alg, message):
    if alg == "EdDSA":
        return key.private.sign(message)
    if alg.startswith("ES"):
        der = key.private.sign(message, ec.ECDSA(HASHES[alg[-3:]](), deterministic_signing=True))
        size = CURVES[key.alg][2]
        return b"".join(octets_of(number, size) for number in utils.decode_dss_signature(der))
    if alg.startswith("PS"):
        return pss(key, alg, message, hashlib.new("sha" + alg[-3:], b"salt" + message).digest())
    info = digest_info(alg, message)
    return key.raw_rsa(b"\0\1" + b"\xff" * (253 - len(info)) + b"\0" + info)


# ---- tokens ----

# kid, algorithm, what else its JWK says, how many of 100 tokens it signs
KEYS = [
    ("key-1", "RS256", {"use": "sig", "alg": "RS256", "value": True}, 48),
    ("key-without-use", "RS256", {"alg": "RS256"}, 7),
    ("key-without-alg", "RS512", {"use": "sig"}, 9),
    ("key-pss", "PS256", {"use": "sig", "alg": "PS256"}, 2),
    ("key-p256", "ES256", {"use": "sig", "alg": "ES256"}, 19),
    ("key-p384", "ES384", {"use": "sig", "alg": "ES384", "key_ops": ["verify"]}, 2),
    ("key-p521", "ES512", {"use": "sig"}, 2),
    ("key-ed25519", "EdDSA", {"use": "sig", "alg": "EdDSA"}, 11),
]


class Maker:
    """All that tokens of one seed are made of."""

    def __init__(self, seed, now):
        self.seed = seed
        self.now = now
        # The last one is in no key set.
        wanted = [*KEYS, ("key-1", "RS256", {"alg": "RS256", "use": "sig"}, 0)]
        *self.keys, self.stranger = (
            Key(f"{seed}/key/{number}", *each[:3]) for number, each in enumerate(wanted))
        self.weights = [each[-1] for each in KEYS]
        self.templates = [self.template(number) for number in range(TEMPLATES)]

    def jwks(self):
        return {"keys": [key.jwk for key in self.keys]}

    def claims(self, rng):
        return Members(rng.choice(self.templates))

    def template(self, number):
        """As UAA 77 writes them: of a user with an even number, of a client with an odd one."""
        rng = random.Random(f"{self.seed}/claims/{number}")
        issued = self.now - rng.randrange(5, 540)
        client = rng.choice(["pks_cli", "automated-client", "tiller"]) if number % 2 else "pks_cli"
        scopes = rng.choice([["pks.clusters.manage"], ["pks.clusters.admin"],
                             ["pks.clusters.admin", "pks.clusters.manage", "uaa.resource"]])
        times = [("rev_sig", rng.randbytes(4).hex()), ("iat", issued), ("exp", issued + 600 + rng.randrange(3600)),
                 ("iss", ISSUER), ("aud", [AUDIENCE, client] if len(scopes) == 1 else [client, "uaa", AUDIENCE]),
                 ("zid", "uaa")]
        if number % 2:
            return Members([
                ("sub", client), ("authorities", scopes), ("scope", scopes), ("client_id", client), ("cid", client),
                ("azp", client), ("grant_type", "client_credentials"), *times, ("jti", rng.randbytes(16).hex())])
        user = rng.choice(["alana", "cody", "ren\u00e9e", "naomi"])
        uid = "-".join(rng.randbytes(size).hex() for size in (4, 2, 2, 2, 6))
        return Members([
            ("jti", rng.randbytes(16).hex()), ("sub", uid), ("scope", scopes), ("client_id", client), ("cid", client),
            ("azp", client), ("grant_type", "password"), ("user_id", uid), ("origin", "uaa"), ("user_name", user),
            ("email", user + "@example.com"), ("auth_time", issued), *times])

    def header(self, key):
        jku = ISSUER.replace("/oauth/token", "/token_keys")
        return Members([("alg", key.alg), ("jku", jku), ("kid", key.kid), ("typ", "JWT")])


class Draft:
    """A token before it is put together, and what is to be done to it on the way."""

    def __init__(self, maker, rng):
        self.maker = maker
        self.now = maker.now
        self.key = self.signer = rng.choices(maker.keys, maker.weights)[0]
        self.alg = self.key.alg
        self.header = maker.header(self.key)
        self.claims = maker.claims(rng)
        self.near = False  # its verdict changes within the next minutes
        self.edit_header = []  # octets to octets
        self.edit_claims = []
        self.edit_signed = []  # the two segments, to be signed as they are then
        self.sign = None  # from the octets to be signed to the signature
        self.edit_signature = []  # octets to octets
        self.edit_parts = []  # the list of segments, after signing
        self.edit_token = []  # text to text

    def token(self):
        def through(edits, value):
            for edit in edits:
                value = edit(value)
            return value

        signed = [packed(through(self.edit_header, octets_of_json(self.header))),
                  packed(through(self.edit_claims, octets_of_json(self.claims)))]
        signed = through(self.edit_signed, signed)
        message = ".".join(signed).encode()
        signature = self.sign(message) if self.sign else sign(self.signer, self.alg, message)
        parts = through(self.edit_parts, [*signed, packed(through(self.edit_signature, signature))])
        return through(self.edit_token, ".".join(parts))
