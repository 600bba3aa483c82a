package main

import (
	"context"
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/luthermonson/go-proxmox"
)

type (
	machineOption   = proxmox.VirtualMachineOption
	containerOption = proxmox.ContainerOption
)

// machine lives from creation to deletion, with everything in between that is shown elsewhere.
func (s *session) machine() {
	vmid, err := s.cluster.NextID(s.ctx)
	must("asking for a number", err)
	for id, wanted := range map[int]bool{vmid: true, 101: false} {
		isFree, err := s.cluster.CheckID(s.ctx, id)
		must("checking a number", err)
		expect(fmt.Sprintf("whether %d is free", id), isFree, wanted)
	}
	task, err := s.node.NewVirtualMachine(s.ctx, vmid,
		machineOption{Name: "name", Value: "ci"}, machineOption{Name: "memory", Value: 1024},
		machineOption{Name: "cores", Value: 2}, machineOption{Name: "ostype", Value: "l26"},
		machineOption{Name: "scsihw", Value: "virtio-scsi-single"}, machineOption{Name: "scsi0", Value: "local-lvm:8"},
		machineOption{Name: "net0", Value: "virtio,bridge=vmbr0"}, machineOption{Name: "agent", Value: "1"},
		machineOption{Name: "serial0", Value: "socket"}, machineOption{Name: "boot", Value: "order=scsi0"},
		machineOption{Name: "ciuser", Value: "ann"}, machineOption{Name: "sshkeys", Value: proxmox.EncodeSSHKeys("ssh-ed25519 AAAA a b")})
	s.done("creating a machine", task, err)
	vm, err := s.node.VirtualMachine(s.ctx, vmid)
	must("reading the machine", err)
	config := vm.VirtualMachineConfig
	contains("its disk", config.SCSIs["scsi0"], fmt.Sprintf("local-lvm:vm-%d-disk-0,size=8G", vmid))
	contains("its card", config.Nets["net0"], "virtio=BC:24:11:")
	expect("its cores", *config.Cores, 2)
	expect("its memory", int(config.Memory), 1024)
	expect("its name in the list", s.shown(vmid).Name, "ci")

	s.configure(vm)
	s.power(vm)
	s.agent(vm)
	s.snapshots(vm)
	s.disks(vm)
	s.travel(vm)
	archive := s.backup("qemu", vmid)
	extracted, err := s.node.VzdumpExtractConfig(s.ctx, archive)
	must("reading the config in the backup", err)
	contains("the disk in the backup", extracted.SCSI0, fmt.Sprintf("vm-%d-disk-0", vmid))
	s.copies(vm)

	task, err = vm.Delete(s.ctx, &proxmox.VirtualMachineDeleteOptions{Purge: true, DestroyUnreferencedDisks: true})
	refusedTask(s, fmt.Sprintf("VM %d is running - destroy failed", vmid), task, err)
	task, err = vm.Stop(s.ctx)
	s.done("stopping", task, err)
	task, err = vm.Delete(s.ctx, &proxmox.VirtualMachineDeleteOptions{Purge: true, DestroyUnreferencedDisks: true})
	s.done("deleting", task, err)
	expect("the dead machine", s.shown(vmid), nil)
	s.noVolumes(vmid)

	task, err = s.node.NewVirtualMachine(s.ctx, vmid, machineOption{Name: "archive", Value: archive},
		machineOption{Name: "storage", Value: "local-lvm"}, machineOption{Name: "unique", Value: 1})
	s.done("restoring", task, err)
	vm, err = s.node.VirtualMachine(s.ctx, vmid)
	must("reading the restored machine", err)
	expect("its name", vm.VirtualMachineConfig.Name, "ci")
	expect("its cards are new", vm.VirtualMachineConfig.Nets["net0"] != config.Nets["net0"], true)
	task, err = vm.Delete(s.ctx, nil)
	s.done("deleting the restored machine", task, err)
	s.dropBackup(archive)
}

