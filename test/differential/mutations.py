"""What is done to a good token. Each mutation has a name `area/what`, draws its details from the token's own generator,
and leaves the signature good wherever it is the content that is to be judged."""
import hashlib
import hmac
import json
import random

from tokens import (ALGORITHMS, AUDIENCE, CURVES, Draft, ED25519_ORDER, ISSUER, Members, Raw, digest_info, octets_of,
                    octets_of_json, packed, pss, sign, unpacked)

MUTATIONS = {}  # name: (weight, function of draft and generator)
NUL = Raw('"\\u0000"')


def mutation(name, weight=4):
    def add(function):
        assert name not in MUTATIONS, name
        MUTATIONS[name] = (weight, function)
        return function

    return add


def each(area, cases, weight=4):
    """One mutation per entry: `cases` has a name and a list of values; the decorated function puts one of them in."""
    def add(function):
        for what, values in cases.items():
            def run(draft, rng, values=values):
                function(draft, rng.choice(values))

            mutation(f"{area}/{what}", weight)(run)
        return function

    return add


# ---- the times ----

LAST_SECOND = 253402300799  # of the year 9999


def number_forms(value):
    return [f"{value}.0", f"{value}.000", f"{value}e0", f"{value}E+0", f"{value}0e-1",
            f"{value // 1000}.{value % 1000:03}e3",
            f"{value}.25", f"{value}.0000000001"]


def time_claim(name, before, after):
    """`before` and `after`: how far from now a value may lie that holds, and one that does not."""
    def put(draft, raw):
        draft.claims.set(name, Raw(raw))

    @mutation(f"{name}/near", 8)
    def near(draft, rng):
        draft.near = True
        put(draft, str(draft.now + rng.choice([-2, -1, 0, 0, 1, 2])))

    @mutation(f"{name}/near-fraction", 8)
    def near_fraction(draft, rng):
        draft.near = True
        put(draft, repr(draft.now + rng.choice([-1.5, -0.5, -0.001, 0.001, 0.5, 0.999, 1.5])))

    @mutation(f"{name}/before")
    def long_before(draft, rng):
        put(draft, str(draft.now - rng.randrange(300, 10 ** rng.randrange(3, 10))))

    @mutation(f"{name}/after")
    def long_after(draft, rng):
        put(draft, str(draft.now + rng.randrange(300, 10 ** rng.randrange(3, 11))))

    @mutation(f"{name}/form", 8)
    def form(draft, rng):
        put(draft, rng.choice(number_forms(draft.now + (before if name != "exp" else after))))

    @mutation(f"{name}/missing", 2)
    def missing(draft, rng):
        draft.claims.remove(name)

    @each(name, {
        "no-number": ["+1", "01", "1.", ".1", "0x1p3", "1_000", "NaN", "Infinity", "-Infinity", "1e", "--1", "1 2",
                      "\u0661"],
        "overflow": ["1e309", "-1e309", "1e400", "9" * 400, "1e99999999999999999999"],
        "large": [str(2 ** 31 - 1), str(2 ** 31), str(2 ** 32), str(2 ** 53 - 1), str(2 ** 53), str(2 ** 53 + 1),
                  str(2 ** 63 - 1), str(2 ** 63), str(2 ** 64 - 1), str(2 ** 64), "1e18", "1e20", "1e300",
                  "1" + "0" * 300],
        "year-9999": [str(LAST_SECOND), f"{LAST_SECOND}.999", str(LAST_SECOND + 1), str(LAST_SECOND * 1000)],
        "small": ["0", "-0", "-1", "1", "0.0", "-0.0", "-0.5", "1e-400", "0e400", "-1e-400", str(-2 ** 31),
                  str(-2 ** 63), "-1e20", "-253402300800"],
        "type": ["true", "false", "null", "[]", "{}", '""', '"never"', '"1e400"', '"NaN"'],
    })
    def write(draft, raw):
        put(draft, raw)

    @mutation(f"{name}/wrapped")
    def wrapped(draft, rng):
        value = draft.now + (before if name != "exp" else after)
        put(draft, rng.choice(['"%d"', '" %d"', '"%d.0"', "[%d]", '{"v":%d}']) % value)


time_claim("exp", -600, 600)
time_claim("nbf", -600, 600)
time_claim("iat", -600, 600)


@each("auth_time", {
    "value": [Raw(raw) for raw in ("0", "-1", "1.5", "9007199254740993", "1e300", str(LAST_SECOND + 1))],
    "type": [Raw(raw) for raw in ('"1"', "null", "[1]", "true")],
})
def auth_time(draft, value):
    draft.claims.set("auth_time", value)


# ---- issuer, audience, scope ----

@each("iss", {
    "slash": [ISSUER + "/", ISSUER[:-1], ISSUER.replace("//", "/"), ISSUER.replace("/oauth", "//oauth")],
    "case": [ISSUER.upper(), ISSUER.replace("https", "HTTPS"), ISSUER.replace("uaa", "UAA"),
             ISSUER.replace("token", "Token")],
    "other": ["https://uaa.example.com/oauth/token", "https://uaa.example.com:08443/oauth/token",
              "http://uaa.example.com:8443/oauth/token", "https://uaa.example.com.:8443/oauth/token",
              "https://uaa.example.com.attacker.example:8443/oauth/token",
              "https://uaa.ex\u0430mple.com:8443/oauth/token",
              "https://user@uaa.example.com:8443/oauth/token", ISSUER + "?", ISSUER + "#", ISSUER + "%20", "uaa"],
    "space": [" " + ISSUER, ISSUER + " ", ISSUER + "\n", "\t" + ISSUER, ISSUER + "\u00a0", "\u200b" + ISSUER],
    "nul": [Raw('"%s\\u0000"' % ISSUER), Raw('"%s\\u0000x"' % ISSUER), Raw('"\\u0000%s"' % ISSUER)],
    "escaped": [Raw(json.dumps(ISSUER).replace("/", "\\/")), Raw(json.dumps(ISSUER).replace("u", "\\u0075")),
                Raw('"' + "".join("\\u%04X" % ord(c) for c in ISSUER) + '"')],
    "type": [None, True, 0, "", [], [ISSUER], [ISSUER, "x"], Members([("iss", ISSUER)]), Raw("{}")],
})
def iss(draft, value):
    draft.claims.set("iss", value)


