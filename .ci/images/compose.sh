# The shipped compose file with either generation of compose. Sourced by the images step.

COMPOSE=()
COMPOSE_FILES=(--file docker/compose.plexd.yml --file .ci/images/compose.dependant.yml)

# Finds compose 2 (a plugin) or compose 1; with neither, this part is skipped.
find_compose() {
    if docker compose version >/dev/null 2>&1; then
        COMPOSE=(docker compose)
    elif have docker-compose; then
        COMPOSE=(docker-compose)
    else
        note_skip "the compose file was not run: there is no docker compose on this machine"
        return 1
    fi
    COMPOSE+=(--project-name "mock-server-ci-$$")
    echo "compose: $("${COMPOSE[@]}" version --short)"
}

# The whole file is valid, the mock comes up on its fixed ports, and what depends on it starts only when it is healthy.
check_compose() {
    find_compose || return 0
    "${COMPOSE[@]}" --file docker/compose.plexd.yml config --quiet || fail "compose.plexd.yml is not valid"
    "${COMPOSE[@]}" "${COMPOSE_FILES[@]}" up --detach --no-build >"$CI_WORK/compose.log" 2>&1 || {
        tail -n 20 "$CI_WORK/compose.log"
        fail "the services of compose.plexd.yml do not come up"
    }
    local mock plexd after
    mock=$("${COMPOSE[@]}" "${COMPOSE_FILES[@]}" ps --quiet mock-api)
    is_healthy "$mock" || fail "compose says up, but mock-api is not healthy"
    local url
    for url in http://127.0.0.1:18080/v1/ping https://127.0.0.1:18443/test/assertions; do
        curl --silent --show-error --fail --insecure --noproxy '*' --max-time 5 --output /dev/null "$url" ||
            fail "no good answer from $url"
    done
    echo "ok: mock-api is healthy and answers on 18080 and 18443"

    plexd=$(docker ps --all --quiet --filter "label=com.docker.compose.project=mock-server-ci-$$" \
        --filter label=com.docker.compose.service=plexd)
    expect "exit code of the dependant" 0 "$(timeout 30 docker wait "$plexd")"
    after=$(milliseconds "$mock" "health_status: healthy" "$plexd" start)
    [ "$after" -ge 0 ] || fail "the dependant started $((-after)) ms before mock-api was healthy"
    echo "ok: the dependant started $after ms after mock-api was healthy"
}

compose_down() {
    if [ "${#COMPOSE[@]}" -gt 0 ]; then
        "${COMPOSE[@]}" "${COMPOSE_FILES[@]}" down --volumes --timeout 5 >/dev/null 2>&1 || true
    fi
}
