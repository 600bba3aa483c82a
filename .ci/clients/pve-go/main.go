// Command pve is a cluster's day through go-proxmox, the library that most Go tools for Proxmox VE use: with a ticket
// and with a token, everything read back where another endpoint shows it.
//
// MOCK_HTTPS is host:port of a server in strict mode, MOCK_CA the certificate to trust, MOCK_URL the same server without
// TLS. It ends with 1 and a sentence at the first thing that differs.
package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/luthermonson/go-proxmox"
)

const (
	tokenID     = "root@pam!mock"
	tokenSecret = "00000000-0000-4000-8000-000000000000"
)

// session is one client's view of the cluster.
type session struct {
	ctx     context.Context
	client  *proxmox.Client
	cluster *proxmox.Cluster
	node    *proxmox.Node
}

func main() {
	proxmox.DefaultWaitInterval = 50 * time.Millisecond
	ticket := open(proxmox.WithCredentials(&proxmox.Credentials{Username: "root@pam", Password: "secret"}))
	token := open(proxmox.WithAPIToken(tokenID, tokenSecret))
	strangers()
	for _, s := range []*session{ticket, token} {
		s.look()
		s.machine()
		s.container()
	}
	ticket.consoles()
	_, _, _, _, err := token.node.TermWebSocket(&proxmox.Term{})
	expect("a console with a token", proxmox.IsAPITokenWebSocketUnsupported(err), true)
	token.storages()
	token.pools()
	ticket.people()
	token.availability()
	token.firewall()
	token.tasks()
	fmt.Printf("go-proxmox: ticket and token, two lives each of a machine and a container, consoles, storages, pools, "+
		"people, HA, firewall, tasks and %d further reads passed\n", ticket.readings()+token.readings())
}

// open makes a session; nothing is said to the server before the first question.
func open(credentials proxmox.Option) *session {
	s := &session{ctx: context.Background(), client: connect(credentials)}
	var err error
	s.cluster, err = s.client.Cluster(s.ctx)
	must("reading the cluster", err)
	s.node, err = s.client.Node(s.ctx, "pve01")
	must("reading the node", err)
	return s
}

func connect(options ...proxmox.Option) *proxmox.Client {
	pem, err := os.ReadFile(os.Getenv("MOCK_CA"))
	must("reading the certificate", err)
	roots := x509.NewCertPool()
	expect("certificates to trust", roots.AppendCertsFromPEM(pem), true)
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}}
	options = append(options, proxmox.WithHTTPClient(&http.Client{Transport: transport, Timeout: 30 * time.Second}))
	return proxmox.NewClient("https://"+os.Getenv("MOCK_HTTPS")+"/api2/json", options...)
}

// strangers are told so, in the way that the library knows.
func strangers() {
	for name, credentials := range map[string]proxmox.Option{
		"a wrong password": proxmox.WithCredentials(&proxmox.Credentials{Username: "root@pam", Password: "wrong"}),
		"a wrong secret":   proxmox.WithAPIToken(tokenID, "11111111-0000-4000-8000-000000000000"),
	} {
		_, err := connect(credentials).Version(context.Background())
		expect(name+" is refused", proxmox.IsNotAuthorized(err), true)
	}
}