@mutation("iss/missing", 2)
def iss_missing(draft, rng):
    draft.claims.remove("iss")


@each("aud", {
    "text": [AUDIENCE],
    "lists": [[AUDIENCE], ["a", AUDIENCE], [AUDIENCE, AUDIENCE], ["", AUDIENCE], [AUDIENCE, "\u00e9", "b" * 300],
              [str(i) for i in range(200)] + [AUDIENCE]],
    "escaped": [Raw('["pks\\u002eclusters"]'), Raw('"\\u0070ks.clusters"')],
    "other": ["pks", "pks.cluster", "pks.clusters.", "pks.clusters.x", "xpks.clusters", "PKS.clusters", "pks.clusters ",
              " pks.clusters", "pks.clusters x", "pks.clusters,x", "*", "pks.*", ["pks", "clusters"], ["PKS.CLUSTERS"],
              ["pks.clusters admin"], Raw('"pks.clusters\\u0000"'), Raw('["pks.clusters\\u0000"]')],
    "empty": [[], "", [""], Raw("[ ]"), ["", ""]],
    "mixed": [[AUDIENCE, 1], [None, AUDIENCE], [AUDIENCE, []], [AUDIENCE, True], [AUDIENCE, Members()]],
    "type": [None, True, 7, Members([("0", AUDIENCE), ("length", 1)]), Members([(AUDIENCE, True)]), [[AUDIENCE]],
             [Members([("aud", AUDIENCE)])]],
})
def aud(draft, value):
    draft.claims.set("aud", value)


@mutation("aud/missing", 2)
def aud_missing(draft, rng):
    draft.claims.remove("aud")


@each("scope", {
    "text": ["pks.clusters.manage", "pks.clusters.manage uaa.admin", " pks.clusters.manage  x ", ""],
    "lists": [["pks.clusters.manage"], [], ["a", "a"], [""], ["\u00e9"], [str(i) for i in range(500)],
              Raw('["pks\\u002eclusters.manage"]')],
    "spaces": [["pks.clusters.manage uaa.admin"], [" "], ["x "], ["a\u00a0b"]],
    "controls": ["a\tb", "a\nb", ["a\tb"], Raw('["a\\u0000b"]'), "a\u007fb", ["\u007f"], "a\u2028b"],
    "type": [None, True, 1, Members([("a", 1)]), Members(), ["a", 1], [None], [["a"]]],
})
def scope(draft, value):
    draft.claims.set("scope", value)


@mutation("scope/missing", 2)
def scope_missing(draft, rng):
    draft.claims.remove("scope")


# ---- other claims ----

TEXT_CLAIMS = ["sub", "jti", "client_id", "cid", "azp", "user_name", "user_id", "email", "origin", "zid", "grant_type",
               "rev_sig", "nonce"]


@mutation("text/type", 12)
def text_type(draft, rng):
    draft.claims.set(rng.choice(TEXT_CLAIMS), rng.choice([None, True, False, 0, 17, 1.5, [], ["a"], Members(),
                                                          Raw("1e3")]))


@mutation("text/content", 12)
def text_content(draft, rng):
    draft.claims.set(rng.choice(TEXT_CLAIMS), rng.choice(
        ["", " ", "a b", "\u00e9", "\u4e2d\U0001f600", "\u202egnp.exe", "x" * 2000, "'\"\\/<>", "a/../b", "\ufeff",
         "\uffff",
         Raw('"\\ud83d\\ude00"'), Raw('"\\u0041\\/\\\\"')]))


@mutation("text/control", 12)
def text_control(draft, rng):
    draft.claims.set(rng.choice(TEXT_CLAIMS), rng.choice(
        ["a\nb", "a\tb", "a\r\nSet-Cookie: x", "\u007f", "a\u0001", NUL, Raw('"alana\\u0000"'), "\u0085", "\u2028"]))


@mutation("text/missing", 6)
def text_missing(draft, rng):
    draft.claims.remove(rng.choice(TEXT_CLAIMS))


@mutation("jti/empty", 2)
def jti_empty(draft, rng):
    draft.claims.set("jti", "")


@mutation("kind/refresh")
def kind_refresh(draft, rng):
    if rng.random() < 0.5:
        draft.claims.set("jti", draft.claims.get("jti") + "-r")
    else:
        draft.claims.set("granted_scopes", rng.choice([["pks.clusters.manage"], [], "a b"]))


@mutation("kind/id")
def kind_id(draft, rng):
    which = rng.randrange(4)
    if which == 3:
        draft.claims.set("scope", ["openid"])
        draft.claims.set("aud", AUDIENCE)
        for name in ("client_id", "cid", "azp"):
            draft.claims.set(name, AUDIENCE)
    else:
        draft.claims.set(("at_hash", "c_hash", "email_verified")[which],
                         rng.choice(["LDktKdoQak3Pk0cnXxCltA", True, None]))


@each("claim/more", {
    "known": [("revocable", True), ("revocable", False), ("zid", "other"), ("amr", ["pwd"]), ("authorities", ["a"]),
              ("granted_scopes_", 1), ("roles", ["a"])],
    "type": [("revocable", "true"), ("revocable", 1), ("revocable", None), ("amr", "pwd"), ("amr", [1]),
             ("authorities", 1),
             ("authorities", ["a b"]), ("authorities", None)],
    "prototype": [("__proto__", Members([("exp", 1)])), ("constructor", "x"), ("toJSON", "x"), ("hasOwnProperty", 1),
                  ("length", 0), ("", "empty"), ("__class__", "x"), ("valueOf", None)],
    "unknown": [("x", Members([("a", [1, 2.5, None, True, Members()])])), ("x", Raw("1e308")), ("x", Raw("-0")),
                ("x", 2 ** 70), ("x", Raw("1E-999")), ("EXP", 1), ("Iss", "x"), ("exp ", 1), ("\u0435\u0445\u0440", 1),
                ("\ufb01", "x")],
    "out-of-range": [("x", Raw("1e309")), ("x", Raw("-1e400")), ("x", Raw("9" * 310)), ("x", [Raw("1e999")])],
})
def more_claims(draft, pair):
    draft.claims.append(pair)


