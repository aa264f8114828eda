// npm jose and fast-jwt as contestants, as drive.py asks for them.
import { createLocalJWKSet, jwtVerify } from 'jose';
import { createVerifier } from 'fast-jwt';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

const [folder, ...only] = process.argv.slice(2);
const read = (file) => readFileSync(`${folder}/${file}`, 'utf8');
const rules = JSON.parse(read('rules.json'));

const files = new Map();
function tokensOf(which) {
  const set = which === 'cached' ? 'rs256' : which;
  if (!files.has(set)) {
    const lines = read(`${set}.tokens`).trimEnd().split('\n');
    files.set(set, lines.map((line) => line.split(' ')).map(([kid, text]) => ({ kid, text })));
  }
  return which === 'cached' ? files.get(set).slice(0, 100) : files.get(set);
}

const algorithms = { es256: ['ES256'], eddsa: ['EdDSA'] };
const algorithmsOf = (which) => algorithms[which] ?? ['RS256'];
const familyOf = (which) => (which in algorithms ? which : 'rs256');
const packageOf = (name) => readFileSync(new URL(`node_modules/${name}/package.json`, import.meta.url));
const versionOf = (name) => JSON.parse(packageOf(name)).version;

// Of a case, what validates one token: it throws, or its promise is rejected, where the token is refused.
function withJose(which) {
  const keys = createLocalJWKSet(JSON.parse(read(`${familyOf(which)}.jwks`)));
  const options = {
    algorithms: algorithmsOf(which),
    issuer: rules.issuer,
    audience: rules.audience,
    requiredClaims: ['exp'],
  };
  return (token) => jwtVerify(token.text, keys, options);
}

// A verifier for each key: one with a function that looks for the key gives a promise, which costs more.
const withFastJwt = (cache) => (which) => {
  const verifiers = new Map();
  for (const { kid } of JSON.parse(read(`${familyOf(which)}.jwks`)).keys) {
    verifiers.set(kid, createVerifier({
      key: read(`${kid}.pem`),
      algorithms: algorithmsOf(which),
      allowedIss: rules.issuer,
      allowedAud: rules.audience,
      requiredClaims: ['exp'],
      cache,
    }));
  }
  return (token) => verifiers.get(token.kid)(token.text);
};

const forged = ['forged_signature', 'forged_alg', 'forged_dots'];
const distinct = ['rs256', 'es256', 'eddsa', ...forged];
const contestants = [
  { name: 'jose', version: versionOf('jose'), make: withJose, promises: true, cases: distinct },
  { name: 'fast_jwt', version: versionOf('fast-jwt'), make: withFastJwt(false), cases: distinct },
  { name: 'fast_jwt_cached', version: versionOf('fast-jwt'), make: withFastJwt(true), cases: ['cached', ...forged] },
].filter(({ name }) => only.length === 0 || only.includes(name));

// Two loops: one that waits costs those that need not.
async function validateWaiting(validate, tokens, until) {
  let count = 0;
  let accepted = 0;
  do {
    try {
      await validate(tokens[count % tokens.length]);
      ++accepted;
    } catch {
      // refused
    }
    ++count;
  } while (!until(count));
  return { count, accepted };
}

function validateAtOnce(validate, tokens, until) {
  let count = 0;
  let accepted = 0;
  do {
    try {
      validate(tokens[count % tokens.length]);
      ++accepted;
    } catch {
      // refused
    }
    ++count;
  } while (!until(count));
  return { count, accepted };
}

const wrongOf = (which, { count, accepted }) => (which.startsWith('forged') ? accepted : count - accepted);

function milliseconds(limit) {
  const end = performance.now() + limit;
  return (count) => count % 16 === 0 && performance.now() >= end;
}

async function measure(contestant, which, seconds) {
  const tokens = tokensOf(which);
  const run = contestant.promises ? validateWaiting : validateAtOnce;
  const validate = contestant.validators.get(which);
  await run(validate, tokens, (count) => count >= 200);
  const cpu = process.cpuUsage();
  const began = performance.now();
  const done = await run(validate, tokens, milliseconds(seconds * 1000));
  const took = (performance.now() - began) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  return { tokens_per_second: done.count / took, cpu_us: (user + system) / done.count, wrong: wrongOf(which, done) };
}

const wrong = [];
for (const contestant of contestants) {
  contestant.validators = new Map();
  for (const which of contestant.cases) {
    const tokens = tokensOf(which);
    contestant.validators.set(which, contestant.make(which));
    const run = contestant.promises ? validateWaiting : validateAtOnce;
    const done = await run(contestant.validators.get(which), tokens, (count) => count >= tokens.length);
    const bad = wrongOf(which, done);
    if (bad > 0) wrong.push(`${contestant.name} ${which}: ${bad}`);
  }
}

const answer = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);
answer({ contestants: contestants.map(({ name, version, cases }) => ({ name, version, cases, threads: 1 })), wrong });

for await (const line of createInterface({ input: process.stdin })) {
  const [name, which, threads, seconds] = line.split(' ');
  const contestant = contestants.find((each) => each.name === name);
  answer({ name, case: which, threads: Number(threads), ...await measure(contestant, which, Number(seconds)) });
}
