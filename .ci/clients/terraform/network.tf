# Networks of nodes and of the cluster.

resource "proxmox_network_linux_bridge" "bridge" {
  node_name  = "pve01"
  name       = "vmbr77"
  address    = "10.77.0.1/24"
  comment    = var.changed ? "Changed" : "Made by Terraform"
  mtu        = 1500
  vlan_aware = true
}

resource "proxmox_network_linux_vlan" "vlan" {
  node_name = "pve01"
  name      = "tfvlan"
  interface = "vmbr0"
  vlan      = 77
  address   = "10.78.0.1/24"
  comment   = "Made by Terraform"
}

resource "proxmox_virtual_environment_dns" "dns" {
  node_name = "pve01"
  domain    = "example.org"
  servers   = var.changed ? ["10.10.10.1"] : ["10.10.10.1", "10.10.10.2"]
}

resource "proxmox_virtual_environment_hosts" "hosts" {
  node_name = "pve01"
  entry {
    address   = "127.0.0.1"
    hostnames = ["localhost", "localhost.localdomain"]
  }
  entry {
    address   = "10.10.10.11"
    hostnames = var.changed ? ["pve01", "pve01.example.org"] : ["pve01"]
  }
}

resource "proxmox_virtual_environment_time" "time" {
  node_name = "pve01"
  time_zone = var.changed ? "UTC" : "Europe/Berlin"
}

resource "proxmox_apt_standard_repository" "test" {
  node   = "pve01"
  handle = "no-subscription"
}

resource "proxmox_apt_repository" "test" {
  node      = "pve01"
  file_path = proxmox_apt_standard_repository.test.file_path
  index     = proxmox_apt_standard_repository.test.index
  enabled   = !var.changed
}

resource "proxmox_node_config" "node" {
  node_name   = "pve02"
  description = "Kept by Terraform"
}

resource "proxmox_sdn_zone_simple" "simple" {
  id         = "tfsimple"
  nodes      = ["pve01", "pve02"]
  mtu        = 1450
  ipam       = "pve"
  depends_on = [proxmox_sdn_applier.last]
}

resource "proxmox_sdn_zone_vlan" "vlan" {
  id         = "tfvlan"
  bridge     = "vmbr0"
  depends_on = [proxmox_sdn_applier.last]
}

resource "proxmox_sdn_zone_vxlan" "vxlan" {
  id         = "tfvxlan"
  peers      = ["10.10.10.11", "10.10.10.12"]
  depends_on = [proxmox_sdn_applier.last]
}

resource "proxmox_sdn_zone_qinq" "qinq" {
  id                    = "tfqinq"
  bridge                = "vmbr0"
  service_vlan          = 100
  service_vlan_protocol = "802.1ad"
  depends_on            = [proxmox_sdn_applier.last]
}

resource "proxmox_sdn_vnet" "vnet" {
  id            = "tfvnet"
  zone          = proxmox_sdn_zone_simple.simple.id
  alias         = var.changed ? "changed" : "made"
  isolate_ports = true
  depends_on    = [proxmox_sdn_applier.last]
}

resource "proxmox_sdn_subnet" "subnet" {
  vnet            = proxmox_sdn_vnet.vnet.id
  cidr            = "10.79.0.0/24"
  gateway         = "10.79.0.1"
  snat            = true
  dhcp_dns_server = "10.79.0.2"
  dhcp_range = {
    start_address = "10.79.0.10"
    end_address   = var.changed ? "10.79.0.60" : "10.79.0.50"
  }
  depends_on = [proxmox_sdn_applier.last]
}

resource "proxmox_sdn_fabric_openfabric" "fabric" {
  id         = "tffab"
  ip_prefix  = "10.80.0.0/24"
  depends_on = [proxmox_sdn_applier.last]
}

resource "proxmox_sdn_fabric_node_openfabric" "node" {
  fabric_id       = proxmox_sdn_fabric_openfabric.fabric.id
  node_id         = "pve01"
  ip              = "10.80.0.1"
  interface_names = ["eno1"]
}

resource "proxmox_sdn_applier" "first" {
  lifecycle {
    replace_triggered_by = [
      proxmox_sdn_zone_simple.simple,
      proxmox_sdn_vnet.vnet,
      proxmox_sdn_subnet.subnet,
    ]
  }
  depends_on = [
    proxmox_sdn_zone_simple.simple,
    proxmox_sdn_zone_vlan.vlan,
    proxmox_sdn_zone_vxlan.vxlan,
    proxmox_sdn_zone_qinq.qinq,
    proxmox_sdn_vnet.vnet,
    proxmox_sdn_subnet.subnet,
    proxmox_sdn_fabric_node_openfabric.node,
  ]
}

# Applies what is taken away, after everything else is destroyed.
resource "proxmox_sdn_applier" "last" {}