def nested(depth, rng):
    opening, closing = rng.choice([("[", "]"), ('{"a":', "}")])
    return Raw(opening * depth + "1" + closing * depth)


@mutation("claim/deep", 6)
def claim_deep(draft, rng):
    draft.claims.append(("x", nested(rng.choice([2, 16, 30, 31, 32, 33, 64, 65, 500, 1500, 5000]), rng)))


@mutation("claim/many", 1)
def claim_many(draft, rng):
    count = rng.choice([100, 300, 2000, 4090, 5000])
    draft.claims.extend((f"m{i}", i) for i in range(count)) if rng.random() < 0.5 else draft.claims.append(
        ("m", [0] * count))


@mutation("claim/order")
def claim_order(draft, rng):
    rng.shuffle(draft.claims)


@mutation("claim/twice", 12)
def claim_twice(draft, rng):
    name = rng.choice(["exp", "iss", "aud", "scope", "sub", "jti", "iat", "cid"])
    value = draft.claims.get(name)
    other = rng.choice([value, value, "x", None, draft.now - 600, draft.now + 6000])
    written = Raw(rng.choice(['"%s"' % name, '"%s"' % name, '"\\u%04x%s"' % (ord(name[0]), name[1:])]))
    draft.claims.insert(rng.choice([0, len(draft.claims)]), (written, other))


@mutation("claim/twice-inside")
def claim_twice_inside(draft, rng):
    draft.claims.append(("x", Raw(rng.choice(['{"a":1,"a":1}', '[{"a":1,"\\u0061":2}]', '{"":1,"":2}',
                                              '{"a":1,"A":1}']))))


@mutation("claim/escaped-name")
def claim_escaped_name(draft, rng):
    at = rng.randrange(len(draft.claims))
    name, value = draft.claims[at]
    if not isinstance(name, Raw):
        draft.claims[at] = (Raw('"' + "".join("\\u%04x" % ord(c) if rng.random() < 0.5 else c for c in name) + '"'),
                            value)


# ---- header ----

@mutation("alg/none")
def alg_none(draft, rng):
    draft.header.set("alg", rng.choice(["none", "None", "NONE", "nOnE", " none", "none ", "", Raw('"n\\u006fne"')]))
    if rng.random() < 0.7:
        draft.sign = lambda message: b""


@each("alg", {
    "type": [None, 42, True, [], ["RS256"], Members([("alg", "RS256")]), Raw("1e400")],
    "unknown": ["RS1", "RS255", "RSA-OAEP", "A128KW", "dir", "ES256K", "Ed448", "ML-DSA-44", "SHA256withRSA",
                "rsa-sha256",
                "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256", "ESB256"],
})
def alg_value(draft, value):
    draft.header.set("alg", value)


@mutation("alg/case")
def alg_case(draft, rng):
    draft.header.set("alg", rng.choice([
        draft.alg.lower(), draft.alg.capitalize(), draft.alg + " ", " " + draft.alg, draft.alg + "\0",
        "\ufeff" + draft.alg,
        draft.alg.swapcase()]))


@mutation("alg/escaped")
def alg_escaped(draft, rng):
    at = rng.randrange(len(draft.alg))
    draft.header.set("alg", Raw(f'"{draft.alg[:at]}\\u{ord(draft.alg[at]):04x}{draft.alg[at + 1:]}"'))


@mutation("alg/missing", 2)
def alg_missing(draft, rng):
    draft.header.remove("alg")


@mutation("alg/claimed", 6)
def alg_claimed(draft, rng):
    """The signature is of the key's own algorithm, the header names another."""
    draft.header.set("alg", rng.choice([a for a in [*ALGORITHMS, "HS256", "HS512", "Ed25519"] if a != draft.alg]))


@mutation("alg/signed", 12)
def alg_signed(draft, rng):
    """Another algorithm that the key's type can do, named and signed with."""
    choice = draft.key.algorithms()
    if draft.key.kid == "key-without-alg":
        choice = choice[:3] * 6 + choice[3:]
    draft.alg = rng.choice(choice)
    draft.header.set("alg", draft.alg)


@mutation("alg/signed-otherwise", 6)
def alg_signed_otherwise(draft, rng):
    """Signed with another algorithm of the key's type than the header names."""
    if len(draft.key.algorithms()) > 1:
        draft.alg = rng.choice([a for a in draft.key.algorithms()[:3] if a != draft.alg])
    else:
        draft.edit_signature.append(lambda signature: signature[::-1])


@mutation("alg/ed25519", 2)
def alg_ed25519(draft, rng):
    draft.key = draft.signer = draft.maker.keys[-1]
    draft.alg = draft.key.alg
    draft.header = draft.maker.header(draft.key)
    draft.header.set("alg", rng.choice(["Ed25519", "EdDSA"]))


@mutation("alg/hmac-of-public-key", 8)
def alg_hmac(draft, rng):
    name = rng.choice(["HS256", "HS384", "HS512"])
    draft.header.set("alg", name)
    if rng.random() < 0.3:
        draft.header.remove("kid")
    key, public = draft.key, draft.key.public
    secret = rng.choice([
        key.pem(), key.pem().rstrip(), key.der(), json.dumps(key.jwk).encode(), json.dumps(public).encode(), b"",
        public.get("n", public.get("x")).encode(), unpacked(public.get("n", public.get("x"))), b"\0", key.kid.encode()])
    draft.sign = lambda message: hmac.new(secret, message, "sha" + name[-3:]).digest()


