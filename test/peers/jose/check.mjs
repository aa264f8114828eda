// Tokens of a UAA and its key set, judged by jose: the good ones accepted, each altered one refused for its own reason.
import { generateKeyPairSync, webcrypto } from 'node:crypto';
import { readFileSync } from 'node:fs';
import https from 'node:https';

// Node 18, Debian's, has it under this name only.
globalThis.crypto ??= webcrypto;
const jose = await import('jose');

const [url, caFile, issuer] = process.argv.slice(2);
const ca = readFileSync(caFile);
let passed = 0;
let failed = 0;

// Few resolvers know that *.localhost is loopback (RFC 6761, section 6.3).
const isLoopbackName = new URL(url).hostname.endsWith('.localhost');
const lookup = (host, options, done) =>
    options.all ? done(null, [{ address: '127.0.0.1', family: 4 }]) : done(null, '127.0.0.1', 4);

function send(target, { method = 'GET', headers = {}, body } = {}) {
    return new Promise((resolve, reject) => {
        const options = { ca, method, timeout: 30000, headers: { accept: 'application/json', ...headers } };
        if (isLoopbackName) options.lookup = lookup;
        const request = https.request(target, options, (reply) => {
            const parts = [];
            reply.on('data', (part) => parts.push(part));
            reply.on('error', reject);
            reply.on('end', () => resolve(new Response(Buffer.concat(parts), { status: reply.statusCode })));
        });
        request.on('timeout', () => request.destroy(new Error('no answer within 30 s')));
        request.on('error', reject);
        request.end(body);
    });
}

async function token(client, secret, form) {
    const reply = await send(`${url}/oauth/token`, {
        method: 'POST',
        headers: {
            authorization: 'Basic ' + Buffer.from(`${client}:${secret}`).toString('base64'),
            'content-type': 'application/x-www-form-urlencoded',
        },
        body: new URLSearchParams(form).toString(),
    });
    if (reply.status !== 200) throw new Error(`/oauth/token answered ${reply.status} to ${client}`);
    return (await reply.json()).access_token;
}

async function check(name, body) {
    try {
        await body();
        ++passed;
        console.log(`ok ${name}`);
    } catch (problem) {
        ++failed;
        console.log(`not ok ${name}: ${problem.code ?? ''} ${problem.message}`.replaceAll('\n', ' '));
    }
}

function same(expected, seen, what) {
    if (JSON.stringify(expected) !== JSON.stringify(seen))
        throw new Error(`${what} is ${JSON.stringify(seen)}, expected ${JSON.stringify(expected)}`);
}

const keySet = jose.createRemoteJWKSet(new URL(`${url}/token_keys`), {
    [jose.customFetch]: (target, options) => send(target, { headers: Object.fromEntries(options.headers) }),
});
const rules = { issuer, audience: 'pks.clusters', algorithms: ['RS256'] };
const accept = (jwt, more = {}) => jose.jwtVerify(jwt, keySet, { ...rules, ...more });

function refuse(name, jwt, code, more = {}) {
    return check(name, async () => {
        let result;
        try {
            result = await accept(await jwt(), more);
        } catch (problem) {
            same(code, problem.code, 'code');
            return;
        }
        throw new Error(`accepted: ${JSON.stringify(result.payload)}`);
    });
}

const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
const decode = (text) => JSON.parse(Buffer.from(text, 'base64url'));

// Flips the lowest bit of one octet of the decoded part, so that the part stays well-formed base64url.
function flip(part, at) {
    const octets = Buffer.from(part, 'base64url');
    octets[at < 0 ? octets.length + at : at] ^= 1;
    return octets.toString('base64url');
}

// A UAA before 75.5.0 writes the modulus with a leading zero octet.
function withoutLeadingZeros(number) {
    const octets = Buffer.from(number, 'base64url');
    return octets.subarray(octets.findIndex((octet) => octet !== 0)).toString('base64url');
}

let clientToken;
let userToken;
let keys;

await check('key-set', async () => {
    const reply = await send(`${url}/token_keys`);
    same(200, reply.status, 'status');
    keys = (await reply.json()).keys;
    if (!(keys.length > 0)) throw new Error('no keys');
    for (const key of keys) {
        const imported = await jose.importJWK(key, key.alg);
        const fromPem = await jose.importSPKI(key.value, key.alg, { extractable: true });
        const { n, e } = await jose.exportJWK(fromPem);
        same(n, withoutLeadingZeros(key.n), `modulus of ${key.kid}`);
        same(e, key.e, `exponent of ${key.kid}`);
        same('public', imported.type, `type of ${key.kid}`);
    }
});

