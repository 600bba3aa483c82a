// Command plexd is an agent's day against a running server, with nothing but Go's own library: the one that the real
// agent is built on, so its TLS, its HTTP and its JSON rules are the ones that count.
//
// MOCK_URL is the API, MOCK_LOCAL_URL the local TLS endpoint. It ends with 1 and a sentence at the first thing that differs.
package main

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"crypto/aes"
	"crypto/cipher"
	"crypto/ed25519"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"
)

// agent is what a registered node holds.
type agent struct {
	api, local string
	http       *http.Client
	NodeID     string `json:"node_id"`
	SigningKey []byte `json:"signing_public_key"`
	Secret     string `json:"node_secret_key"`
}

// envelope is an event as it is sent; signed is the part of it that the signature covers, in the order it covers it.
type envelope struct {
	signed
	Signature []byte `json:"signature"`
}

type signed struct {
	EventType string          `json:"event_type"`
	EventID   string          `json:"event_id"`
	IssuedAt  time.Time       `json:"issued_at"`
	Nonce     string          `json:"nonce"`
	Payload   json.RawMessage `json:"payload"`
}

func main() {
	a := &agent{
		api:   strings.TrimRight(os.Getenv("MOCK_URL"), "/"),
		local: strings.TrimRight(os.Getenv("MOCK_LOCAL_URL"), "/"),
		http:  &http.Client{Timeout: 10 * time.Second},
	}
	a.register()
	a.heartbeat()
	a.state()
	a.event()
	a.localEndpoint(a.openSecret())
	fmt.Println("go: an agent's day passed")
}

func (a *agent) register() {
	body := `{"token":"t","hostname":"h","public_key":"` + base64.StdEncoding.EncodeToString(make([]byte, 32)) + `"}`
	decode("the identity", a.call("POST", "/v1/register", body, 200), a)
	expect("length of the signing key", len(a.SigningKey), ed25519.PublicKeySize)
	expect("length of the node's key", len(a.Secret), 32)
}

func (a *agent) heartbeat() {
	body := `{"timestamp":"2026-01-01T00:00:00Z","status":"` + strings.Repeat("healthy ", 200) + `"}`
	var packed bytes.Buffer
	writer := gzip.NewWriter(&packed)
	must("compressing", second(writer.Write([]byte(body))))
	must("compressing", writer.Close())

	request := a.request("POST", a.node("heartbeat"), &packed)
	request.Header.Set("Content-Encoding", "gzip")
	send(a.http, request, 200)
	expect("captured heartbeat", string(a.call("GET", "/test/last-request/heartbeat", "", 200)), body)
}

func (a *agent) state() {
	var state map[string]json.RawMessage
	decode("the state", a.call("GET", a.node("state"), "", 200), &state)
	expect("blocks of the state", len(state), 11)
}

func (a *agent) event() {
	response, err := a.http.Do(a.request("GET", a.node("events"), nil))
	must("opening the event stream", err)
	defer response.Body.Close()
	expect("status of the event stream", response.StatusCode, 200)

	var event envelope
	for lines := bufio.NewScanner(response.Body); lines.Scan() && lines.Text() != ""; {
		if data, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
			decode("an event", []byte(data), &event)
		}
	}
	expect("type of the first event", event.EventType, "node_state_updated")

	// As the real agent does: the event is encoded again, so the server must have signed Go's own spelling.
	canonical, err := json.Marshal(event.signed)
	must("encoding the event", err)
	expect("signature of the first event", ed25519.Verify(a.SigningKey, canonical, event.Signature), true)
}

func (a *agent) openSecret() string {
	var sealed struct{ Ciphertext, Nonce []byte }
	decode("a secret", a.call("GET", a.node("secrets/local-bearer-token"), "", 200), &sealed)
	block, err := aes.NewCipher([]byte(a.Secret))
	must("taking the node's key", err)
	aead, err := cipher.NewGCM(block)
	must("preparing to open", err)
	plain, err := aead.Open(nil, sealed.Nonce, sealed.Ciphertext, nil)
	must("opening the secret", err)
	return string(plain)
}

func (a *agent) localEndpoint(token string) {
	roots := x509.NewCertPool()
	expect("certificates in ca.pem", roots.AppendCertsFromPEM(a.call("GET", "/__admin/ca.pem", "", 200)), true)
	client := &http.Client{
		Timeout:   10 * time.Second,
		Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}, ForceAttemptHTTP2: true},
	}
	for _, path := range []string{"/local/metrics", "/local/logs", "/local/audit"} {
		request, err := http.NewRequest("POST", a.local+path, strings.NewReader("[]"))
		must("making a request", err)
		send(client, request, 401)

		request, err = http.NewRequest("POST", a.local+path, strings.NewReader("[]"))
		must("making a request", err)
		request.Header.Set("Authorization", "Bearer "+token)
		send(client, request, 204)
	}
}

func (a *agent) node(path string) string { return "/v1/nodes/" + a.NodeID + "/" + path }

func (a *agent) call(method, path, body string, status int) []byte {
	return send(a.http, a.request(method, path, strings.NewReader(body)), status)
}

func (a *agent) request(method, path string, body io.Reader) *http.Request {
	request, err := http.NewRequest(method, a.api+path, body)
	must("making a request", err)
	request.Header.Set("Authorization", "Bearer "+a.Secret)
	return request
}

func send(client *http.Client, request *http.Request, status int) []byte {
	response, err := client.Do(request)
	must("calling "+request.URL.Path, err)
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	must("reading the answer of "+request.URL.Path, err)
	expect("status of "+request.URL.Path, response.StatusCode, status)
	return body
}

func decode(what string, body []byte, into any) { must("reading "+what, json.Unmarshal(body, into)) }

func second(_ int, err error) error { return err }

func must(what string, err error) {
	if err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", what, err)
		os.Exit(1)
	}
}

func expect[T comparable](what string, seen, wanted T) {
	if seen != wanted {
		fmt.Fprintf(os.Stderr, "%s: expected %v, saw %v\n", what, wanted, seen)
		os.Exit(1)
	}
}