// configure changes what a machine is.
func (s *session) configure(vm *proxmox.VirtualMachine) {
	must("describing", vm.ConfigSync(s.ctx, machineOption{Name: "description", Value: "of a test"}))
	task, err := vm.AddTag(s.ctx, "zebra")
	s.done("tagging", task, err)
	must("reading again", vm.Ping(s.ctx))
	expect("the tag", vm.HasTag("zebra"), true)
	contains("the description", vm.VirtualMachineConfig.Description, "of a test")
	expect("the tag in the list", s.shown(int(vm.VMID)).Tags, "zebra")
	task, err = vm.RemoveTag(s.ctx, "zebra")
	s.done("untagging", task, err)
	err = vm.ConfigSync(s.ctx, machineOption{Name: "colour", Value: "red"}, machineOption{Name: "cores", Value: "many"})
	refused("a wrong config", err, "bad request: 400 Parameter verification failed.", "colour", "cores")

	must("mounting user data", vm.CloudInit(s.ctx, "ide3", "#cloud-config\n", "instance-id: ci\n", "", "", proxmox.WithCloudInitStorage("local")))
	must("reading again", vm.Ping(s.ctx))
	contains("the user data", vm.VirtualMachineConfig.IDEs["ide3"], fmt.Sprintf("local:iso/user-data-%d.iso,media=cdrom", vm.VMID))
	must("unmounting user data", vm.UnmountCloudInitISO(s.ctx, "ide3"))
	storage, err := s.node.Storage(s.ctx, "local")
	must("reading a storage", err)
	_, err = storage.ISO(s.ctx, fmt.Sprintf("user-data-%d.iso", vm.VMID))
	refused("the unmounted user data", err, "500 ")
}

// power takes a machine through its states.
func (s *session) power(vm *proxmox.VirtualMachine) {
	type verb = func(*proxmox.VirtualMachine, context.Context) (*proxmox.Task, error)
	type state = func(*proxmox.VirtualMachine) bool
	run := func(what string, act verb, holds state) {
		task, err := act(vm, s.ctx)
		s.done(what, task, err)
		// Read anew, because the library keeps a lock that is not there any more.
		now, err := s.node.VirtualMachine(s.ctx, int(vm.VMID))
		must("reading again", err)
		expect("state after "+what, holds(now), true)
	}
	run("starting", (*proxmox.VirtualMachine).Start, (*proxmox.VirtualMachine).IsRunning)
	expect("the status in the list", s.shown(int(vm.VMID)).Status, "running")
	run("pausing", (*proxmox.VirtualMachine).Pause, (*proxmox.VirtualMachine).IsPaused)
	run("resuming", (*proxmox.VirtualMachine).Resume, (*proxmox.VirtualMachine).IsRunning)
	run("hibernating", (*proxmox.VirtualMachine).Hibernate, (*proxmox.VirtualMachine).IsHibernated)
	run("waking", (*proxmox.VirtualMachine).Resume, (*proxmox.VirtualMachine).IsRunning)
	run("rebooting", (*proxmox.VirtualMachine).Reboot, (*proxmox.VirtualMachine).IsRunning)
	run("resetting", (*proxmox.VirtualMachine).Reset, (*proxmox.VirtualMachine).IsRunning)
	run("shutting down", (*proxmox.VirtualMachine).Shutdown, (*proxmox.VirtualMachine).IsStopped)
	_, err := vm.AgentOsInfo(s.ctx)
	refused("the agent of a stopped machine", err, fmt.Sprintf("500 VM %d is not running", vm.VMID))
	run("starting again", (*proxmox.VirtualMachine).Start, (*proxmox.VirtualMachine).IsRunning)

	task, err := vm.Config(s.ctx, machineOption{Name: "cores", Value: 4})
	s.done("asking for cores", task, err)
	pending, err := vm.Pending(s.ctx)
	must("reading what is pending", err)
	for _, item := range *pending {
		if item.Key == "cores" {
			expect("cores to come", fmt.Sprint(item.Value, " then ", item.Pending), "2 then 4")
		}
	}
	task, err = vm.Config(s.ctx, machineOption{Name: "revert", Value: "cores"})
	s.done("taking it back", task, err)
}

