# One static binary and nothing else: docker run --rm -v "$PWD:/project:ro" IMAGE
FROM rust:1.95-alpine AS build
# hadolint ignore=DL3018
RUN apk add --no-cache musl-dev
WORKDIR /source
COPY . .
RUN cargo build --release --locked

FROM scratch
COPY --from=build /source/target/release/astrolint /astrolint
COPY LICENSE-MIT LICENSE-APACHE /
WORKDIR /project
# Nobody: reading a project needs no rights.
USER 65534:65534
ENTRYPOINT ["/astrolint"]
