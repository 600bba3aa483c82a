# Servers for clients to talk to. Sourced by the clients step.

SERVERS=()

# Starts a personality on free ports, or on SERVE_PORT. Sets SERVER, MOCK_URL (plain), MOCK_HTTPS (host:port for TLS, by
# name, so that the certificate's names are tested too), MOCK_CA (the certificate to trust) and MOCK_LOCAL_URL, exported.
serve() { # PERSONALITY FLAG...
    local personality=$1 out local_listen=()
    shift
    out="$CI_WORK/server-${#SERVERS[@]}"
    # Without what an earlier server said here.
    : >"$out.out"
    if [ "$personality" = plexd ]; then local_listen=(--local-listen 127.0.0.1:0); fi
    "$binary" serve --personality "$personality" --listen "127.0.0.1:${SERVE_PORT:-0}" "${local_listen[@]}" \
        --tls-export "$out.pem" "$@" >"$out.out" 2>"$out.log" &
    SERVER=$!
    SERVERS+=("$SERVER")
    within 10 grep -q "^MOCK_SERVER_${local_listen:+LOCAL_}ADDR=" "$out.out" || {
        tail -n 10 "$out.log"
        fail "$personality does not say where it listens"
    }
    local address
    address=$(sed -n 's/^MOCK_SERVER_ADDR=//p' "$out.out")
    export MOCK_URL="http://$address" MOCK_HTTPS="localhost:${address##*:}" MOCK_CA="$out.pem"
    MOCK_LOCAL_URL="https://localhost:$(sed -n 's/^MOCK_SERVER_LOCAL_ADDR=.*://p' "$out.out")"
    export MOCK_LOCAL_URL
}

# Ends the last server, which must end well.
end_server() {
    kill -TERM "$SERVER"
    local code=0
    wait "$SERVER" || code=$?
    [ "$code" -eq 0 ] || fail "the server ended with $code after SIGTERM"
    unset "SERVERS[-1]"
}

stop_servers() {
    if [ "${#SERVERS[@]}" -gt 0 ]; then kill "${SERVERS[@]}" 2>/dev/null || true; fi
}

# Generated calls of every operation: no answer that the contract does not declare.
judge() { # NAME OPTION...
    local name=$1 log="$CI_WORK/schemathesis-$1.log"
    shift
    "$CI_WORK/venv/bin/schemathesis" run "$MOCK_URL/openapi.json" --request-timeout 10 --seed 1 --checks \
        status_code_conformance,content_type_conformance,response_schema_conformance "$@" >"$log" 2>&1 || {
        grep -nE '^_+ |^- ST|^    [^ {}].*' "$log" | head -n 80
        tail -n 20 "$log"
        fail "schemathesis found something in $name"
    }
    grep -E '^ +[0-9]+ generated' "$log" | sed "s/^ */schemathesis, $name: /"
}
