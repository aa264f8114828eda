// Java nimbus-jose-jwt as a contestant, as drive.py asks for it.
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.source.ImmutableJWKSet;
import com.nimbusds.jose.proc.JWSVerificationKeySelector;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jose.util.JSONObjectUtils;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.proc.DefaultJWTClaimsVerifier;
import com.nimbusds.jwt.proc.DefaultJWTProcessor;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;

public class Serve {
    // Ed25519 would need another library.
    static final List<String> CASES = List.of("rs256", "es256", "forged_signature", "forged_alg", "forged_dots");

    static final class Case {
        final List<String> tokens = new ArrayList<>();
        final DefaultJWTProcessor<SecurityContext> processor = new DefaultJWTProcessor<>();
        final boolean good;

        Case(Path folder, String name) throws Exception {
            boolean ec = name.equals("es256");
            good = !name.startsWith("forged");
            for (String line : Files.readAllLines(folder.resolve(name + ".tokens")))
                tokens.add(line.substring(line.indexOf(' ') + 1));
            Map<String, Object> rules = JSONObjectUtils.parse(Files.readString(folder.resolve("rules.json")));
            JWKSet keys = JWKSet.parse(Files.readString(folder.resolve(ec ? "es256.jwks" : "rs256.jwks")));
            processor.setJWSKeySelector(new JWSVerificationKeySelector<>(
                ec ? JWSAlgorithm.ES256 : JWSAlgorithm.RS256, new ImmutableJWKSet<>(keys)));
            processor.setJWTClaimsSetVerifier(new DefaultJWTClaimsVerifier<>(
                (String) rules.get("audience"),
                new JWTClaimsSet.Builder().issuer((String) rules.get("issuer")).build(),
                Set.of("exp")));
        }

        boolean accepts(String token) {
            try {
                processor.process(token, null);
                return true;
            } catch (Exception refused) {
                return false;
            }
        }
    }

    // Goes through the tokens of a case until it is told to stop.
    static final class Worker extends Thread {
        final Case which;
        final CountDownLatch ready;
        final CountDownLatch begin;
        volatile boolean stop;
        int at;
        long count;
        long wrong;
        double perSecond;

        Worker(Case which, int at, CountDownLatch ready, CountDownLatch begin) {
            this.which = which;
            this.at = at;
            this.ready = ready;
            this.begin = begin;
        }

        boolean next() {
            boolean right = which.accepts(which.tokens.get(at)) == which.good;
            at = (at + 1) % which.tokens.size();
            return right;
        }

        @Override
        public void run() {
            for (int i = 0; i < Math.min(which.tokens.size(), 200); ++i)
                next();
            ready.countDown();
            try {
                begin.await();
            } catch (InterruptedException e) {
                return;
            }
            long began = System.nanoTime();
            for (; !stop; ++count)
                if (!next())
                    ++wrong;
            perSecond = count * 1e9 / (System.nanoTime() - began);
        }
    }

    // Of the whole process: the collector and the compiler work for the tokens too.
    static double cpuMicroseconds() {
        var system = (com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        return system.getProcessCpuTime() / 1e3;
    }

    static Map<String, Object> measure(Case which, int threads, double seconds) throws InterruptedException {
        CountDownLatch ready = new CountDownLatch(threads);
        CountDownLatch begin = new CountDownLatch(1);
        List<Worker> workers = new ArrayList<>();
        for (int i = 0; i < threads; ++i) {
            workers.add(new Worker(which, which.tokens.size() * i / threads, ready, begin));
            workers.get(i).start();
        }
        ready.await();
        double cpu = cpuMicroseconds();
        begin.countDown();
        Thread.sleep((long) (seconds * 1000));
        for (Worker each : workers)
            each.stop = true;
        long count = 0;
        long wrong = 0;
        double perSecond = 0;
        for (Worker each : workers) {
            each.join();
            count += each.count;
            wrong += each.wrong;
            perSecond += each.perSecond;
        }
        Map<String, Object> out = new HashMap<>();
        out.put("tokens_per_second", perSecond);
        out.put("cpu_us", (cpuMicroseconds() - cpu) / Math.max(count, 1));
        out.put("wrong", wrong);
        out.put("threads", threads);
        return out;
    }

    static void answer(Map<String, Object> line) {
        System.out.println(JSONObjectUtils.toJSONString(line));
        System.out.flush();
    }

    public static void main(String[] arguments) throws Exception {
        Path folder = Path.of(arguments[0]);
        Map<String, Case> byName = new HashMap<>();
        List<String> wrong = new ArrayList<>();
        for (String name : CASES) {
            Case made = new Case(folder, name);
            byName.put(name, made);
            long bad = made.tokens.stream().filter(token -> made.accepts(token) != made.good).count();
            if (bad > 0)
                wrong.add("nimbus " + name + ": " + bad);
        }
        answer(Map.of(
            "contestants", List.of(Map.of(
                "name", "nimbus",
                "version", arguments[1],
                "cases", CASES,
                "threads", Runtime.getRuntime().availableProcessors())),
            "wrong", wrong));
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            String[] words = line.split(" ");
            Map<String, Object> got =
                measure(byName.get(words[1]), Integer.parseInt(words[2]), Double.parseDouble(words[3]));
            got.put("name", words[0]);
            got.put("case", words[1]);
            answer(got);
        }
    }
}
