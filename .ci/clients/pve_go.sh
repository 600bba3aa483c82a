# go-proxmox: a program of ours that uses it, and its own integration tests, as its authors run them against a cluster.
# Sourced by the clients step.

# Its integration tests, all of them. As published, those with tags do not compile: names are missing that we add, and a
# call lacks an argument that came with 0.8.0.
build_go_proxmox_tests() { # WHERE
    local module copy="$CI_WORK/go-proxmox"
    module=$(cd .ci/clients/pve-go && go list -m -f '{{.Dir}}' github.com/luthermonson/go-proxmox)
    cp -r "$module" "$copy"
    chmod -R u+w "$copy"
    cp .ci/clients/pve-go/testdata/ci_test.go "$copy/tests/integration/"
    sed -i 's/vm\.Delete(context\.TODO())/vm.Delete(context.TODO(), nil)/' "$copy/tests/integration/virtual_machines_test.go"
    (cd "$copy" && go test -c -tags 'nodes containers vms' -o "$1" ./tests/integration)
}

# Runs some of them against the server that was started last.
go_proxmox_tests() { # NAME OPTION...
    local log="$CI_WORK/go-proxmox-$1.log" folder="$CI_WORK/go-proxmox-$1"
    shift
    mkdir "$folder"
    # The tests of dates were written in Arizona.
    (cd "$folder" && TZ=America/Phoenix PROXMOX_URL="https://$MOCK_HTTPS/api2/json" \
        PROXMOX_USERNAME=root@pam PROXMOX_PASSWORD=secret PROXMOX_TOKENID='root@pam!mock' \
        PROXMOX_SECRET=00000000-0000-4000-8000-000000000000 PROXMOX_NODE_NAME=pve01 PROXMOX_NODE_STORAGE=local \
        PROXMOX_VNC_VMID=101 "$CI_WORK/go-proxmox.test" -test.v -test.timeout 120s "$@") >"$log" 2>&1 || {
        grep -v '^\[DEBUG\]' "$log" | tail -n 40
        fail "an integration test of go-proxmox failed ($*)"
    }
}

serve pve --auth strict
(cd .ci/clients/pve-go && go run .)
end_server

# One of them waits half a minute for a task that does not end, so they run at once. One knows the types of resources
# of older releases only.
build_go_proxmox_tests "$CI_WORK/go-proxmox.test"
tests=()
serve pve --auth strict --task-time 60s
go_proxmox_tests task -test.run '^TestTask$' &
tests+=($!)
serve pve --auth strict --release 7.4
go_proxmox_tests resources -test.run '^TestClusterResources$' &
tests+=($!)
serve pve --auth strict
go_proxmox_tests most -test.skip '^(TestTask|TestClusterResources)$' &
tests+=($!)
for test in "${tests[@]}"; do
    wait "$test" || fail "go-proxmox: not all integration tests passed"
done
for _ in "${tests[@]}"; do
    SERVER=${SERVERS[-1]}
    end_server
done
echo "go-proxmox: its own $(cat "$CI_WORK"/go-proxmox-*.log | grep -c '^--- PASS') integration tests passed"
