# Clients of the Central API. Sourced by the clients step.

serve plexd
if [ -n "$python" ]; then
    "$python" .ci/clients/plexd_requests.py
    "$python" .ci/clients/wiremock_journal.py
    ran=$((ran + 1))
fi
if have go; then
    (cd .ci/clients/plexd-go && GOFLAGS=-mod=mod GOTOOLCHAIN=local go run .)
    ran=$((ran + 1))
fi
# Last, because it changes the world as it likes. The event stream never ends and /local is another port, so both are
# left to the other clients.
if [ -n "$python" ]; then
    judge plexd --url "$MOCK_URL" --exclude-path-regex '^/local|events$' --max-examples 20
fi
end_server
echo "the server ended with 0 after SIGTERM"
