# Builds the shipped Dockerfile unchanged and treats the image as its users do: plain docker, locked down, and compose.
. .ci/lib.sh
. .ci/images/engine.sh
. .ci/images/base.sh
. .ci/images/checks.sh
. .ci/images/compose.sh

IMAGE=proxmox-mock:latest-plexd

# Everything this step made goes, however it ends; on an engine of our own it all goes with the engine.
clean_up() {
    remove_containers
    compose_down
    if [ -z "$ENGINE_PID" ]; then
        docker rmi "$IMAGE" >/dev/null 2>&1 || true
        if [ "$BASE_MADE" = yes ]; then docker rmi --force "$BASE_IMAGE" >/dev/null 2>&1 || true; fi
    fi
    stop_engine
}
trap clean_up EXIT

build_image() {
    local began=$SECONDS
    # The machine's own resolver and routes: a bridge may have neither, and the build needs the crates.
    docker build --network host --target plexd --tag "$IMAGE" \
        --build-arg VERSION="$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -n 1)" \
        --build-arg REVISION="$(git rev-parse HEAD 2>/dev/null || echo unknown)" \
        --build-arg CREATED="$(git log -1 --format=%cI 2>/dev/null || echo 1970-01-01T00:00:00Z)" \
        . >"$CI_WORK/build.log" 2>&1 || {
        tail -n 30 "$CI_WORK/build.log"
        fail "the Dockerfile does not build (its last lines are above)"
    }
    echo "built $IMAGE in $((SECONDS - began)) s"
}

start_engine
ensure_base
build_image
follow_events
check_image
check_plain_run
check_locked_down
check_stop
check_compose
