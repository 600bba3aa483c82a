# What a container of the image must do. Sourced by the images step. Each check says what it saw, or fails the step.

CONTAINERS=()

# Runs the image in the background with these docker options, and waits until it is healthy. Sets CONTAINER.
start_container() { # OPTION...
    CONTAINER=$(docker run --detach "$@" "$IMAGE")
    CONTAINERS+=("$CONTAINER")
    if ! within 45 is_healthy "$CONTAINER"; then
        docker logs "$CONTAINER" 2>&1 | tail -n 10
        docker inspect --format '{{json .State}}' "$CONTAINER"
        fail "the container started with '$*' does not become healthy"
    fi
}

is_healthy() { [ "$(docker inspect --format '{{.State.Health.Status}}' "$1")" = healthy ]; }

remove_containers() {
    if [ -n "$EVENTS_PID" ]; then kill "$EVENTS_PID" 2>/dev/null || true; fi
    if [ "${#CONTAINERS[@]}" -gt 0 ]; then docker rm --force "${CONTAINERS[@]}" >/dev/null 2>&1 || true; fi
}

# Fails unless a fact about the image is as expected.
expect() { # WHAT EXPECTED SEEN
    [ "$3" = "$2" ] || fail "$1: expected '$2', saw '$3'"
    echo "ok: $1: $3"
}

# The engine's own record of what happened when; its memory of events is short, so it is followed from the start.
EVENTS_PID=

follow_events() {
    EVENTS="$CI_WORK/events"
    docker events --filter type=container --format '{{.ID}} {{.TimeNano}} {{.Action}}' \
        --filter event=start --filter event=kill --filter event=die --filter event=health_status >"$EVENTS" &
    EVENTS_PID=$!
}

# Milliseconds between the first of one action and the first of another, of one container or of two.
milliseconds() { # CONTAINER ACTION CONTAINER ACTION
    local from to
    from=$(moment "$1" "$2")
    to=$(moment "$3" "$4")
    echo $(((to - from) / 1000000))
}

moment() { # CONTAINER ACTION
    within 5 grep "^$1.* $2\$" "$EVENTS" || fail "the engine does not report '$2' of $1"
    awk -v id="$1" -v action="$2" \
        'index($1, id) == 1 && substr($0, index($0, $3)) == action { print $2; exit }' "$EVENTS"
}

image_fact() { docker image inspect --format "$1" "$IMAGE"; }

# What the image says about itself, without being run.
check_image() {
    local size limit=32000000
    size=$(image_fact '{{.Size}}')
    [ "$size" -lt "$limit" ] || fail "the image has $size bytes, more than $limit"
    echo "ok: image size: $size bytes"
    expect "user" 65534:65534 "$(image_fact '{{.Config.User}}')"
    expect "stop signal" SIGTERM "$(image_fact '{{.Config.StopSignal}}')"
    expect "exposed ports" '{"8080/tcp":{},"8443/tcp":{}}' "$(image_fact '{{json .Config.ExposedPorts}}')"
    expect "health check without a shell" '["CMD","/usr/local/bin/mock-server","check"]' \
        "$(image_fact '{{json .Config.Healthcheck.Test}}')"
    expect "version of the label and of the program in PATH" \
        "$(image_fact '{{index .Config.Labels "org.opencontainers.image.version"}}')" \
        "$(docker run --rm --entrypoint "" "$IMAGE" mock-server --version | sed 's/.* //')"
}

# Started with nothing but published ports.
check_plain_run() {
    start_container --publish 127.0.0.1::8080 --publish 127.0.0.1::8443
    local took api local_api
    took=$(milliseconds "$CONTAINER" start "$CONTAINER" "health_status: healthy")
    echo "ok: healthy $took ms after its start"

    api=$(docker port "$CONTAINER" 8080 | head -n 1)
    local_api=$(docker port "$CONTAINER" 8443 | head -n 1)
    local url
    for url in "http://$api/v1/ping" "https://$api/v1/ping" "http://$api/health" "http://$api/metrics" \
        "http://$local_api/test/assertions" "https://$local_api/test/assertions"; do
        curl --silent --show-error --fail --insecure --noproxy '*' --max-time 5 --output /dev/null "$url" ||
            fail "no good answer from $url"
    done
    echo "ok: plain and TLS answer on both ports"

    curl --silent --fail --noproxy '*' --max-time 5 --output "$CI_WORK/ca.pem" "http://$api/__admin/ca.pem" ||
        fail "the certificate cannot be had from http://$api/__admin/ca.pem"
    curl --silent --show-error --fail --noproxy '*' --max-time 5 --output /dev/null --cacert "$CI_WORK/ca.pem" \
        "https://localhost:${api##*:}/v1/ping" || fail "TLS does not verify with the server's own ca.pem"
    echo "ok: TLS verifies with the server's own ca.pem"

    docker exec "$CONTAINER" /usr/local/bin/mockapi -check http://localhost:8080/v1/ping >/dev/null ||
        fail "the check by its older name and flag does not pass"
    echo "ok: mockapi -check"
}

# As a careful platform starts it.
check_locked_down() {
    start_container --read-only --cap-drop ALL --security-opt no-new-privileges --user 12345:12345 \
        --pids-limit 64 --memory 64m --publish 127.0.0.1::8080
    curl --silent --show-error --fail --noproxy '*' --max-time 5 --output /dev/null \
        "http://$(docker port "$CONTAINER" 8080 | head -n 1)/v1/ping" || fail "no answer when locked down"
    echo "ok: read-only, no capabilities, no new privileges, uid 12345, 64 processes, 64 MiB"
    start_container --user 12345
    echo "ok: uid 12345 with the engine's default group"
}

# `docker stop` is a SIGTERM that the program heeds; the times are the engine's own.
check_stop() {
    start_container
    docker stop "$CONTAINER" >/dev/null
    expect "exit code after docker stop" 0 "$(docker inspect --format '{{.State.ExitCode}}' "$CONTAINER")"
    local took
    took=$(milliseconds "$CONTAINER" kill "$CONTAINER" die)
    [ "$took" -lt 5000 ] || fail "stopping took $took ms"
    echo "ok: gone $took ms after SIGTERM"
}