// agent talks to the program in the machine.
func (s *session) agent(vm *proxmox.VirtualMachine) {
	script := `{"guests":{"%d":{"agent":{"delay":1,"programs":{"uname -r":{"out":"6.12\n","exit-code":3}}}}}}`
	control(http.MethodPatch, "/__admin/world", fmt.Sprintf(script, vm.VMID))
	control(http.MethodPost, "/__admin/clock", `{"freeze":true}`)
	task, err := vm.Reboot(s.ctx)
	s.done("rebooting", task, err)
	_, err = vm.AgentOsInfo(s.ctx)
	refused("the agent of a machine that just starts", err, "500 QEMU guest agent is not running")
	expect("waiting in vain", proxmox.IsTimeout(vm.WaitForAgent(s.ctx, 1)), true)
	control(http.MethodPost, "/__admin/clock", `{"step":"2s"}`)
	control(http.MethodPost, "/__admin/clock", `{"resume":true}`)
	must("waiting for the agent", vm.WaitForAgent(s.ctx, 10))
	pid, err := vm.AgentExec(s.ctx, []string{"uname", "-r"}, "")
	must("starting a process", err)
	status, err := vm.WaitForAgentExecExit(s.ctx, pid, 10)
	must("waiting for the process", err)
	expect("what it said", fmt.Sprintf("%q %d", status.OutData, status.ExitCode), `"6.12\n" 3`)
	cards, err := vm.AgentGetNetworkIFaces(s.ctx)
	must("reading interfaces", err)
	expect("interfaces", len(cards), 1)
	contains("the card's address", strings.ToUpper(vm.VirtualMachineConfig.Nets["net0"]), strings.ToUpper(cards[0].HardwareAddress))
	name, err := vm.AgentGetHostName(s.ctx)
	must("reading the host's name", err)
	expect("the host's name", name, "ci")
	must("writing a file", vm.AgentFileWrite(s.ctx, "/tmp/ci", []byte("kept")))
	file, err := vm.AgentFileRead(s.ctx, "/tmp/ci")
	must("reading a file", err)
	// The library encodes what it then asks the product to encode.
	expect("the file", file.Content, base64.StdEncoding.EncodeToString([]byte("kept")))
}

// snapshots keep what was.
func (s *session) snapshots(vm *proxmox.VirtualMachine) {
	task, err := vm.NewSnapshot(s.ctx, "one")
	s.done("taking a snapshot", task, err)
	task, err = vm.NewSnapshot(s.ctx, "one")
	refusedTask(s, "snapshot name 'one' already used", task, err)
	must("describing it", vm.Snapshot("one").UpdateConfig(s.ctx, &proxmox.VirtualMachineSnapshotUpdateOptions{Description: "first"}))
	must("renaming", vm.ConfigSync(s.ctx, machineOption{Name: "name", Value: "later"}))
	list, err := vm.Snapshots(s.ctx)
	must("reading snapshots", err)
	expect("snapshots", len(list), 2)
	expect("parent of the present", list[1].Name+" of "+list[1].Parent, "current of one")
	expect("the description", strings.TrimSpace(list[0].Description), "first")
	saved, err := vm.Snapshot("one").Config(s.ctx)
	must("reading a snapshot", err)
	expect("the name in it", saved["name"], any("ci"))
	task, err = vm.Snapshot("one").Rollback(s.ctx)
	s.done("rolling back", task, err)
	must("reading again", vm.Ping(s.ctx))
	expect("the name after rollback", vm.VirtualMachineConfig.Name, "ci")
	task, err = vm.Snapshot("one").Delete(s.ctx)
	s.done("deleting a snapshot", task, err)
	if !vm.IsRunning() {
		task, err = vm.Start(s.ctx)
		s.done("starting after rollback", task, err)
	}
}

// disks grow, move and go.
func (s *session) disks(vm *proxmox.VirtualMachine) {
	task, err := vm.ResizeDisk(s.ctx, "scsi0", "+2G")
	s.done("resizing", task, err)
	task, err = vm.Config(s.ctx, machineOption{Name: "scsi1", Value: "local-lvm:1"})
	s.done("adding a disk", task, err)
	task, err = vm.MoveDisk(s.ctx, "scsi1", &proxmox.VirtualMachineMoveDiskOptions{Storage: "local", Delete: true})
	s.done("moving a disk", task, err)
	must("reading again", vm.Ping(s.ctx))
	contains("the larger disk", vm.VirtualMachineConfig.SCSIs["scsi0"], "size=10G")
	contains("the moved disk", vm.VirtualMachineConfig.SCSIs["scsi1"], fmt.Sprintf("local:%d/vm-%d-disk-", vm.VMID, vm.VMID))
	_, err = vm.UnlinkDisk(s.ctx, "scsi1", true)
	must("deleting a disk", err)
	must("reading again", vm.Ping(s.ctx))
	expect("disks", len(vm.VirtualMachineConfig.SCSIs), 1)
}

// travel takes a running machine to another node and back.
func (s *session) travel(vm *proxmox.VirtualMachine) {
	for _, target := range []string{"pve02", "pve01"} {
		task, err := vm.Migrate(s.ctx, &proxmox.VirtualMachineMigrateOptions{Target: target, Online: true, WithLocalDisks: true})
		s.done("migrating to "+target, task, err)
		expect("where the machine is", s.shown(int(vm.VMID)).Node, target)
		vm.Node = target
		must("reading again", vm.Ping(s.ctx))
		expect("whether it runs", vm.IsRunning(), true)
	}
	_, err := vm.Migrate(s.ctx, &proxmox.VirtualMachineMigrateOptions{Target: "pve01"})
	refused("a migration to itself", err, "400 Parameter verification failed", "target is local node")
}

