// What go-proxmox's integration tests use and none of its files defines. The addresses are only ever given to the
// server, which fetches nothing.

package integration

import (
	"fmt"
	"math/rand/v2"
	"os"
)

const (
	tinycoreURL     = "https://images.example/tinycore.iso"
	ubuntuURL       = "https://images.example/ubuntu.iso"
	alpineAppliance = "https://images.example/alpine.tar.xz"
)

func nameGenerator(length int) string { return fmt.Sprintf("%0*x", length, rand.Uint32()) }

func createTestISO(path string) error { return os.WriteFile(path, make([]byte, 43_008), 0o600) }
