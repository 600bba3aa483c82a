# Licences, bans, doubles and sources of the dependency tree, as deny.toml says; advisories where their list can be had.
. .ci/lib.sh
have cargo-deny || skip_step "cargo-deny is not on this machine and could not be installed"
cargo deny --locked check bans licenses sources

# The list of advisories is a git repository of its own, not part of any package registry.
database=https://github.com/RustSec/advisory-db
if GIT_TERMINAL_PROMPT=0 timeout 20 git ls-remote --exit-code "$database" HEAD >/dev/null 2>&1; then
    cargo deny --locked check advisories
else
    note_skip "advisories were not checked: their database ($database) cannot be reached from this machine"
fi
