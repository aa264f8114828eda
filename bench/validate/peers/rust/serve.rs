// Rust jsonwebtoken as a contestant, as drive.py asks for it.
use jsonwebtoken::{decode, decode_header, Algorithm, DecodingKey, Validation};
use serde::Deserialize;
use serde_json::{json, Value};
use std::collections::HashMap;
use std::io::{stdin, BufRead};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::Barrier;
use std::time::{Duration, Instant};

// The claims as a service would take them: most as texts of their own.
#[derive(Deserialize)]
#[allow(dead_code)]
struct Claims {
    jti: String,
    sub: String,
    iss: String,
    aud: Vec<String>,
    scope: Vec<String>,
    client_id: String,
    user_id: Option<String>,
    user_name: Option<String>,
    email: Option<String>,
    origin: Option<String>,
    zid: String,
    grant_type: String,
    iat: u64,
    exp: u64,
}

const CASES: [&str; 6] = ["rs256", "es256", "eddsa", "forged_signature", "forged_alg", "forged_dots"];

struct Case {
    tokens: Vec<String>,
    keys: HashMap<String, DecodingKey>,
    validation: Validation,
    good: bool,
}

fn read(folder: &str, file: &str) -> String {
    let path = format!("{folder}/{file}");
    std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("cannot read {path}: {e}"))
}

impl Case {
    fn new(folder: &str, name: &str) -> Case {
        let (family, alg) = match name {
            "es256" => ("es256", Algorithm::ES256),
            "eddsa" => ("eddsa", Algorithm::EdDSA),
            _ => ("rs256", Algorithm::RS256),
        };
        let rules: Value = serde_json::from_str(&read(folder, "rules.json")).unwrap();
        let mut validation = Validation::new(alg);
        validation.set_issuer(&[rules["issuer"].as_str().unwrap()]);
        validation.set_audience(&[rules["audience"].as_str().unwrap()]);
        validation.set_required_spec_claims(&["exp", "iss", "aud"]);
        let jwks: Value = serde_json::from_str(&read(folder, &format!("{family}.jwks"))).unwrap();
        let keys = jwks["keys"].as_array().unwrap().iter().map(|key| {
            let jwk = serde_json::from_value(key.clone()).unwrap();
            (key["kid"].as_str().unwrap().to_string(), DecodingKey::from_jwk(&jwk).unwrap())
        });
        Case {
            tokens: read(folder, &format!("{name}.tokens"))
                .lines()
                .map(|line| line.split_once(' ').unwrap().1.to_string())
                .collect(),
            keys: keys.collect(),
            validation,
            good: !name.starts_with("forged"),
        }
    }

    fn accepts(&self, token: &str) -> bool {
        let Ok(header) = decode_header(token) else { return false };
        let Some(key) = header.kid.as_ref().and_then(|kid| self.keys.get(kid)) else { return false };
        decode::<Claims>(token, key, &self.validation).is_ok()
    }
}

fn thread_cpu_us() -> f64 {
    let mut now = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &mut now) };
    now.tv_sec as f64 * 1e6 + now.tv_nsec as f64 / 1e3
}

fn measure(case: &Case, threads: usize, seconds: f64) -> (f64, f64, u64) {
    let ready = Barrier::new(threads + 1);
    let stop = AtomicBool::new(false);
    let one = |number: usize| {
        let mut at = case.tokens.len() * number / threads;
        let mut next = || {
            let right = case.accepts(&case.tokens[at]) == case.good;
            at = (at + 1) % case.tokens.len();
            right
        };
        for _ in 0..case.tokens.len().min(200) {
            next();
        }
        ready.wait();
        let (mut count, mut wrong) = (0u64, 0u64);
        let (cpu, began) = (thread_cpu_us(), Instant::now());
        while !stop.load(Ordering::Relaxed) {
            wrong += u64::from(!next());
            count += 1;
        }
        (count, wrong, count as f64 / began.elapsed().as_secs_f64(), thread_cpu_us() - cpu)
    };
    std::thread::scope(|scope| {
        let one = &one;
        let workers: Vec<_> = (0..threads).map(|number| scope.spawn(move || one(number))).collect();
        ready.wait();
        std::thread::sleep(Duration::from_secs_f64(seconds));
        stop.store(true, Ordering::Relaxed);
        let (mut count, mut wrong, mut rate, mut cpu) = (0, 0, 0.0, 0.0);
        for (c, w, r, u) in workers.into_iter().map(|worker| worker.join().unwrap()) {
            count += c;
            wrong += w;
            rate += r;
            cpu += u;
        }
        (rate, cpu / count.max(1) as f64, wrong)
    })
}

fn version() -> &'static str {
    let line = include_str!("Cargo.toml").lines().find(|line| line.starts_with("jsonwebtoken ")).unwrap();
    line.split('"').nth(1).unwrap().trim_start_matches('=')
}

fn main() {
    let folder = std::env::args().nth(1).expect("usage: serve FOLDER");
    let cases: HashMap<&str, Case> = CASES.iter().map(|name| (*name, Case::new(&folder, name))).collect();
    let mut wrong = Vec::new();
    for name in CASES {
        let case = &cases[name];
        let bad = case.tokens.iter().filter(|token| case.accepts(token) != case.good).count();
        if bad > 0 {
            wrong.push(format!("jsonwebtoken {name}: {bad}"));
        }
    }
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    println!(
        "{}",
        json!({"contestants": [{"name": "jsonwebtoken", "version": version(), "cases": CASES, "threads": threads}],
               "wrong": wrong})
    );
    for line in stdin().lock().lines() {
        let line = line.unwrap();
        let words: Vec<&str> = line.split(' ').collect();
        let (threads, seconds) = (words[2].parse().unwrap(), words[3].parse().unwrap());
        let (rate, cpu_us, wrong) = measure(&cases[words[1]], threads, seconds);
        println!(
            "{}",
            json!({"name": words[0], "case": words[1], "threads": threads, "tokens_per_second": rate,
                   "cpu_us": cpu_us, "wrong": wrong})
        );
    }
}
