# What can be asked for.

data "proxmox_version" "version" {}
data "proxmox_virtual_environment_nodes" "nodes" {}
data "proxmox_virtual_environment_node" "node" { node_name = "pve01" }
data "proxmox_datastores" "stores" { node_name = "pve01" }
data "proxmox_virtual_environment_vms" "vms" { tags = ["production"] }
data "proxmox_virtual_environment_vm" "vm" {
  node_name = "pve01"
  vm_id     = 101
}
data "proxmox_virtual_environment_containers" "containers" {}
data "proxmox_virtual_environment_container" "container" {
  node_name = "pve01"
  vm_id     = 102
}
data "proxmox_virtual_environment_pools" "pools" {}
data "proxmox_virtual_environment_pool" "pool" { pool_id = "production" }
data "proxmox_virtual_environment_roles" "roles" {}
data "proxmox_virtual_environment_role" "role" { role_id = "PVEAdmin" }
data "proxmox_virtual_environment_groups" "groups" {}
data "proxmox_virtual_environment_users" "users" {}
data "proxmox_virtual_environment_user" "user" { user_id = "root@pam" }
data "proxmox_virtual_environment_dns" "dns" { node_name = "pve02" }
data "proxmox_virtual_environment_hosts" "hosts" { node_name = "pve02" }
data "proxmox_virtual_environment_time" "time" { node_name = "pve02" }
data "proxmox_haresources" "resources" {}
data "proxmox_sdn_zones" "zones" {}
data "proxmox_sdn_vnets" "vnets" {}
data "proxmox_acme_accounts" "accounts" {}
data "proxmox_acme_plugins" "plugins" {}
data "proxmox_hardware_mappings" "pci" {
  check_node = "pve01"
  type       = "pci"
}
data "proxmox_hardware_pci" "cards" { node_name = "pve01" }
data "proxmox_backup_jobs" "jobs" {}
data "proxmox_replications" "replications" {}
data "proxmox_ceph_status" "ceph" {}
data "proxmox_files" "isos" {
  node_name    = "pve01"
  datastore_id = "local"
  content_type = "iso"
}
data "proxmox_apt_standard_repository" "repository" {
  node   = "pve02"
  handle = "enterprise"
}
data "proxmox_node_config" "config" { node_name = "pve03" }

output "found" {
  value = {
    nodes = length(data.proxmox_virtual_environment_nodes.nodes.names)
    vm    = data.proxmox_virtual_environment_vm.vm.name
  }
}
