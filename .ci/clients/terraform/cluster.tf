# What belongs to the cluster.

resource "proxmox_haresource" "machine" {
  resource_id  = "vm:${proxmox_virtual_environment_vm.full.vm_id}"
  state        = "started"
  comment      = var.changed ? "Changed" : "Made by Terraform"
  max_restart  = 2
  max_relocate = 2
}

resource "proxmox_haresource" "container" {
  resource_id = "ct:${proxmox_virtual_environment_container.container.vm_id}"
  state       = "started"
}

resource "proxmox_harule" "nodes" {
  rule      = "tf-nodes"
  type      = "node-affinity"
  resources = [proxmox_haresource.machine.resource_id]
  nodes     = { pve01 = 2, pve02 = var.changed ? 2 : 1 }
  strict    = true
  comment   = "Made by Terraform"
}

resource "proxmox_harule" "together" {
  rule     = "tf-together"
  type     = "resource-affinity"
  affinity = "positive"
  resources = [
    proxmox_haresource.machine.resource_id,
    proxmox_haresource.container.resource_id,
  ]
}

resource "proxmox_cluster_options" "options" {
  language                  = "en"
  keyboard                  = "de"
  email_from                = "pve@example.org"
  bandwidth_limit_migration = 555555
  max_workers               = var.changed ? 6 : 5
  mac_prefix                = "BC:24:11"
  migration_type            = "secure"
  migration_cidr            = "10.10.20.0/24"
  description               = "Kept by Terraform\n"
  console                   = "html5"
  crs_ha                    = "static"
  next_id = {
    lower = 100
    upper = 999999
  }
  notify = {
    ha_fencing_mode = "always"
    package_updates = "auto"
    replication     = "always"
  }
}

resource "proxmox_hardware_mapping_pci" "pci" {
  name    = "tf-pci"
  comment = var.changed ? "Changed" : "Made by Terraform"
  map = [{
    node         = "pve01"
    path         = "0000:01:00.0"
    id           = "8086:1521"
    iommu_group  = 1
    subsystem_id = "8086:0001"
  }]
}

resource "proxmox_hardware_mapping_usb" "usb" {
  name    = "tf-usb"
  comment = "Made by Terraform"
  map = [
    { node = "pve01", id = "8087:0a2b" },
    { node = "pve02", id = "8087:0a2b" },
  ]
}

resource "proxmox_hardware_mapping_dir" "dir" {
  name = "tf-dir"
  map  = [{ node = "pve01", path = "/srv" }]
}

resource "proxmox_metrics_server" "influx" {
  name                = "tf-influx"
  type                = "influxdb"
  server              = "10.10.10.90"
  port                = var.changed ? 8087 : 8086
  influx_organization = "o"
  influx_bucket       = "b"
}

resource "proxmox_metrics_server" "graphite" {
  name           = "tf-graphite"
  type           = "graphite"
  server         = "10.10.10.91"
  port           = 2003
  graphite_proto = "tcp"
}

resource "proxmox_acme_account" "account" {
  name      = "tf-account"
  contact   = "acme@example.org"
  directory = "https://acme-staging-v02.api.letsencrypt.org/directory"
  tos       = "https://letsencrypt.org/documents/LE-SA-v1.3-September-21-2022.pdf"
}

resource "proxmox_acme_dns_plugin" "plugin" {
  plugin           = "tf-plugin"
  api              = "cf"
  validation_delay = var.changed ? 60 : 30
  data             = { CF_Token = "abc" }
}

resource "proxmox_backup_job" "job" {
  id             = "tf-job"
  schedule       = var.changed ? "sun 03:00" : "sun 01:00"
  storage        = "backup"
  vmid           = [tostring(proxmox_virtual_environment_vm.machine.vm_id)]
  mode           = "snapshot"
  compress       = "zstd"
  prune_backups  = { keep-last = "3" }
  notes_template = "{{guestname}}"
}

resource "proxmox_replication" "replication" {
  id       = "${proxmox_virtual_environment_vm.zfs.vm_id}-0"
  target   = "pve02"
  type     = "local"
  schedule = var.changed ? "*/30" : "*/15"
  comment  = "Made by Terraform"
}
