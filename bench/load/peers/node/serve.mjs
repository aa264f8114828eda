// npm undici as a contestant, as drive.py asks for it.
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setImmediate as immediate, setTimeout as sleep } from 'node:timers/promises';
import { Pool } from 'undici';

const ca = readFileSync(process.argv[2]);
const { version } = JSON.parse(readFileSync(new URL('node_modules/undici/package.json', import.meta.url)));
const form = 'grant_type=client_credentials&client_id=automated-client&client_secret=automated-secret';
const token = 'a'.repeat(1258);

const requestOf = {
  get: { path: '/v1/clusters', method: 'GET', headers: { authorization: `bearer ${token}`, accept: 'application/json' } },
  login_pooled: {
    path: '/oauth/token',
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
    body: form,
  },
};
// `reset` closes the connection after the reply.
requestOf.login = { ...requestOf.login_pooled, reset: true };
requestOf.login_resumed = requestOf.login;

// As bench/load/schedule.hpp.
class Schedule {
  constructor(rate, seconds) {
    this.rate = rate;
    this.begin = performance.now();
    this.from = this.begin + seconds * 200;
    this.end = this.from + seconds * 1000;
    this.handedOut = 0;
    this.good = 0;
    this.failed = 0;
    this.raw = [];
    this.corrected = [];
  }

  next() {
    const due = this.rate > 0 ? this.begin + (this.handedOut / this.rate) * 1000 : performance.now();
    if (!this.cpu && due >= this.from) {
      this.cpu = process.cpuUsage();
      this.since = performance.now();
      this.counting = true;
    }
    if (due >= this.end) {
      if (this.counting) {
        const { user, system } = process.cpuUsage(this.cpu);
        this.used = user + system;
        this.took = (performance.now() - this.since) / 1000;
        this.counting = false;
      }
      return undefined;
    }
    ++this.handedOut;
    return due;
  }

  done(due, started, good) {
    if (!good) {
      ++this.failed;
      return;
    }
    if (due < this.from) return;
    const now = performance.now();
    this.raw.push((now - started) * 1000);
    this.corrected.push((now - due) * 1000);
    if (this.counting) ++this.good;
  }

  results() {
    const percentiles = (values) => {
      const sorted = Float64Array.from(values).sort();
      const at = (part) => sorted[Math.max(Math.ceil(part * sorted.length), 1) - 1];
      return sorted.length === 0
        ? {}
        : { p50: at(0.5), p90: at(0.9), p99: at(0.99), 'p99.9': at(0.999), most: at(1) };
    };
    return {
      operations: this.good,
      failed: this.failed,
      per_second: this.good / this.took,
      cpu_us: this.used / Math.max(this.good, 1),
      raw: percentiles(this.raw),
      corrected: percentiles(this.corrected),
    };
  }
}

async function run(kind, port, connections, rate, seconds) {
  const pool = new Pool(`https://127.0.0.1:${port}`, {
    connections,
    pipelining: 1,
    connect: { ca, maxCachedSessions: kind === 'login_resumed' ? 100 : 0 },
  });
  const schedule = new Schedule(rate, seconds);
  const work = async () => {
    for (let due = schedule.next(); due !== undefined; due = schedule.next()) {
      // Its timers know milliseconds.
      for (let wait = due - performance.now(); wait > 0; wait = due - performance.now()) {
        await (wait > 2 ? sleep(wait - 1) : immediate());
      }
      const started = performance.now();
      let good = false;
      try {
        const reply = await pool.request(requestOf[kind]);
        good = (await reply.body.text()).length > 0 && reply.statusCode === 200;
      } catch {
        // counted
      }
      schedule.done(due, started, good);
    }
  };
  await Promise.all(Array.from({ length: connections }, work));
  await pool.close();
  return schedule.results();
}

const answer = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);
answer({ contestants: [{ name: 'undici', version, cases: Object.keys(requestOf) }] });

for await (const line of createInterface({ input: process.stdin })) {
  const [, kind, ...numbers] = line.split(' ');
  answer(await run(kind, ...numbers.map(Number)));
}
