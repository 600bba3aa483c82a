# One image per personality: docker build --target pve -t proxmox-mock:latest-pve . (or all: docker buildx bake)
# Every builder takes this file, the legacy one included: no syntax line, no mounts, no start interval.

FROM rust:1-bookworm AS build
WORKDIR /src
# With a named target the flag reaches only the program, not the build scripts and macros, which must stay dynamic.
ENV RUSTFLAGS="-C target-feature=+crt-static"

# The dependencies alone, so that a change of our own code does not build them again. Listed targets
# (benches, tests) are cut out of the manifest: their files are not here yet.
COPY Cargo.toml Cargo.lock ./
RUN sed -i '/^\[\[/,/^$/d' Cargo.toml \
    && mkdir src && touch src/lib.rs && echo 'fn main() {}' > src/main.rs \
    && cargo build --release --locked --target "$(rustc -vV | sed -n 's/^host: //p')"

# The copied files may be older than the placeholders that were just built: touching them makes cargo look again.
COPY . .
RUN touch src/lib.rs src/main.rs \
    && cargo build --release --locked --target "$(rustc -vV | sed -n 's/^host: //p')" \
    && mkdir -p /image/usr/local/bin \
    && cp target/*/release/mock-server /image/usr/local/bin/ \
    && ln -s mock-server /image/usr/local/bin/mockapi

# What the images share. `mockapi` is the name that compose files of plexd's own tests call.
FROM scratch AS base
COPY --from=build /image/ /
USER 65534:65534
STOPSIGNAL SIGTERM
ENTRYPOINT ["/usr/local/bin/mock-server"]
# No start period and a short interval: engines before and after 25 both become healthy after one interval, and thirty
# tries never pass through `unhealthy` while a slow machine starts.
HEALTHCHECK --interval=1s --timeout=2s --retries=30 CMD ["/usr/local/bin/mock-server", "check"]
ARG VERSION=unreleased
ARG REVISION=unknown
ARG CREATED=1970-01-01T00:00:00Z
LABEL org.opencontainers.image.title="mock-server" \
      org.opencontainers.image.description="A stateful stand-in for a product's HTTP API, for testing unmodified clients" \
      org.opencontainers.image.licenses="MIT OR Apache-2.0" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.revision="$REVISION" \
      org.opencontainers.image.created="$CREATED"

FROM base AS plexd
ENV MOCK_SERVER_PERSONALITY=plexd MOCK_SERVER_LISTEN=:8080 MOCK_SERVER_LOCAL_LISTEN=:8443
EXPOSE 8080 8443

# The three Proxmox products answer on the port that the container they replace had, 8000, and on the product's own;
# TLS and plain HTTP on both.
FROM base AS pve
ENV MOCK_SERVER_PERSONALITY=pve MOCK_SERVER_LISTEN=:8000,:8006
EXPOSE 8000 8006

FROM base AS pbs
ENV MOCK_SERVER_PERSONALITY=pbs MOCK_SERVER_LISTEN=:8000,:8007
EXPOSE 8000 8007

FROM base AS pdm
ENV MOCK_SERVER_PERSONALITY=pdm MOCK_SERVER_LISTEN=:8000,:8443
EXPOSE 8000 8443
