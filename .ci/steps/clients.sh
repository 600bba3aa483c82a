# Clients in other languages spend a day with the released program: what they find right, users will.
. .ci/lib.sh
. .ci/clients/serve.sh
trap stop_servers EXIT

binary=$(release_binary)
[ -x "$binary" ] || fail "there is no $binary: run the release step first"

# Python clients run in an environment of their own; without one they are left out.
python=
if ! have python3; then
    note_skip "the Python clients did not run: there is no python3"
elif ! python3 -m venv "$CI_WORK/venv" >/dev/null 2>&1; then
    note_skip "the Python clients did not run: python3 cannot make a virtual environment"
elif ! "$CI_WORK/venv/bin/pip" install --quiet --requirement .ci/clients/requirements.txt; then
    note_skip "the Python clients did not run: their packages could not be installed"
else
    python="$CI_WORK/venv/bin/python"
fi
have go || note_skip "the Go clients did not run: there is no go"

ran=0
. .ci/clients/plexd.sh
. .ci/clients/proxmox.sh
if [ "$ran" -eq 0 ]; then exit 77; fi
