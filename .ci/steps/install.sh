# Brings what the other steps need and the machine lacks. What cannot be had is left out: the step that needs it says so.
. .ci/lib.sh

# Name of a program, name of its package: asked of apt only for programs that are missing, and only as root.
missing=()
while read -r program package; do
    have "$program" || missing+=("$package")
done <<'LIST'
cc gcc
curl curl
git git
dockerd docker.io
LIST
have docker-compose || docker compose version >/dev/null 2>&1 || missing+=(docker-compose)
[ -e /usr/include/stdlib.h ] || missing+=(libc6-dev)
python3 -c 'import ensurepip, venv' 2>/dev/null || missing+=(python3-venv)

if [ "${#missing[@]}" -eq 0 ]; then
    echo "no packages missing"
elif [ "$(id -u)" -ne 0 ] || ! have apt-get; then
    echo "not installed (needs root and apt): ${missing[*]}"
else
    echo "installing ${missing[*]}"
    export DEBIAN_FRONTEND=noninteractive
    { apt-get update && apt-get install -y --no-install-recommends "${missing[@]}"; } >"$CI_WORK/apt.log" 2>&1 ||
        { tail -n 5 "$CI_WORK/apt.log"; echo "apt could not install: ${missing[*]}"; }
fi

have cargo || fail "cargo is missing: install Rust as rust-toolchain.toml asks"
for component in clippy rustfmt; do
    "cargo" "${component/rustfmt/fmt}" --version >/dev/null 2>&1 || rustup component add "$component"
done

# Pinned, so that a new release of the tool cannot fail a change that did not touch the tree; unoptimised, because it
# runs for a second and its optimised build takes minutes.
if ! have cargo-deny; then
    CARGO_PROFILE_DEV_DEBUG=0 CARGO_TARGET_DIR="$CI_WORK/cargo-deny" \
        cargo install --quiet --debug --locked cargo-deny@0.20.2 ||
        echo "cargo-deny could not be installed"
fi

rustc --version
for program in cargo-deny docker docker-compose go python3; do
    printf '%-15s %s\n' "$program" "$(command -v "$program" || echo missing)"
done
