# The base image of the build, rust:1-bookworm: the engine's own, the real one where images can be pulled, or a stand-in
# made of this machine's packages and toolchain. Sourced.
#
# A stand-in proves that the Dockerfile needs no more than cargo, a C compiler and a shell. It proves nothing about the
# Rust version of the real image.

BASE_IMAGE=rust:1-bookworm
BASE_MADE=no

# Sees to it that the engine has an image of that name; where that is impossible the step is skipped.
ensure_base() {
    if docker image inspect "$BASE_IMAGE" >/dev/null 2>&1; then
        echo "base: $BASE_IMAGE is already here"
    elif [ "${GITHUB_ACTIONS:-}" = true ] && docker pull --quiet "$BASE_IMAGE"; then
        echo "base: the real $BASE_IMAGE, pulled"
    else
        have dpkg-query || skip_step "no $BASE_IMAGE here, and without dpkg no stand-in can be made"
        make_stand_in
        BASE_MADE=yes
    fi
}

# Imports this machine's compiler packages and active Rust toolchain under the layout and name of the official image.
make_stand_in() {
    local root="$CI_WORK/base" toolchain name
    toolchain=$(rustc --print sysroot)
    name=$(basename "$toolchain")
    mkdir -p "$root"
    package_files >"$root.list"
    tar --create --file "$root.tar" --directory / --no-recursion --files-from "$root.list"

    mkdir -p "$root"/{etc,root,tmp,usr/local/cargo/bin}
    chmod 1777 "$root/tmp"
    echo 'root:x:0:0:root:/root:/bin/sh' >"$root/etc/passwd"
    local link
    for link in bin sbin lib lib64; do
        if [ -e "/usr/$link" ]; then ln -s "usr/$link" "$root/$link"; fi
    done
    for link in "$toolchain"/bin/*; do
        ln -s "../../rustup/toolchains/$name/bin/$(basename "$link")" "$root/usr/local/cargo/bin/"
    done
    # An archive to import may name no path twice: only leaves of this tree, and each package's directory once.
    (cd "$root" && find . -mindepth 1 \( -empty -o ! -type d \) -printf '%P\n') |
        tar --append --file "$root.tar" --directory "$root" --no-recursion --files-from -
    tar --append --file "$root.tar" --directory "$toolchain" --exclude ./share/doc \
        --transform "s#^\.#usr/local/rustup/toolchains/$name#" .

    docker import \
        --change 'ENV RUSTUP_HOME=/usr/local/rustup CARGO_HOME=/usr/local/cargo' \
        --change 'ENV PATH=/usr/local/cargo/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' \
        "$root.tar" "$BASE_IMAGE" >/dev/null
    rm -rf "$root" "$root.tar" "$root.list"
    echo "base: a STAND-IN named $BASE_IMAGE, made of this machine's packages and $(rustc --version)"
}

# The files of a small build environment and all it depends on, as paths under the root, without documentation.
# dpkg still lists some by the old top-level names: those are links now, and the files live under usr.
package_files() {
    apt-cache depends --recurse --installed --no-recommends --no-suggests --no-conflicts --no-breaks \
        --no-replaces --no-enhances \
        gcc libc6-dev dash bash coreutils make sed grep findutils tar gzip ca-certificates |
        grep '^[[:alnum:]]' | sort -u |
        while read -r package; do dpkg-query --listfiles "$package" 2>/dev/null || true; done |
        grep -Ev '^/usr/share/(doc|man|info|locale|lintian|bug)(/|$)' |
        sed -E 's#^/(bin|sbin|lib|lib64)/#/usr/\1/#' |
        grep -Ev '^/(\.|bin|sbin|lib|lib64|etc/passwd|tmp|root)?$' |
        { cat; printf '%s\n' /usr/bin/sh /usr/bin/cc /etc/alternatives/cc /etc/ssl/certs/ca-certificates.crt; } |
        sort -u |
        while read -r file; do if [ -e "$file" ] || [ -L "$file" ]; then echo "${file#/}"; fi; done
}
