package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/luthermonson/go-proxmox"
)

// storages are made, filled, read and taken away.
func (s *session) storages() {
	// The product answers with the definition, which the library takes for a task's id: it reads neither.
	_, err := s.client.NewClusterStorage(s.ctx, proxmox.ClusterStorageOptions{Name: "storage", Value: "extra"},
		proxmox.ClusterStorageOptions{Name: "type", Value: "dir"}, proxmox.ClusterStorageOptions{Name: "path", Value: "/srv/extra"},
		proxmox.ClusterStorageOptions{Name: "content", Value: "iso,vztmpl"})
	refused("reading a definition as a task", err, "cannot unmarshal object into Go value of type proxmox.UPID")
	made, err := s.client.ClusterStorage(s.ctx, "extra")
	must("reading the definition", err)
	expect("its path", made.Path, "/srv/extra")
	storage, err := s.node.Storage(s.ctx, "extra")
	must("reading the storage", err)
	expect("its state", storage.Active+storage.Enabled, 2)
	_, err = s.node.Storage(s.ctx, "nowhere")
	refused("a storage that is not there", err, "No such storage.")

	path := filepath.Join(os.Getenv("CI_WORK"), "go.iso")
	must("writing a file", os.WriteFile(path, make([]byte, 300_000), 0o600))
	task, err := storage.UploadWithHash("iso", path, proxmox.Ptr("sent.iso"), strings.Repeat("0", 64), "sha256")
	if err == nil {
		must("waiting", task.WaitFor(s.ctx, 10))
	}
	expect("an upload with a wrong checksum", err != nil || task.ExitStatus != "OK", true)
	task, err = storage.UploadWithName("iso", path, "sent.iso")
	s.done("uploading", task, err)
	iso, err := storage.ISO(s.ctx, "sent.iso")
	must("reading what was sent", err)
	expect("its size", uint64(iso.Size), 300_000)
	expect("its path", iso.Path, "/srv/extra/template/iso/sent.iso")
	task, err = iso.Delete(s.ctx)
	s.done("deleting it", task, err)
	_, err = storage.ISO(s.ctx, "sent.iso")
	refused("what was deleted", err, "500 ")

	task, err = storage.DownloadURL(s.ctx, "vztmpl", "new.tar.zst", "https://images.example/new.tar.zst")
	s.done("downloading", task, err)
	log, err := task.Log(s.ctx, 0, 50)
	must("reading its log", err)
	contains("the first line", log[0], "https://images.example/new.tar.zst")
	content, err := storage.GetContent(s.ctx)
	must("reading the content", err)
	expect("volumes", len(content), 1)
	expect("the volume", content[0].Volid, "extra:vztmpl/new.tar.zst")
	_, err = s.node.DownloadAppliance(s.ctx, "nothing", "extra")
	refused("an appliance that is not there", err, "bad request: 400 Parameter verification failed", "no such template")
	_, err = s.client.DeleteClusterStorage(s.ctx, "extra")
	must("taking the storage away", err)
	_, err = s.client.ClusterStorage(s.ctx, "extra")
	refused("a storage that is gone", err, "500 storage 'extra' does not exist")
}

// pools hold guests and storages.
func (s *session) pools() {
	must("making a pool", s.client.NewPool(s.ctx, "crew", "of a test"))
	refused("a pool twice", s.client.NewPool(s.ctx, "crew", ""), "500 create pool failed: pool 'crew' already exists")
	pool, err := s.client.Pool(s.ctx, "crew")
	must("reading the pool", err)
	expect("its comment", pool.Comment, "of a test")
	add := &proxmox.PoolUpdateOption{VirtualMachines: "101,102", Storage: "local-lvm", AllowMove: true}
	must("filling the pool", pool.Update(s.ctx, add))
	pool, err = s.client.Pool(s.ctx, "crew", "qemu")
	must("reading machines of the pool", err)
	expect("machines", len(pool.Members), 1)
	expect("the machine", pool.Members[0].ID+" "+s.shown(101).Pool, "qemu/101 crew")
	refused("deleting a full pool", pool.Delete(s.ctx), "is not empty")
	must("emptying the pool", pool.Update(s.ctx, &proxmox.PoolUpdateOption{VirtualMachines: "101,102", Storage: "local-lvm", Delete: true}))
	must("deleting the pool", pool.Delete(s.ctx))
	_, err = s.client.Pool(s.ctx, "crew")
	refused("a pool that is gone", err, "500 pool 'crew' does not exist")
}

