# Clients in other languages spend an agent's day with the released program: what they find right, users will.
. .ci/lib.sh

binary=$(release_binary)
[ -x "$binary" ] || fail "there is no $binary: run the release step first"

# The server takes free ports and says which; it ends with this step.
"$binary" serve --personality plexd --listen 127.0.0.1:0 --local-listen 127.0.0.1:0 \
    >"$CI_WORK/server.out" 2>"$CI_WORK/server.log" &
server=$!
trap 'kill "$server" 2>/dev/null || true' EXIT
within 10 grep -q '^MOCK_SERVER_LOCAL_ADDR=' "$CI_WORK/server.out" || {
    tail -n 10 "$CI_WORK/server.log"
    fail "the server does not say where it listens"
}
MOCK_URL="http://$(sed -n 's/^MOCK_SERVER_ADDR=//p' "$CI_WORK/server.out")"
# By name, so that the certificate's names are tested too.
MOCK_LOCAL_URL="https://localhost:$(sed -n 's/^MOCK_SERVER_LOCAL_ADDR=.*://p' "$CI_WORK/server.out")"
export MOCK_URL MOCK_LOCAL_URL

ran=0
if ! have python3; then
    note_skip "the Python client did not run: there is no python3"
elif ! python3 -m venv "$CI_WORK/venv" >/dev/null 2>&1; then
    note_skip "the Python client did not run: python3 cannot make a virtual environment"
elif ! "$CI_WORK/venv/bin/pip" install --quiet --requirement .ci/clients/requirements.txt; then
    note_skip "the Python client did not run: its packages could not be installed"
else
    "$CI_WORK/venv/bin/python" .ci/clients/plexd_requests.py
    "$CI_WORK/venv/bin/python" .ci/clients/wiremock_journal.py
    ran=$((ran + 1))
fi

if ! have go; then
    note_skip "the Go client did not run: there is no go"
else
    (cd .ci/clients/plexd-go && GOFLAGS=-mod=mod GOTOOLCHAIN=local go run .)
    ran=$((ran + 1))
fi

# Last, because it changes the world as it likes.
if [ -x "$CI_WORK/venv/bin/schemathesis" ]; then
    # Generated calls of every operation: no answer that the contract does not declare. The event stream never ends
    # and /local is another port, so both are left to the other clients.
    "$CI_WORK/venv/bin/schemathesis" run "$MOCK_URL/openapi.json" --url "$MOCK_URL" --request-timeout 10 \
        --exclude-path-regex '^/local|events$' --max-examples 20 --seed 1 --checks \
        not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance \
        >"$CI_WORK/schemathesis.log" 2>&1 || { tail -n 60 "$CI_WORK/schemathesis.log"; fail "schemathesis found something"; }
    grep -E '^ +[0-9]+ generated' "$CI_WORK/schemathesis.log" | sed 's/^ */schemathesis: /'
fi

if [ "$ran" -eq 0 ]; then exit 77; fi
kill -TERM "$server"
code=0
wait "$server" || code=$?
[ "$code" -eq 0 ] || fail "the server ended with $code after SIGTERM"
echo "the server ended with 0 after SIGTERM"