@mutation("kid/missing", 8)
def kid_missing(draft, rng):
    draft.header.remove("kid")


@mutation("kid/empty", 2)
def kid_empty(draft, rng):
    draft.header.set("kid", "")


@mutation("kid/other-key", 6)
def kid_other_key(draft, rng):
    """The name of another key of the set."""
    draft.header.set("kid", rng.choice([key.kid for key in draft.maker.keys if key is not draft.key]))


@mutation("kid/other-signer", 6)
def kid_other_signer(draft, rng):
    """Signed by another key of the set, of the same type wherever there is one."""
    same = [key for key in draft.maker.keys if key is not draft.key and draft.alg in key.algorithms()]
    if same:
        draft.signer = rng.choice(same)
    else:
        other = rng.choice([key for key in draft.maker.keys if key is not draft.key])
        draft.sign = lambda message: sign(other, other.alg, message)


@mutation("kid/value", 6)
def kid_value(draft, rng):
    kid = draft.key.kid
    draft.header.set("kid", rng.choice([
        " ", kid + " ", " " + kid, kid.upper(), kid[:-1], kid + "\0", kid + "\n", "0", "../../dev/null", "' OR 1=1 --",
        "/proc/self/environ", "|sleep 10", "__proto__", "constructor", "x" * 5000, "https://attacker.example/key",
        Raw('"\\u0000"'), "\u00e9", kid.replace("k", "\u212a")]))


@mutation("kid/type")
def kid_type(draft, rng):
    draft.header.set("kid", rng.choice([None, 0, 1, True, [], [draft.key.kid], Members([("kid", draft.key.kid)])]))


@mutation("kid/escaped")
def kid_escaped(draft, rng):
    draft.header.set("kid", Raw('"' + "".join("\\u%04x" % ord(c) for c in draft.key.kid) + '"'))


@each("typ", {
    "of-access-token": ["JWT", "jwt", "at+jwt", "AT+JWT", "application/at+jwt", "application/jwt", "Application/JWT"],
    "other": ["JOSE", "JWS", "", "JWT ", "dpop+jwt", "application/", "text/JWT", "secevent+jwt", "logout+jwt", "id+jwt",
              "application/x/JWT", "JWT;charset=utf-8"],
    "type": [None, 1, True, [], ["JWT"], Members()],
})
def typ(draft, value):
    draft.header.set("typ", value)


@mutation("typ/missing", 4)
def typ_missing(draft, rng):
    draft.header.remove("typ")


@each("cty", {
    "nested": ["JWT", "jwt", "application/jwt"],
    "other": ["json", "application/json", "", "text/plain"],
    "type": [None, 1, ["JWT"]],
})
def cty(draft, value):
    draft.header.set("cty", value)


@each("crit", {
    "unknown": [["x"], ["x", "y"], ["http://example.com/x"]],
    "malformed": [[], ["x", "x"], None, "x", "exp", 1, True, Members([("x", 1)]), [1], [None], [""], [["x"]]],
    "registered": [["alg"], ["kid"], ["typ"], ["jku"], ["crit"], ["enc"], ["exp"], ["iss"]],
})
def crit(draft, value):
    draft.header.set("crit", value)
    for name in value if isinstance(value, list) else []:
        if isinstance(name, str) and draft.header.get(name) is None:
            draft.header.append((name, 1))


@mutation("crit/absent", 2)
def crit_absent(draft, rng):
    draft.header.set("crit", [rng.choice(["x", "b64", "exp"])])


@each("b64", {
    "true": [(True, None)],
    "false": [(False, None), (False, ["b64"])],
    "critical": [(True, ["b64"])],
    "type": [(None, None), ("false", None), (0, ["b64"]), (1, None), ([], None)],
})
def b64(draft, value):
    draft.header.set("b64", value[0])
    if value[1]:
        draft.header.set("crit", value[1])


@mutation("b64/unencoded")
def b64_unencoded(draft, rng):
    """RFC 7797 as it is meant: the payload is signed as it is, and stands so in the token, or not at all."""
    draft.header.set("b64", False)
    draft.header.set("crit", ["b64"])
    draft.edit_signed.append(lambda parts: [parts[0], unpacked(parts[1]).decode(errors="replace")])
    if rng.random() < 0.5:
        draft.edit_parts.append(lambda parts: [parts[0], "", parts[2]])


@each("zip", {"deflate": ["DEF"], "other": ["none", "", None, "GZ", 1, False]})
def zip_header(draft, value):
    draft.header.set("zip", value)


@mutation("key/embedded", 8)
def key_embedded(draft, rng):
    """A stranger's key, in or named by the header, and the stranger's signature."""
    stranger = draft.maker.stranger
    draft.header.set(*rng.choice([
        ("jwk", Members(stranger.jwk.items())), ("jku", "https://attacker.example/token_keys"),
        ("x5u", "https://a.example/c"),
        ("x5c", [packed(stranger.der())]), ("x5t", packed(hashlib.sha1(stranger.der()).digest()))]))
    draft.signer = stranger
    draft.alg = stranger.alg
    draft.header.set("alg", stranger.alg)


@mutation("key/mentioned", 8)
def key_mentioned(draft, rng):
    """The same with the good signature: it has no effect."""
    stranger = draft.maker.stranger
    draft.header.set(*rng.choice([
        ("jwk", Members(stranger.jwk.items())), ("jwk", None), ("jwk", "x"),
        ("jku", "https://attacker.example/token_keys"),
        ("jku", 1), ("jku", None), ("x5u", "file:///etc/passwd"), ("x5c", ["MIIB"]), ("x5c", "x"), ("x5t", ""),
        ("x5t#S256", 0)]))


@mutation("key/stranger", 6)
def key_stranger(draft, rng):
    draft.signer = draft.maker.stranger
    draft.alg = "RS256"
    draft.header.set("alg", "RS256")


