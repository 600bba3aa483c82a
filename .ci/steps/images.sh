# Builds the shipped Dockerfile unchanged and treats the image as its users do: plain docker, locked down, and compose.
. .ci/lib.sh
. .ci/images/engine.sh
. .ci/images/base.sh
. .ci/images/checks.sh
. .ci/images/compose.sh

. .ci/images/proxmox.sh

PERSONALITIES=(plexd pve pbs pdm)
# The one that the checks are about.
IMAGE=proxmox-mock:latest-plexd

# Everything this step made goes, however it ends; on an engine of our own it all goes with the engine.
clean_up() {
    remove_containers
    compose_down
    if [ -z "$ENGINE_PID" ]; then
        docker rmi "${PERSONALITIES[@]/#/proxmox-mock:latest-}" >/dev/null 2>&1 || true
        if [ "$BASE_MADE" = yes ]; then docker rmi --force "$BASE_IMAGE" >/dev/null 2>&1 || true; fi
    fi
    stop_engine
}
trap clean_up EXIT

build_image() { # PERSONALITY
    local began=$SECONDS
    # The machine's own resolver and routes: a bridge may have neither, and the build needs the crates.
    docker build --network host --target "$1" --tag "proxmox-mock:latest-$1" \
        --build-arg VERSION="$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -n 1)" \
        --build-arg REVISION="$(git rev-parse HEAD 2>/dev/null || echo unknown)" \
        --build-arg CREATED="$(git log -1 --format=%cI 2>/dev/null || echo 1970-01-01T00:00:00Z)" \
        . >"$CI_WORK/build.log" 2>&1 || {
        tail -n 30 "$CI_WORK/build.log"
        fail "the Dockerfile does not build (its last lines are above)"
    }
    echo "built proxmox-mock:latest-$1 in $((SECONDS - began)) s"
}

start_engine
ensure_base
for personality in "${PERSONALITIES[@]}"; do build_image "$personality"; done
follow_events
check_image
check_plain_run
check_locked_down
check_stop
check_compose
check_proxmox_image pve 8006
check_proxmox_image pbs 8007
check_proxmox_image pdm 8443
check_replaced_container
check_proxmox_compose
