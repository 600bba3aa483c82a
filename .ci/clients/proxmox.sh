# Clients of the three Proxmox products. Sourced by the clients step.

# With the product's own rules about senders, over TLS, as these clients are used.
if [ -n "$python" ]; then
    serve pve --auth strict
    "$python" .ci/clients/pve_proxmoxer.py
    "$python" .ci/clients/pve_exporter.py
    end_server
    serve pve --auth strict
    "$python" .ci/clients/pve_pvecontrol.py
    end_server
    # On the port that proxbox knows, where it is free.
    port=8000
    if (: </dev/tcp/127.0.0.1/$port) 2>/dev/null; then port=0; fi
    SERVE_PORT=$port serve pve --auth strict
    "$python" .ci/clients/pve_sdk.py
    end_server
    serve pbs --auth strict
    "$python" .ci/clients/pbs_proxmoxer.py
    end_server
    ran=$((ran + 1))
fi

# A Go that is too old for the library cannot fetch it either.
export GOTOOLCHAIN=local
if ! have go; then
    :
elif ! (cd .ci/clients/pve-go && go mod download) >"$CI_WORK/go.log" 2>&1; then
    note_skip "go-proxmox did not run: $(tail -n 1 "$CI_WORK/go.log")"
else
    . .ci/clients/pve_go.sh
    ran=$((ran + 1))
fi

# A client whose types are generated from the product's own description and refuse what does not fit.
serve pve
(cd .ci/clients/pve-typed && CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$PWD/../../../target}/clients" cargo run --quiet --locked)
end_server
ran=$((ran + 1))

# Many clients at once, for half a minute: each refusal is one of the product's, nothing is lost, all is counted.
serve pve --auth strict
CROWD_SECONDS=30 cargo test --quiet --locked --test it crowd -- --nocapture | grep -E 'clients:|times:'
end_server
ran=$((ran + 1))

if [ -n "$python" ]; then
    for personality in pve pbs pdm; do
        serve "$personality"
        judge "$personality" --url "$MOCK_URL/api2/json" --max-examples 2 --phases examples,coverage,fuzzing
        end_server
    done
fi

. .ci/clients/terraform.sh
. .ci/clients/ansible.sh