@each("header/more", {
    "known": [("enc", "A256GCM"), ("epk", Members()), ("iss", ISSUER), ("exp", 1), ("nonce", "x"), ("p2c", 2 ** 31),
              ("iv", "AAAA"), ("tag", "AAAA"), ("url", "x")],
    "unknown": [("x", Members([("a", [1, None])])), ("x", Raw("1e308")), ("", 0),
                ("__proto__", Members([("alg", "none")])),
                ("ALG", "none"), ("Kid", 1), ("alg ", "none"), ("x", "x" * 3000), ("x", "\u00e9\u4e2d")],
    "out-of-range": [("x", Raw("1e309")), ("x", [Raw("-1e999")])],
})
def more_header(draft, pair):
    draft.header.append(pair)


@mutation("header/deep")
def header_deep(draft, rng):
    draft.header.append(("x", nested(rng.choice([2, 16, 30, 31, 32, 33, 64, 500, 1500, 5000]), rng)))


@mutation("header/many")
def header_many(draft, rng):
    draft.header.extend((f"m{i}", i) for i in range(rng.choice([10, 60, 120, 130, 300, 1000])))


@mutation("header/order")
def header_order(draft, rng):
    rng.shuffle(draft.header)


@mutation("header/twice", 12)
def header_twice(draft, rng):
    name = rng.choice(["alg", "alg", "kid", "typ", "x", "jku"])
    value = draft.header.get(name)
    other = rng.choice([value, value, "none", "HS256", None, "key-pss"])
    written = Raw(rng.choice(['"%s"' % name, '"%s"' % name, '"\\u%04x%s"' % (ord(name[0]), name[1:])]))
    if value is None:
        draft.header.append((name, "x"))
    draft.header.insert(rng.choice([0, len(draft.header)]), (written, other))


@mutation("header/escaped-name")
def header_escaped_name(draft, rng):
    at = rng.randrange(len(draft.header))
    name, value = draft.header[at]
    if not isinstance(name, Raw):
        draft.header[at] = (Raw('"' + "".join("\\u%04x" % ord(c) for c in name) + '"'), value)


# ---- the JSON text, of both ----

def json_edits(area, edits_of):
    def edit(name, weight=3):
        def add(function):
            @mutation(f"{area}/{name}", weight)
            def run(draft, rng):
                # Another mutation may have left nothing of it.
                edits_of(draft).append(lambda octets: function(octets, rng) if octets else octets)

            return function

        return add

    def inside(octets, rng, *what):
        at = rng.randrange(len(octets) + 1)
        return octets[:at] + rng.choice(what) + octets[at:]

    def in_string(octets, *what, rng):
        """Behind a quote that opens the name of a member."""
        places = [i + 2 for i in range(len(octets) - 2) if octets[i:i + 2] == b',"'] or [len(octets)]
        at = rng.choice(places)
        return octets[:at] + rng.choice(what) + octets[at:]

    @edit("space", 8)
    def space(octets, rng):
        blank = rng.choice([b" ", b"\n", b"\r\n", b"\t", b"   "])
        return rng.choice([blank + octets, octets + blank, octets.replace(b'":', b'"' + blank + b":"),
                           octets.replace(b",\"", blank + b"," + blank + b'"'), b"{" + blank + octets[1:]])

    @edit("odd-space")
    def odd_space(octets, rng):
        blank = rng.choice([b"\x0b", b"\x0c", b"\xc2\xa0", b"\0", b"\xe2\x80\xa8", b"/**/", b"//\n", b"\x1f", b"\x85"])
        return rng.choice([blank + octets, octets + blank, b"{" + blank + octets[1:], octets[:-1] + blank + b"}"])

    @edit("bom")
    def bom(octets, rng):
        return rng.choice([b"\xef\xbb\xbf" + octets, b"\xfe\xff" + octets, b"\xff\xfe" + octets,
                           octets + b"\xef\xbb\xbf"])

    @edit("utf-16", 1)
    def utf_16(octets, rng):
        return octets.decode("utf-8", "replace").encode(rng.choice(["utf-16", "utf-16-le", "utf-16-be", "utf-32",
                                                                    "utf-32-le"]))

    @edit("trailing")
    def trailing(octets, rng):
        return octets + rng.choice([b"x", b"{}", b",", b"}", b"]", b"\0", octets, b"null", b"#", b";"])

    @edit("syntax", 6)
    def syntax(octets, rng):
        return rng.choice([
            octets[:-1] + b",}", b"{," + octets[1:], octets.replace(b'"', b"'"), octets.replace(b":", b"=", 1),
            octets.replace(b",", b";", 1), octets.replace(b",", b",,", 1), octets[:-1], octets[1:],
            b"(" + octets + b")",
            octets[:-1] + b',"x":tru}', octets[:-1] + b',"x":True}', octets[:-1] + b',"x":undefined}',
            octets[:-1] + b',"x":NaN}', octets[:-1] + b',"x":-Infinity}', octets[:-1] + b',"x":01}',
            octets[:-1] + b',x:1}',
            octets[:-1] + b',"x":"a\\x41"}', octets[:-1] + b',"x":"\\u12"}', octets[:-1] + b',"x":"a\nb"}',
            octets[:-1] + b',"x":"a\tb"}', octets[:-1] + b',"x":"\x01"}', octets[:-1] + b',"x":1.}',
            octets[:-1] + b',"x":-}',
            octets[:-1] + b',"x"}', octets[:-1] + b',"x":}', octets[:-1] + b',"x":"a}', octets[:-1] + b',"x":[1,]}'])

    @edit("no-object")
    def no_object(octets, rng):
        return rng.choice([b"", b"[]", b"null", b"true", b"1", b'"x"', b"[" + octets + b"]", b"{}", json.dumps(
            octets.decode("utf-8", "replace")).encode(), b" "])

    @edit("octet", 6)
    def octet(octets, rng):
        at = rng.randrange(len(octets))
        return octets[:at] + bytes([rng.randrange(256)]) + octets[at + 1:]

    @edit("inserted", 4)
    def inserted(octets, rng):
        return inside(octets, rng, b"\0", b" ", b'"', b"\\", b"{", b"}", b"\xff", b"0", b",")

    @edit("truncated")
    def truncated(octets, rng):
        return octets[:rng.randrange(len(octets))]

    @edit("bad-utf-8", 6)
    def bad_utf_8(octets, rng):
        return in_string(
            octets[:-1] + b',"name":"x"}', b"\x80", b"\xbf", b"\xc0\x80", b"\xc1\xbf", b"\xe0\x80\xaf", b"\xed\xa0\x80",
            b"\xed\xa0\xbd\xed\xb8\x80", b"\xf0\x80\x80\xaf", b"\xf4\x90\x80\x80", b"\xf8\x88\x80\x80\x80", b"\xfe",
            b"\xff",
            b"\xc3", b"\xe2\x82", b"\xf0\x9f\x98", rng=rng)

    @edit("good-utf-8", 6)
    def good_utf_8(octets, rng):
        return octets[:-1] + b',"name":"' + rng.choice([
            b"\xc2\x80", b"\xdf\xbf", b"\xe0\xa0\x80", b"\xed\x9f\xbf", b"\xee\x80\x80", b"\xef\xbf\xbf",
            b"\xef\xbb\xbf",
            b"\xf0\x90\x80\x80", b"\xf4\x8f\xbf\xbf", b"\\ud83d\\ude00", b"\\uD7FF\\uE000", b"\\uffff", b"\\/",
            b"\x7f"]) + b'"}'

    @edit("half-surrogate", 6)
    def half_surrogate(octets, rng):
        return octets[:-1] + b',"name":"' + rng.choice([
            b"\\ud800", b"\\udfff", b"\\ude00\\ud83d", b"\\ud83dx", b"\\ud83d\\n", b"\\ud83d\\ud83d", b"\\uDBFF",
            b"a\\udc00"]) + b'"}'