// people have groups, roles, tokens and permissions, and lose them.
func (s *session) people() {
	must("making a group", s.client.NewGroup(s.ctx, "crew", "of a test"))
	must("making a role", s.client.NewRole(s.ctx, "Watcher", "VM.Audit,VM.Console"))
	must("making a user", s.client.NewUser(s.ctx, &proxmox.NewUser{UserID: "bob@pve", Password: "correct horse", Enable: true, Groups: proxmox.CSV{"crew"}}))
	user, err := s.client.User(s.ctx, "bob@pve")
	must("reading the user", err)
	expect("groups", strings.Join(user.Groups, ","), "crew")
	must("changing the user", user.Update(s.ctx, proxmox.UserOptions{Comment: "changed", Enable: proxmox.Ptr(proxmox.IntOrBool(true))}))
	group, err := s.client.Group(s.ctx, "crew")
	must("reading the group", err)
	expect("members", strings.Join(group.Members, ","), "bob@pve")

	acl := proxmox.ACLOptions{Path: "/vms/101", Roles: "Watcher", Groups: "crew", Propagate: true}
	must("permitting", s.client.UpdateACL(s.ctx, acl))
	token, err := user.NewAPIToken(s.ctx, proxmox.Token{TokenID: "ci", Comment: "of a test", Privsep: true})
	must("making a token", err)
	expect("the token's name", token.FullTokenID, "bob@pve!ci")
	asToken := connect(proxmox.WithAPIToken(token.FullTokenID, token.Value))
	expect("what a separate token sees", seen(s, asToken), 0)
	must("permitting the token", s.client.UpdateACL(s.ctx, proxmox.ACLOptions{Path: "/vms/101", Roles: "Watcher", Tokens: token.FullTokenID, Propagate: true}))
	expect("what it sees with an entry of its own", seen(s, asToken), 1)
	asUser := connect(proxmox.WithCredentials(&proxmox.Credentials{Username: "bob@pve", Password: "correct horse"}))
	expect("what the user sees", seen(s, asUser), 1)
	rights, err := asUser.Permissions(s.ctx, &proxmox.PermissionsOptions{Path: "/vms/101"})
	must("reading permissions", err)
	expect("a permission", bool(rights["/vms/101"]["VM.Console"]), true)
	node, err := asToken.Node(s.ctx, "pve01")
	must("a node that may not be seen", err)
	vm, err := node.VirtualMachine(s.ctx, 101)
	must("a machine that may be seen", err)
	_, err = vm.Stop(s.ctx)
	expect("what is not permitted", proxmox.IsNotAuthorized(err), true)

	must("changing the password", s.client.Password(s.ctx, "bob@pve", "another horse"))
	_, err = connect(proxmox.WithCredentials(&proxmox.Credentials{Username: "bob@pve", Password: "correct horse"})).Version(s.ctx)
	expect("the old password is refused", proxmox.IsNotAuthorized(err), true)
	must("deleting the token", user.DeleteAPIToken(s.ctx, "ci"))
	_, err = asToken.Version(s.ctx)
	expect("a dead token is refused", proxmox.IsNotAuthorized(err), true)
	must("deleting the user", user.Delete(s.ctx))
	must("deleting the group", group.Delete(s.ctx))
	roles, err := s.client.Roles(s.ctx)
	must("reading roles", err)
	at := slices.IndexFunc(roles, func(role *proxmox.Role) bool { return role.RoleID == "Watcher" })
	expect("the role's privileges", roles[at].Privs, "VM.Audit,VM.Console")
	must("deleting the role", roles[at].Delete(s.ctx))
	entries, err := s.client.ACL(s.ctx)
	must("reading permissions", err)
	for _, entry := range entries {
		if strings.HasPrefix(entry.UGID, "bob@pve") || entry.UGID == "crew" {
			fail("an entry of the dead: " + entry.UGID)
		}
	}
	_, err = s.client.User(s.ctx, "bob@pve")
	refused("a user that is gone", err, "500 no such user ('bob@pve')")
}

// seen is how many guests a client sees.
func seen(s *session, client *proxmox.Client) int {
	rows, err := new(proxmox.Cluster).New(client).Resources(s.ctx, "vm")
	must("reading guests", err)
	return len(rows)
}

