# What every step of .ci/run uses. Sourced, never run.
set -euo pipefail
shopt -s inherit_errexit

# Whether a program is on this machine.
have() { command -v "$1" >/dev/null 2>&1; }

# Says that a part of the step did not run, and why; .ci/run says it again at its end.
note_skip() { # WHY
    printf 'SKIPPED: %s: %s\n' "$CI_STEP" "$1"
    printf '%s: %s\n' "$CI_STEP" "$1" >>"$CI_SKIPS"
}

# The same for the whole step, which ends here.
skip_step() { # WHY
    note_skip "$1"
    exit 77
}

# Ends the step as failed, with a sentence.
fail() { # WHY
    printf 'FAILED: %s: %s\n' "$CI_STEP" "$1" >&2
    exit 1
}

# Tries a command every tenth of a second until it succeeds or the seconds are over.
within() { # SECONDS COMMAND...
    local tries=$(($1 * 10))
    shift
    until "$@" >/dev/null 2>&1; do
        tries=$((tries - 1))
        if [ "$tries" -le 0 ]; then return 1; fi
        sleep 0.1
    done
}

# The target triple that the compiler builds for when none is named.
host_triple() { rustc -vV | sed -n 's/^host: //p'; }

# The static program that the release step builds, and the images and clients steps look at.
release_binary() { echo "${CARGO_TARGET_DIR:-target}/$(host_triple)/release/mock-server"; }