json_edits("header-text", lambda draft: draft.edit_header)
json_edits("claims-text", lambda draft: draft.edit_claims)


# ---- base64url, before the signature: which is good for what stands there ----

def spare_bits(part, rng):
    """The same octets with other bits in what the last character has too many of."""
    rest = len(part) % 4
    if rest not in (2, 3):
        return part + "A" if rest == 1 else part
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    unit = 16 if rest == 2 else 4
    base = alphabet.index(part[-1]) // unit * unit if part[-1] in alphabet else 0
    return part[:-1] + alphabet[base + rng.randrange(1, unit)]


ENCODINGS = {
    "padding": lambda part, rng: part + rng.choice(["=" * (-len(part) % 4), "=", "==", "===", "====", "%3D"]),
    "alphabet": lambda part, rng: part.replace("-", "+").replace("_", "/"),
    "one-of-alphabet": lambda part, rng: part[:-1] + rng.choice("+/"),
    "spare-bits": spare_bits,
    "one-more": lambda part, rng: part + rng.choice("A_0") * (1 + (-len(part)) % 4),
    "space": lambda part, rng: insert(part, rng, [" ", "\n", "\t", "\r\n", "\x0b", "\x0c", "\u00a0"]),
    "foreign": lambda part, rng: insert(part, rng, ["!", "%", "*", "$", "\0", "\x7f", "\u00e9", "\u0410", "~", ",",
                                                    "="]),
}


def insert(part, rng, what):
    at = rng.choice([0, len(part), rng.randrange(len(part) + 1)])
    return part[:at] + rng.choice(what) + part[at:]


for encoding, function in ENCODINGS.items():
    for at, area in enumerate(("header", "claims")):
        def encode_signed(draft, rng, at=at, function=function):
            # So that both `-` and `_` occur.
            (draft.header, draft.claims)[at].append(("y", "????>>>>"))

            def run(parts):
                changed = list(parts)
                changed[at] = function(changed[at], rng)
                return changed

            draft.edit_signed.append(run)

        mutation(f"signed-{area}/{encoding}", 2)(encode_signed)


# ---- signatures ----

def numbers_of(signature):
    half = len(signature) // 2
    return int.from_bytes(signature[:half], "big"), int.from_bytes(signature[half:], "big")


def der_of(r, s):
    def integer(number):
        octets = octets_of(number)
        octets = b"\0" + octets if octets[0] & 0x80 else octets
        return b"\2" + bytes([len(octets)]) + octets

    body = integer(r) + integer(s)
    return b"\x30" + (b"\x81" if len(body) > 127 else b"") + bytes([len(body)]) + body


