# A Docker engine for the images step: the one that answers, or one of our own in a temporary directory. Sourced.

ENGINE_PID=

# Points the docker clients at an engine, starting one if it must; where that is impossible the step is skipped.
start_engine() {
    have docker || skip_step "there is no docker client on this machine"
    export DOCKER_CLI_HINTS=false DOCKER_BUILDKIT=0 DOCKER_SCAN_SUGGEST=false
    if docker version >/dev/null 2>&1; then
        echo "engine: the one that answers, version $(docker version -f '{{.Server.Version}}')"
        return
    fi
    have dockerd || skip_step "no Docker engine answers and there is no dockerd to start"
    [ "$(id -u)" -eq 0 ] || skip_step "no Docker engine answers and only root can start one"

    ENGINE_DIR=$(mktemp -d)
    ENGINE_HAD_BRIDGE=$(ip link show docker0 >/dev/null 2>&1 && echo yes || echo no)
    export DOCKER_HOST="unix://$ENGINE_DIR/docker.sock"
    # Nothing is shared with an engine that someone else may start: not its images, socket, state or process file.
    dockerd --data-root "$ENGINE_DIR/data" --exec-root "$ENGINE_DIR/exec" --pidfile "$ENGINE_DIR/pid" \
        --host "$DOCKER_HOST" >"$ENGINE_DIR/log" 2>&1 &
    ENGINE_PID=$!
    within 60 engine_settled || true
    if ! docker version >/dev/null 2>&1; then
        skip_step "dockerd was started but does not answer; its last words: $(tail -n 1 "$ENGINE_DIR/log")"
    fi
    echo "engine: our own, version $(docker version -f '{{.Server.Version}}'), storage $(docker info -f '{{.Driver}}')"
}

# Ends the engine that `start_engine` started, with everything it kept.
stop_engine() {
    [ -n "$ENGINE_PID" ] || return 0
    kill -TERM "$ENGINE_PID" 2>/dev/null || true
    within 30 engine_gone || kill -KILL "$ENGINE_PID" 2>/dev/null || true
    wait "$ENGINE_PID" 2>/dev/null || true
    if [ "$ENGINE_HAD_BRIDGE" = no ] && have ip; then ip link delete docker0 2>/dev/null || true; fi
    # The engine leaves the mount of a network namespace behind.
    awk -v dir="$ENGINE_DIR/" 'index($2, dir) == 1 { print $2 }' /proc/mounts | sort -r |
        while read -r mount; do umount "$mount" || true; done
    rm -rf "$ENGINE_DIR" || echo "left behind: $ENGINE_DIR"
}

engine_settled() { docker version || engine_gone; }

engine_gone() { ! kill -0 "$ENGINE_PID" 2>/dev/null; }