// availability is kept by resources and rules.
func (s *session) availability() {
	must("managing a guest", s.cluster.NewHAResource(s.ctx, &proxmox.HAResourceCreateOption{SID: "vm:105", State: proxmox.Ptr("started"), Comment: "ci"}))
	expect("its status", s.shown(105).Status, "running")
	refused("managing it twice", s.cluster.NewHAResource(s.ctx, &proxmox.HAResourceCreateOption{SID: "vm:105"}), "500 ", "already defined")
	must("making a rule", s.cluster.NewHARule(s.ctx, &proxmox.HARuleCreateOption{Rule: "ci", Type: "node-affinity", Resources: "vm:105", Nodes: "pve02,pve03"}))
	rules, err := s.cluster.HARules(s.ctx, "vm:105", "")
	must("reading rules", err)
	expect("rules", len(rules), 1)
	expect("the rule", rules[0].Rule+" "+rules[0].Resources, "ci vm:105")
	must("stopping it", s.cluster.HAResourceUpdate(s.ctx, "vm:105", &proxmox.HAResourceUpdateOption{State: proxmox.Ptr("stopped")}))
	expect("its status", s.shown(105).Status+" "+s.shown(105).HAstate, "stopped stopped")
	status, err := s.cluster.HAStatus(s.ctx)
	must("reading the status", err)
	at := slices.IndexFunc(status, func(row *proxmox.HAStatusEntry) bool { return row.ID == "service:vm:105" })
	expect("whether its service is listed", at >= 0, true)
	must("releasing it", s.cluster.HAResourceDelete(s.ctx, "vm:105", true))
	rules, err = s.cluster.HARules(s.ctx, "", "")
	must("reading rules", err)
	for _, rule := range rules {
		expect("a rule of nothing", rule.Rule == "ci", false)
	}
}

// firewall has rules, sets and aliases at all levels.
func (s *session) firewall() {
	must("making a group", s.cluster.NewFWGroup(s.ctx, &proxmox.FirewallSecurityGroup{Group: "gogroup"}))
	group, err := s.cluster.FWGroup(s.ctx, "gogroup")
	must("reading the group", err)
	must("adding a rule", group.RuleCreate(s.ctx, &proxmox.FirewallRule{Type: "in", Action: "ACCEPT", Proto: "tcp", Dport: "22", Enable: 1}))
	rules, err := group.GetRules(s.ctx)
	must("reading rules", err)
	expect("rules", len(rules), 1)
	must("deleting a rule", group.RuleDelete(s.ctx, 0))
	must("deleting the group", group.Delete(s.ctx))

	must("making an alias", s.cluster.NewFirewallAlias(s.ctx, &proxmox.FirewallAliasCreateOption{Name: "goalias", CIDR: "10.9.0.0/16"}))
	must("making a set", s.cluster.NewFirewallIPSet(s.ctx, &proxmox.FirewallIPSetCreationOption{Name: "goset"}))
	must("filling it", s.cluster.NewFirewallIPSetEntry(s.ctx, "goset", &proxmox.FirewallIPSetEntryCreationOption{CIDR: "10.9.1.0/24"}))
	entries, err := s.cluster.FirewallIPSet(s.ctx, "goset")
	must("reading the set", err)
	expect("entries", len(entries), 1)
	refused("deleting a full set", s.cluster.FirewallIPSetDelete(s.ctx, "goset", false), "500 IPSet 'goset' is not empty")
	must("deleting the set", s.cluster.FirewallIPSetDelete(s.ctx, "goset", true))
	must("deleting the alias", s.cluster.FirewallAliasDelete(s.ctx, "goalias"))

	vm, err := s.node.VirtualMachine(s.ctx, 103)
	must("reading a machine", err)
	must("adding a rule", vm.NewFirewallRule(s.ctx, &proxmox.FirewallRule{Type: "out", Action: "DROP", Comment: "ci"}))
	list, err := vm.FirewallRules(s.ctx)
	must("reading rules", err)
	expect("the new rule is the first", list[0].Type+" "+list[0].Comment, "out ci")
	must("deleting it", list[0].Delete(s.ctx))
	must("changing options", vm.FirewallOptionSet(s.ctx, &proxmox.FirewallVirtualMachineOption{Dhcp: true, PolicyIn: "REJECT"}))
	must("adding a rule to the node", s.node.NewFirewallRule(s.ctx, &proxmox.FirewallRule{Type: "in", Action: "ACCEPT", Macro: "SSH"}))
	must("deleting it", s.node.FirewallRule(0).Delete(s.ctx))
}

// tasks tell what was done.
func (s *session) tasks() {
	tasks, err := s.cluster.Tasks(s.ctx)
	must("reading tasks", err)
	at := slices.IndexFunc(tasks, func(task *proxmox.Task) bool { return task.Type == "download" })
	expect("whether the download is among the tasks", at >= 0, true)
	task := proxmox.NewTask(tasks[at].UPID, s.client)
	must("asking for it", task.Ping(s.ctx))
	expect("its end", task.Status+" "+task.ExitStatus, "stopped OK")
	lines, err := task.Watch(s.ctx, 0)
	must("watching it", err)
	// The library keeps the lines in no order.
	said := []string{}
	for line := range lines {
		said = append(said, line)
	}
	expect("whether the log says how it ended", slices.Contains(said, "TASK OK"), true)
}