await check('client-token', async () => {
    clientToken = await token('automated-client', 'automated-secret', { grant_type: 'client_credentials' });
    const { payload, protectedHeader } = await accept(clientToken);
    same('RS256', protectedHeader.alg, 'alg');
    if (!keys.some((key) => key.kid === protectedHeader.kid))
        throw new Error(`no key ${protectedHeader.kid} in the set`);
    same('automated-client', payload.client_id, 'client_id');
    same('automated-client', payload.sub, 'sub');
    same(['pks.clusters.admin', 'pks.clusters.manage'], [...payload.scope].sort(), 'scope');
});

await check('user-token', async () => {
    userToken = await token('pks_cli', '', { grant_type: 'password', username: 'alana', password: 'alana-password' });
    const requiredClaims = ['jti', 'user_id', 'cid', 'scope'];
    const { payload } = await accept(userToken, { maxTokenAge: 600, requiredClaims });
    same('alana', payload.user_name, 'user_name');
    same('pks_cli', payload.cid, 'cid');
    same(['pks.clusters.manage'], payload.scope, 'scope');
    same(600, payload.exp - payload.iat, 'life');
});

await check('reader-token', async () => {
    const jwt = await token('reader-client', 'reader-secret', { grant_type: 'client_credentials' });
    // The audience is each scope without its last part: not pks.clusters here.
    const { payload } = await accept(jwt, { audience: 'pks.clusters.admin' });
    same(['pks.clusters.admin.read'], payload.scope, 'scope');
});

for (const [name, jwt] of [['client', () => clientToken], ['user', () => userToken]]) {
    const parts = () => jwt().split('.');
    const header = () => decode(parts()[0]);

    await refuse(`${name}-payload-octet`, () => {
        const [h, p, s] = parts();
        return `${h}.${flip(p, 20)}.${s}`;
    }, 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED');

    await refuse(`${name}-payload-scope`, () => {
        const [h, p, s] = parts();
        return `${h}.${encode({ ...decode(p), scope: ['uaa.admin'] })}.${s}`;
    }, 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED');

    await refuse(`${name}-signature-first-octet`, () => {
        const [h, p, s] = parts();
        return `${h}.${p}.${flip(s, 0)}`;
    }, 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED');

    await refuse(`${name}-signature-last-octet`, () => {
        const [h, p, s] = parts();
        return `${h}.${p}.${flip(s, -1)}`;
    }, 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED');

    await refuse(`${name}-signature-shortened`, () => jwt().slice(0, -4), 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED');

    await refuse(`${name}-alg-none`, () => {
        const [, p] = parts();
        return `${encode({ ...header(), alg: 'none' })}.${p}.`;
    }, 'ERR_JOSE_ALG_NOT_ALLOWED');

    await refuse(`${name}-public-key-as-hmac-secret`, async () => {
        const key = keys.find((candidate) => candidate.kid === header().kid);
        const forged = new jose.SignJWT(decode(parts()[1])).setProtectedHeader({ ...header(), alg: 'HS256' });
        return forged.sign(Buffer.from(key.value));
    }, 'ERR_JOSE_ALG_NOT_ALLOWED');

    await refuse(`${name}-other-kid`, () => {
        const [, p, s] = parts();
        return `${encode({ ...header(), kid: 'no-such-key' })}.${p}.${s}`;
    }, 'ERR_JWKS_NO_MATCHING_KEY');

    await refuse(`${name}-other-signer`, async () => {
        const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
        return new jose.SignJWT(decode(parts()[1])).setProtectedHeader(header()).sign(privateKey);
    }, 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED');

    const wrongClaim = 'ERR_JWT_CLAIM_VALIDATION_FAILED';
    await refuse(`${name}-other-issuer`, jwt, wrongClaim, { issuer: 'https://uaa.example.com/oauth/token' });
    await refuse(`${name}-other-audience`, jwt, wrongClaim, { audience: 'cloud_controller' });

    // A token that could not be fetched fails its own check above, and must not end the program here.
    const end = jwt() ? decode(parts()[1]).exp : 0;
    await refuse(`${name}-expired`, jwt, 'ERR_JWT_EXPIRED', { currentDate: new Date((end + 1) * 1000) });
}

console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
