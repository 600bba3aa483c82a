module mock-server/ci/plexd

go 1.24
