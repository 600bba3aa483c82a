# Clients of the three Proxmox products. Sourced by the clients step.

# With the product's own rules about senders, over TLS, as these clients are used.
if [ -n "$python" ]; then
    serve pve --auth strict
    "$python" .ci/clients/pve_proxmoxer.py
    "$python" .ci/clients/pve_exporter.py
    end_server
    serve pbs --auth strict
    "$python" .ci/clients/pbs_proxmoxer.py
    end_server
    ran=$((ran + 1))
fi

# A client whose types are generated from the product's own description and refuse what does not fit.
serve pve
(cd .ci/clients/pve-typed && CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$PWD/../../../target}/clients" cargo run --quiet --locked)
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