// backup makes one and says its volume.
func (s *session) backup(kind string, vmid int) string {
	task, err := s.node.Vzdump(s.ctx, &proxmox.VirtualMachineBackupOptions{VMID: uint64(vmid), Storage: "backup",
		Mode: proxmox.VirtualMachineBackupModeSnapshot, Compress: proxmox.VirtualMachineBackupCompressZstd, NotesTemplate: "{{guestname}}"})
	s.done("backing up", task, err)
	storage, err := s.node.Storage(s.ctx, "backup")
	must("reading the storage", err)
	content, err := storage.GetContent(s.ctx)
	must("reading backups", err)
	archive := ""
	for _, row := range content {
		// The number may have been another guest's, whose backups outlive it.
		if strings.Contains(row.Volid, fmt.Sprintf("vzdump-%s-%d-", kind, vmid)) && row.Notes == "ci" {
			archive = row.Volid
		}
	}
	contains("the new backup", archive, "backup:backup/vzdump-")
	must("protecting it", storage.UpdateContent(s.ctx, archive, &proxmox.StorageContentUpdateOptions{Protected: proxmox.Ptr(true), Notes: "kept"}))
	rows, err := storage.PreviewPruneBackups(s.ctx, &proxmox.StoragePruneBackupsOptions{VMID: uint64(vmid), Type: kind, PruneBackups: "keep-last=1"})
	must("asking what would be pruned", err)
	for _, row := range rows {
		if row.Volid == archive {
			expect("the mark of what is protected", row.Mark, "protected")
		}
	}
	task, err = storage.DeleteContent(s.ctx, archive)
	refusedTask(s, "cannot remove protected volume", task, err)
	must("releasing it", storage.UpdateContent(s.ctx, archive, &proxmox.StorageContentUpdateOptions{Protected: proxmox.Ptr(false)}))
	return archive
}

func (s *session) dropBackup(archive string) {
	storage, err := s.node.Storage(s.ctx, "backup")
	must("reading the storage", err)
	task, err := storage.DeleteContent(s.ctx, archive)
	s.done("deleting a backup", task, err)
}

// copies are full of a machine and linked of a template.
func (s *session) copies(vm *proxmox.VirtualMachine) {
	id, task, err := vm.Clone(s.ctx, &proxmox.VirtualMachineCloneOptions{Name: "copy", Full: true, Target: "pve01"})
	s.done("cloning", task, err)
	expect("the clone's name", s.shown(id).Name, "copy")
	clone, err := s.node.VirtualMachine(s.ctx, id)
	must("reading the clone", err)
	task, err = clone.ConvertToTemplate(s.ctx)
	s.done("making a template", task, err)
	expect("the template in the list", s.shown(id).Template, 1)
	must("reading again", clone.Ping(s.ctx))
	expect("whether it is a template", bool(clone.Template), true)
	linkedID, task, err := clone.Clone(s.ctx, &proxmox.VirtualMachineCloneOptions{Name: "linked"})
	s.done("linking", task, err)
	linked, err := s.node.VirtualMachine(s.ctx, linkedID)
	must("reading the linked clone", err)
	contains("the linked disk", linked.VirtualMachineConfig.SCSIs["scsi0"], fmt.Sprintf("local-lvm:base-%d-disk-0/vm-%d-disk-0", id, linkedID))
	task, err = clone.Delete(s.ctx, nil)
	refusedTask(s, "base volume", task, err)
	task, err = linked.Delete(s.ctx, nil)
	s.done("deleting the linked clone", task, err)
	task, err = clone.Delete(s.ctx, nil)
	s.done("deleting the template", task, err)
	s.noVolumes(id)
}

// noVolumes are left of the dead.
func (s *session) noVolumes(vmid int) {
	storage, err := s.node.Storage(s.ctx, "local-lvm")
	must("reading the storage", err)
	content, err := storage.GetContent(s.ctx)
	must("reading volumes", err)
	for _, row := range content {
		if row.VMID == uint64(vmid) {
			fail(row.Volid + " outlives its guest")
		}
	}
}

// refusedTask is refused at once or ends with the text: what both ways have in common is that nothing was done.
func refusedTask(s *session, text string, task *proxmox.Task, err error) {
	if err == nil {
		must("waiting", task.Wait(s.ctx, 20*time.Millisecond, 30*time.Second))
		err = fmt.Errorf("%s", task.ExitStatus)
	}
	refused(text, err, text)
}