// look reads what every tool reads first, and whether it agrees.
func (s *session) look() {
	version, err := s.client.Version(s.ctx)
	must("reading the version", err)
	expect("a release", strings.Contains(version.Version, version.Release) && version.Release != "", true)
	expect("name of the cluster", s.cluster.Name, "e2e-cluster")
	expect("quorum", s.cluster.Quorate, 1)

	nodes, err := s.client.Nodes(s.ctx)
	must("reading the nodes", err)
	expect("nodes", len(nodes), len(s.cluster.Nodes))
	for _, row := range nodes {
		node, err := s.client.Node(s.ctx, row.Node)
		must("reading "+row.Node, err)
		expect("memory of "+row.Node, node.Memory.Total, row.MaxMem)
		expect("cores of "+row.Node, node.CPUInfo.CPUs, row.MaxCPU)
		s.guests(node)
	}
	for _, kind := range []string{"vm", "storage", "node", "sdn"} {
		rows, err := s.cluster.Resources(s.ctx, kind)
		must("reading resources of type "+kind, err)
		expect("some "+kind, len(rows) > 0, true)
	}
	_, err = s.cluster.Resources(s.ctx, "bad", "call")
	refused("an unknown type", err, "bad request: 400 Parameter verification failed.",
		"value 'badcall' does not have a value in the enumeration 'vm, storage, node, sdn'")
	_, err = s.node.VirtualMachine(s.ctx, 999)
	refused("a machine that is not there", err, "500 Configuration file 'nodes/pve01/qemu-server/999.conf' does not exist")
	_, err = s.client.Node(s.ctx, "nowhere")
	refused("a node that is not there", err, "500 hostname lookup 'nowhere' failed - failed to get address info for: nowhere:")
}

// guests of a node are those that the cluster shows there.
func (s *session) guests(node *proxmox.Node) {
	machines, err := node.VirtualMachines(s.ctx)
	must("reading machines", err)
	containers, err := node.Containers(s.ctx)
	must("reading containers", err)
	states := map[uint64]string{}
	for _, machine := range machines {
		states[uint64(machine.VMID)] = machine.Status
	}
	for _, container := range containers {
		states[uint64(container.VMID)] = container.Status
	}
	rows, err := s.cluster.Resources(s.ctx, "vm")
	must("reading guests", err)
	rows = slices.DeleteFunc(rows, func(row *proxmox.ClusterResource) bool { return row.Node != node.Name })
	expect("guests of "+node.Name, len(rows), len(states))
	for _, row := range rows {
		expect("status of "+row.ID, states[row.VMID], row.Status)
	}
}

// shown is the guest's row in the cluster's list, nil when there is none.
func (s *session) shown(vmid int) *proxmox.ClusterResource {
	rows, err := s.cluster.Resources(s.ctx, "vm")
	must("reading guests", err)
	for _, row := range rows {
		if row.VMID == uint64(vmid) {
			return row
		}
	}
	return nil
}

// done waits for a task with the library's own loop.
func (s *session) done(what string, task *proxmox.Task, err error) {
	must(what, err)
	if task == nil {
		fail(what + ": there is no task")
	}
	must("waiting for "+what, task.Wait(s.ctx, 20*time.Millisecond, 30*time.Second))
	expect("end of "+what, task.ExitStatus, "OK")
	expect("success of "+what, task.IsSuccessful, true)
}

// control says something to the control plane of the server.
func control(method, path, body string) {
	request, err := http.NewRequest(method, os.Getenv("MOCK_URL")+path, strings.NewReader(body))
	must("making a request", err)
	response, err := http.DefaultClient.Do(request)
	must("asking the control plane", err)
	response.Body.Close()
	expect("status of "+path, response.StatusCode, http.StatusOK)
}

func must(what string, err error) {
	if err != nil {
		fail(fmt.Sprintf("%s: %v", what, err))
	}
}

func refused(what string, err error, texts ...string) {
	if err == nil {
		fail(what + " is not refused")
	}
	for _, text := range texts {
		if !strings.Contains(err.Error(), text) {
			fail(fmt.Sprintf("%s: %q is not in %q", what, text, err))
		}
	}
}

func expect[T comparable](what string, seen, wanted T) {
	if seen != wanted {
		fail(fmt.Sprintf("%s: %v, not %v", what, seen, wanted))
	}
}

func contains(what, seen, wanted string) {
	if !strings.Contains(seen, wanted) {
		fail(fmt.Sprintf("%s: %q is not in %q", what, wanted, seen))
	}
}

func fail(sentence string) {
	fmt.Fprintln(os.Stderr, "go-proxmox: "+sentence)
	os.Exit(1)
}
