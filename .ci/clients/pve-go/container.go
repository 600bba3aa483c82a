package main

import (
	"fmt"
	"strings"

	"github.com/luthermonson/go-proxmox"
)

// container lives from creation to deletion, as far as the library knows containers.
func (s *session) container() {
	templates, err := s.node.VzTmpls(s.ctx, "local")
	must("reading templates", err)
	expect("some template", len(templates) > 0, true)
	vmid, err := s.cluster.NextID(s.ctx)
	must("asking for a number", err)
	task, err := s.node.NewContainer(s.ctx, vmid,
		containerOption{Name: "hostname", Value: "ci"}, containerOption{Name: "ostemplate", Value: templates[0].VolID},
		containerOption{Name: "rootfs", Value: "local-lvm:8"}, containerOption{Name: "memory", Value: 256},
		containerOption{Name: "password", Value: "correct horse"}, containerOption{Name: "unprivileged", Value: 1},
		containerOption{Name: "net0", Value: "name=eth0,bridge=vmbr0,ip=10.0.0.9/24"})
	s.done("creating a container", task, err)
	ct, err := s.node.Container(s.ctx, vmid)
	must("reading the container", err)
	contains("its root", ct.ContainerConfig.RootFS, fmt.Sprintf("local-lvm:vm-%d-disk-0,size=8G", vmid))
	expect("its memory", *ct.ContainerConfig.Memory, 256)
	task, err = ct.AddTag(s.ctx, "zebra")
	must("tagging", err)
	expect("tagging is over at once", task == nil, true)
	expect("the tag in the list", s.shown(vmid).Tags, "zebra")

	task, err = ct.Start(s.ctx)
	s.done("starting the container", task, err)
	s.address(ct)
	task, err = ct.Reboot(s.ctx)
	s.done("rebooting the container", task, err)
	task, err = ct.NewSnapshot(s.ctx, "one")
	s.done("taking a snapshot", task, err)
	list, err := ct.Snapshots(s.ctx)
	must("reading snapshots", err)
	expect("snapshots", len(list), 2)
	task, err = ct.Snapshot("one").Rollback(s.ctx, true)
	s.done("rolling back", task, err)
	expect("the status after rollback and start", s.shown(vmid).Status, "running")
	task, err = ct.Snapshot("one").Delete(s.ctx)
	s.done("deleting a snapshot", task, err)

	task, err = ct.Resize(s.ctx, "rootfs", "+2G")
	s.done("resizing", task, err)
	task, err = ct.Migrate(s.ctx, &proxmox.ContainerMigrateOptions{Target: "pve02", Restart: true})
	s.done("migrating", task, err)
	expect("where the container is", s.shown(vmid).Node+" "+s.shown(vmid).Status, "pve02 running")
	ct.Node = "pve02"
	task, err = ct.Shutdown(s.ctx, true, 10)
	s.done("shutting down", task, err)
	task, err = ct.Migrate(s.ctx, &proxmox.ContainerMigrateOptions{Target: "pve01"})
	s.done("migrating back", task, err)
	ct, err = s.node.Container(s.ctx, vmid)
	must("reading the container", err)
	contains("the larger root", ct.ContainerConfig.RootFS, "size=10G")
	s.copy(ct)

	archive := s.backup("lxc", vmid)
	task, err = ct.Delete(s.ctx, &proxmox.ContainerDeleteOptions{Purge: true})
	s.done("deleting the container", task, err)
	expect("the dead container", s.shown(vmid), nil)
	task, err = s.node.NewContainer(s.ctx, vmid, containerOption{Name: "ostemplate", Value: archive},
		containerOption{Name: "restore", Value: 1}, containerOption{Name: "storage", Value: "local-lvm"})
	s.done("restoring the container", task, err)
	ct, err = s.node.Container(s.ctx, vmid)
	must("reading the restored container", err)
	expect("its name", ct.Name, "ci")
	task, err = ct.Delete(s.ctx, nil)
	s.done("deleting the restored container", task, err)
	s.noVolumes(vmid)
	s.dropBackup(archive)
}

// address of a running container is what its config says.
func (s *session) address(ct *proxmox.Container) {
	cards, err := ct.Interfaces(s.ctx)
	must("reading interfaces", err)
	for _, card := range cards {
		if card.Name == "eth0" {
			expect("the container's address", card.Inet, "10.0.0.9/24")
			contains("the card's address", ct.ContainerConfig.Nets["net0"], "hwaddr="+strings.ToUpper(card.HWAddr))
			return
		}
	}
	fail("the running container has no eth0")
}

func (s *session) copy(ct *proxmox.Container) {
	id, task, err := ct.Clone(s.ctx, &proxmox.ContainerCloneOptions{Hostname: "copy", Full: true})
	s.done("cloning", task, err)
	clone, err := s.node.Container(s.ctx, id)
	must("reading the clone", err)
	expect("its name", clone.Name, "copy")
	must("making a template", clone.Template(s.ctx))
	expect("the template in the list", s.shown(id).Template, 1)
	task, err = clone.Delete(s.ctx, nil)
	s.done("deleting the template", task, err)
}
