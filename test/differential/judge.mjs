// npm jose as a judge: JSON lines with tokens in, JSON lines with its verdicts out.
import { webcrypto } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';

// Node 18, Debian's, has it under this name only.
globalThis.crypto ??= webcrypto;
const [folder, rulesFile] = process.argv.slice(2);
const jose = await import(pathToFileURL(`${folder}/node_modules/jose/dist/webapi/index.js`));
const { jwks, issuer, audience, now, algorithms, required, compared } = JSON.parse(readFileSync(rulesFile));

const keySet = jose.createLocalJWKSet(jwks);
const rules = {
    issuer, audience, algorithms, requiredClaims: required, clockTolerance: 0, currentDate: new Date(now * 1000),
};

async function judge({ id, token }) {
    try {
        const { payload } = await jose.jwtVerify(token, keySet, rules);
        const claims = Object.fromEntries(compared.filter((name) => Object.hasOwn(payload, name))
            .map((name) => [name, payload[name]]));
        return { id, verdict: 'valid', claims };
    } catch (problem) {
        const error = problem.claim ? `${problem.code}:${problem.claim}` : problem.code ?? problem.name;
        return { id, verdict: 'invalid', error };
    }
}

// Many at once: the signatures are verified by threads.
let waiting = [];
async function answer() {
    const answers = await Promise.all(waiting);
    process.stdout.write(answers.map((each) => JSON.stringify(each) + '\n').join(''));
    waiting = [];
}
for await (const line of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
    waiting.push(judge(JSON.parse(line)));
    if (waiting.length === 200) await answer();
}
await answer();
