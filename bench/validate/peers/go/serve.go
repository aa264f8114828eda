// Go golang-jwt as a contestant, as drive.py asks for it.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

var cases = []string{"rs256", "es256", "eddsa", "forged_signature", "forged_alg", "forged_dots"}

// The claims as a service would take them.
type claims struct {
	jwt.RegisteredClaims
	Scope     []string `json:"scope"`
	ClientID  string   `json:"client_id"`
	UserID    string   `json:"user_id"`
	UserName  string   `json:"user_name"`
	Email     string   `json:"email"`
	Origin    string   `json:"origin"`
	Zid       string   `json:"zid"`
	GrantType string   `json:"grant_type"`
}

type tokenCase struct {
	tokens []string
	keys   map[string]any
	parser *jwt.Parser
	good   bool
}

func must[T any](value T, err error) T {
	if err != nil {
		fmt.Fprintln(os.Stderr, "golang_jwt:", err)
		os.Exit(2)
	}
	return value
}

func newCase(folder, name string) *tokenCase {
	family, alg := "rs256", "RS256"
	if name == "es256" || name == "eddsa" {
		family = name
		alg = map[string]string{"es256": "ES256", "eddsa": "EdDSA"}[name]
	}
	var rules struct{ Issuer, Audience string }
	must(0, json.Unmarshal(must(os.ReadFile(folder+"/rules.json")), &rules))
	out := &tokenCase{keys: map[string]any{}, good: !strings.HasPrefix(name, "forged")}
	for _, line := range strings.Fields(string(must(os.ReadFile(folder + "/" + name + ".tokens")))) {
		out.tokens = append(out.tokens, line)
	}
	// Lines are `KID TOKEN`.
	for i := range len(out.tokens) / 2 {
		out.tokens[i] = out.tokens[2*i+1]
	}
	out.tokens = out.tokens[:len(out.tokens)/2]
	var set struct{ Keys []struct{ Kid string } }
	must(0, json.Unmarshal(must(os.ReadFile(folder+"/"+family+".jwks")), &set))
	for _, key := range set.Keys {
		pem := must(os.ReadFile(folder + "/" + key.Kid + ".pem"))
		switch family {
		case "rs256":
			out.keys[key.Kid] = must(jwt.ParseRSAPublicKeyFromPEM(pem))
		case "es256":
			out.keys[key.Kid] = must(jwt.ParseECPublicKeyFromPEM(pem))
		default:
			out.keys[key.Kid] = must(jwt.ParseEdPublicKeyFromPEM(pem))
		}
	}
	out.parser = jwt.NewParser(jwt.WithValidMethods([]string{alg}), jwt.WithIssuer(rules.Issuer),
		jwt.WithAudience(rules.Audience), jwt.WithExpirationRequired())
	return out
}

func (c *tokenCase) keyOf(token *jwt.Token) (any, error) {
	kid, _ := token.Header["kid"].(string)
	if key, found := c.keys[kid]; found {
		return key, nil
	}
	return nil, jwt.ErrTokenUnverifiable
}

func (c *tokenCase) accepts(token string) bool {
	_, err := c.parser.ParseWithClaims(token, &claims{}, c.keyOf)
	return err == nil
}

type measured struct {
	Name            string  `json:"name"`
	Case            string  `json:"case"`
	Threads         int     `json:"threads"`
	TokensPerSecond float64 `json:"tokens_per_second"`
	CPU             float64 `json:"cpu_us"`
	Wrong           int64   `json:"wrong"`
}

// Of the whole process: the collector's threads work for the tokens too.
func cpuMicroseconds() float64 {
	var used syscall.Rusage
	must(0, syscall.Getrusage(syscall.RUSAGE_SELF, &used))
	return float64(used.Utime.Nano()+used.Stime.Nano()) / 1e3
}

func (c *tokenCase) measure(threads int, duration time.Duration) measured {
	var ready, done sync.WaitGroup
	var stop atomic.Bool
	var mutex sync.Mutex
	out := measured{Threads: threads}
	total := 0
	begin := make(chan struct{})
	ready.Add(threads)
	done.Add(threads)
	for number := range threads {
		go func() {
			defer done.Done()
			at := len(c.tokens) * number / threads
			next := func() bool {
				right := c.accepts(c.tokens[at]) == c.good
				at = (at + 1) % len(c.tokens)
				return right
			}
			for range min(len(c.tokens), 200) {
				next()
			}
			ready.Done()
			<-begin
			count, wrong := 0, int64(0)
			began := time.Now()
			for !stop.Load() {
				if !next() {
					wrong++
				}
				count++
			}
			took := time.Since(began).Seconds()
			mutex.Lock()
			defer mutex.Unlock()
			total += count
			out.Wrong += wrong
			out.TokensPerSecond += float64(count) / took
		}()
	}
	ready.Wait()
	cpu := cpuMicroseconds()
	close(begin)
	time.Sleep(duration)
	stop.Store(true)
	done.Wait()
	out.CPU = (cpuMicroseconds() - cpu) / float64(max(total, 1))
	return out
}

func version() string {
	info, _ := debug.ReadBuildInfo()
	for _, module := range info.Deps {
		if strings.HasPrefix(module.Path, "github.com/golang-jwt/jwt") {
			return strings.TrimPrefix(module.Version, "v")
		}
	}
	return ""
}

func main() {
	folder := os.Args[1]
	byName := map[string]*tokenCase{}
	wrong := []string{}
	for _, name := range cases {
		c := newCase(folder, name)
		byName[name] = c
		bad := 0
		for _, token := range c.tokens {
			if c.accepts(token) != c.good {
				bad++
			}
		}
		if bad > 0 {
			wrong = append(wrong, fmt.Sprintf("golang_jwt %s: %d", name, bad))
		}
	}
	out := json.NewEncoder(os.Stdout)
	must(0, out.Encode(map[string]any{
		"contestants": []any{map[string]any{
			"name": "golang_jwt", "version": version(), "cases": cases, "threads": runtime.GOMAXPROCS(0)}},
		"wrong": wrong,
	}))
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		words := strings.Fields(lines.Text())
		threads := must(strconv.Atoi(words[2]))
		seconds := must(strconv.ParseFloat(words[3], 64))
		got := byName[words[1]].measure(threads, time.Duration(seconds*float64(time.Second)))
		got.Name, got.Case = words[0], words[1]
		must(0, out.Encode(got))
	}
}