@mutation("signature/length", 10)
def signature_length(draft, rng):
    draft.edit_signature.append(rng.choice([
        lambda s: s[:-1], lambda s: s[1:], lambda s: b"", lambda s: s[:1], lambda s: s[:len(s) // 2],
        lambda s: b"\0" + s,
        lambda s: s + b"\0", lambda s: s + s, lambda s: s.lstrip(s[:1]), lambda s: b"\0\0" + s,
        lambda s: s + b"\0" * 4000,
        lambda s: b"\0" + s[:-1], lambda s: s[1:] + b"\0"]))


@mutation("signature/odd", 2)
def signature_odd(draft, rng):
    """One octet more than two numbers have."""
    draft.key = draft.signer = draft.maker.keys[4]
    draft.alg = draft.key.alg
    draft.header = draft.maker.header(draft.key)
    more = rng.randbytes(1)
    draft.edit_signature.append(lambda signature: signature + more)


@mutation("signature/octets", 10)
def signature_octets(draft, rng):
    at, bit = rng.random(), 1 << rng.randrange(8)

    def flip(signature):
        index = int(at * len(signature))
        return signature[:index] + bytes([signature[index] ^ bit]) + signature[index + 1:] if signature else b"\0"

    draft.edit_signature.append(rng.choice([
        flip, flip, flip, lambda s: b"\0" * len(s), lambda s: b"\xff" * len(s), lambda s: s[::-1],
        lambda s: hashlib.shake_128(s).digest(len(s)), lambda s: b"\0" * (len(s) - 1) + b"\1"]))


@mutation("signature/mathematics", 30)
def signature_mathematics(draft, rng):
    """What the numbers of a signature may not be, and two forms of each good one that differ from it."""
    key = draft.key
    if key.alg in CURVES:
        _, _, size, order = CURVES[key.alg]
        change = rng.choice([
            lambda r, s: (r, order - s), lambda r, s: (r, order - s), lambda r, s: (order - r, s), lambda r, s: (0, s),
            lambda r, s: (r, 0), lambda r, s: (0, 0), lambda r, s: (order, s), lambda r, s: (r, order),
            lambda r, s: (s, r),
            lambda r, s: (order, order), lambda r, s: (order - 1, order - 1), lambda r, s: (1, 1),
            lambda r, s: (r, s + order),
            lambda r, s: (r + order, s), lambda r, s: (order + 1, 0), lambda r, s: (r, s + 1), lambda r, s: (r, 1)])

        def run(signature):
            if len(signature) != 2 * size:
                return signature
            most = (1 << 8 * size) - 1
            return b"".join(octets_of(min(number, most), size) for number in change(*numbers_of(signature)))

        draft.edit_signature.append(run)
    elif key.alg == "EdDSA":
        change = rng.choice([
            lambda r, s: r + (s + ED25519_ORDER).to_bytes(32, "little"),
            lambda r, s: r + (s + 8 * ED25519_ORDER & (1 << 256) - 1).to_bytes(32, "little"),
            lambda r, s: r + bytes(32), lambda r, s: bytes(32) + s.to_bytes(32, "little"),
            lambda r, s: s.to_bytes(32, "little") + r,
            lambda r, s: b"\1" + bytes(31) + bytes(32), lambda r, s: r[::-1] + s.to_bytes(32, "big"),
            lambda r, s: r + ((ED25519_ORDER - s) % ED25519_ORDER).to_bytes(32, "little"),
            lambda r, s: r[:31] + bytes([r[31] ^ 0x80]) + s.to_bytes(32, "little")])
        draft.edit_signature.append(lambda signature: signature if len(signature) != 64 else change(
            signature[:32], int.from_bytes(signature[32:], "little") % ED25519_ORDER))
    else:
        modulus = key.modulus
        change = rng.choice([
            lambda s: s + modulus, lambda s: modulus - s, lambda s: 0, lambda s: 1, lambda s: modulus - 1,
            lambda s: modulus,
            lambda s: modulus + 1, lambda s: 2 * s % modulus, lambda s: s * s % modulus])
        draft.edit_signature.append(
            lambda signature: octets_of(min(change(int.from_bytes(signature, "big") % modulus), (1 << 2048) - 1), 256))


@mutation("signature/der", 8)
def signature_der(draft, rng):
    if draft.key.alg in CURVES:
        size = 2 * CURVES[draft.key.alg][2]
        draft.edit_signature.append(lambda signature: der_of(*numbers_of(signature.ljust(size, b"\0")[:size])))
    else:
        tag = rng.choice([b"\x30", b"\x03", b"\x04"])
        draft.edit_signature.append(lambda signature: tag + b"\x82" + octets_of(len(signature) & 0xffff, 2) + signature)


@mutation("signature/pkcs1", 4)
def signature_pkcs1(draft, rng):
    """Blocks that are nearly those of RFC 8017 §9.2, signed with the good key."""
    draft.key = draft.signer = draft.maker.keys[rng.randrange(3)]
    draft.header = draft.maker.header(draft.key)
    draft.header.set("alg", "RS256")
    key = draft.key

    def block(info, kind=1, filler=b"\xff", behind=b"", filled=None):
        size = 256 - 3 - len(info) - len(behind) if filled is None else filled
        return (b"\0" + bytes([kind]) + filler * size + b"\0" + info + behind).ljust(256, b"\0")

    def make(message):
        digest = hashlib.sha256(message).digest()
        good = digest_info("RS256", message)
        no_null = bytes.fromhex("302f300b0609608648016503040201") + b"\x04\x20" + digest
        return key.raw_rsa(rng.choice([
            block(good), block(no_null), block(good, kind=2), block(good, kind=0, filler=b"\0"),
            block(good, filler=b"\xfe"),
            block(good, behind=b"\0"), block(good, behind=b"\1" * 100), block(good, filled=8), block(digest),
            block(b"\x30\x22\x04\x20" + digest), block(b"\x30\x21\x04\x1f" + digest), block(good[:-1]),
            block(bytes.fromhex("3021300906052b0e03021a05000414") + hashlib.sha1(message).digest()),
            block(b"\x30\x80" + good[2:]),
            block(b"\x30\x81\x31" + good[2:]), digest.rjust(256, b"\0"), block(good[:15] + b"\x05\x00" + good[17:])]))

    draft.sign = make


@mutation("signature/pss", 2)
def signature_pss(draft, rng):
    """Salts of other lengths than the digest's, and another mask."""
    draft.key = draft.maker.keys[rng.choice([2, 3, 3])]
    draft.header = draft.maker.header(draft.key)
    draft.header.set("alg", "PS256")
    size, mask = rng.choice([(0, None), (20, None), (31, None), (32, None), (33, None), (64, None), (222, None),
                             (32, "sha1"),
                             (32, "sha512"), (20, "sha1")])
    key = draft.key
    draft.sign = lambda message: pss(key, "PS256", message, hashlib.shake_128(message).digest(size), mask)


@mutation("signature/of-less", 6)
def signature_of_less(draft, rng):
    """A good signature over something else than both segments."""
    signer, alg = draft.signer, draft.alg
    change = rng.choice([
        lambda m: m.split(b".", 1)[1], lambda m: m.split(b".", 1)[0], lambda m: b"", lambda m: m + b".",
        lambda m: m[:-1],
        lambda m: m.replace(b".", b""), lambda m: b".".join(reversed(m.split(b"."))), lambda m: m.rstrip(b"=") + b"=",
        lambda m: hashlib.sha256(m).digest(), lambda m: b".".join(unpacked(part.decode()) for part in m.split(b".", 1)),
        lambda m: m.lower()])

    def make(message):
        try:
            return sign(signer, alg, change(message))
        except ValueError:  # not base64url any more
            return sign(signer, alg, b"")

    draft.sign = make


# ---- segments, after the signature ----

def part_edit(name, weight=4):
    def add(function):
        @mutation(f"parts/{name}", weight)
        def run(draft, rng):
            # Another mutation may have changed the number.
            draft.edit_parts.append(lambda parts: function(list(parts), draft, rng) if len(parts) == 3 else parts)

        return function

    return add


for encoding, function in ENCODINGS.items():
    def encode_part(parts, draft, rng, function=function):
        at = rng.choice([0, 1, 2, 2])
        parts[at] = function(parts[at], rng)
        return parts

    part_edit(encoding, 5)(encode_part)


@part_edit("bit", 20)
def part_bit(parts, draft, rng):
    at = rng.randrange(3)
    try:
        octets = bytearray(unpacked(parts[at]))
    except ValueError:
        octets = bytearray(b"x")
    if octets:
        octets[rng.randrange(len(octets))] ^= 1 << rng.randrange(8)
    parts[at] = packed(octets)
    return parts


@part_edit("character", 12)
def part_character(parts, draft, rng):
    at = rng.randrange(3)
    if parts[at]:
        where = rng.randrange(len(parts[at]))
        parts[at] = parts[at][:where] + rng.choice("ABCxyz019-_") + parts[at][where + 1:]
    return parts


@part_edit("count", 12)
def part_count(parts, draft, rng):
    return rng.choice([
        parts[:2], parts[:1], [], parts + [""], [""] + parts, parts + [parts[2]], parts + ["x", "y"],
        parts[:2] + [""] + parts[2:],
        parts[1:], [parts[0], "", parts[1], parts[2]], [""] * 3, [""] * 1000, parts * 2, parts * 3])


@part_edit("empty", 6)
def part_empty(parts, draft, rng):
    parts[rng.randrange(3)] = ""
    return parts


@part_edit("order")
def part_order(parts, draft, rng):
    rng.shuffle(parts)
    return parts


@part_edit("truncated", 6)
def part_truncated(parts, draft, rng):
    at = rng.randrange(3)
    parts[at] = parts[at][:rng.randrange(len(parts[at]) + 1)]
    return parts


@part_edit("of-another", 10)
def part_of_another(parts, draft, rng):
    """One segment is that of another good token."""
    other = Draft(draft.maker, rng).token().split(".")
    at = rng.randrange(3)
    parts[at] = other[at]
    return parts


@part_edit("more-rights", 6)
def part_more_rights(parts, draft, rng):
    claims = draft.maker.claims(rng)
    claims.set("scope", ["uaa.admin"])
    parts[1] = packed(octets_of_json(claims))
    return parts


# ---- the text of the token ----

def token_edit(name, weight=4):
    def add(function):
        @mutation(f"token/{name}", weight)
        def run(draft, rng):
            draft.edit_token.append(lambda token: function(token, draft, rng))

        return function

    return add


@token_edit("around", 8)
def token_around(token, draft, rng):
    return rng.choice([
        "Bearer " + token, '"' + token + '"', " " + token, token + " ", token + "\n", "\n" + token, token + "\0",
        "\ufeff" + token,
        token + ";", token + ",", "," + token, token + "\r\nX: y", "<" + token + ">", token + "#", token + "?",
        token + "~1~"])


@token_edit("inserted", 10)
def token_inserted(token, draft, rng):
    return insert(token, rng, [" ", "\n", "\r", "\t", "\0", ".", "=", "A", "+", "\u00e9", "\u200b", "\x7f", "%2e",
                               "\uff0e"])


@token_edit("case", 6)
def token_case(token, draft, rng):
    at = rng.randrange(len(token) + 1)
    return rng.choice([token.upper(), token.lower(), token.swapcase(),
                       token[:at] + token[at:at + 1].swapcase() + token[at + 1:]])


@token_edit("truncated", 6)
def token_truncated(token, draft, rng):
    at = rng.randrange(len(token) + 1)
    return rng.choice([token[:at], token[at:]])


@token_edit("doubled")
def token_doubled(token, draft, rng):
    other = Draft(draft.maker, rng).token()
    return rng.choice(["", ".", ",", " ", "\n"]).join(rng.choice([[token, token], [token, other], [other, token]]))


@token_edit("json")
def token_json(token, draft, rng):
    parts = (token.split(".") + ["", ""])[:3]
    flattened = {"protected": parts[0], "payload": parts[1], "signature": parts[2]}
    general = {"payload": parts[1], "signatures": [{"protected": parts[0], "signature": parts[2]}]}
    return json.dumps(rng.choice([flattened, general, {"token": token}, token]))


@token_edit("dots", 6)
def token_dots(token, draft, rng):
    return rng.choice([
        token.replace(".", ""), token.replace(".", ".."), token.replace(".", ",", 1), token.replace(".", "\u3002"),
        token.replace(".", " "), "." + token, token + ".", "." * 3, ".", "..", "", "a.b.c", token.replace(".", "%2E")])


@token_edit("long", 1)
def token_long(token, draft, rng):
    return rng.choice([token + "A" * 70000, "." * 70000, "A" * 70000 + "." + token, token + "." * 70000])


# ---- choosing ----

GOOD = 200  # unaltered ones, ahead of the others

NAMES = list(MUTATIONS)
WEIGHTS = [MUTATIONS[name][0] for name in NAMES]


def make(maker, number):
    """The token of this number: (names of its mutations, near, token)."""
    rng = random.Random(f"{maker.seed}/token/{number}")
    draft = Draft(maker, rng)
    count = 0 if number < GOOD else rng.choices([1, 2, 3], [72, 20, 8])[0]
    names = sorted(set(rng.choices(NAMES, WEIGHTS, k=count)))
    for name in names:
        MUTATIONS[name][1](draft, rng)
    token = draft.token()
    return names, draft.near, token.encode("utf-8", "replace").decode()
