# The firewall at its levels. The default world has rules in the cluster and at its guests, so these have their own.

resource "proxmox_virtual_environment_firewall_alias" "alias" {
  name    = "tf-alias"
  cidr    = var.changed ? "10.79.0.0/25" : "10.79.0.0/24"
  comment = "Made by Terraform"
}

resource "proxmox_virtual_environment_firewall_alias" "machine" {
  node_name = "pve01"
  vm_id     = proxmox_virtual_environment_vm.full.vm_id
  name      = "tf-alias"
  cidr      = "10.79.0.9"
}

resource "proxmox_virtual_environment_firewall_ipset" "set" {
  name    = "tf-set"
  comment = "Made by Terraform"
  cidr {
    name    = "10.79.1.0/24"
    comment = var.changed ? "Changed" : "One"
  }
  cidr {
    name    = "2001:DB8::1"
    nomatch = true
  }
  cidr {
    name = "dc/tf-alias"
  }
  depends_on = [proxmox_virtual_environment_firewall_alias.alias]
}

resource "proxmox_virtual_environment_cluster_firewall_security_group" "group" {
  name    = "tf-group"
  comment = "Made by Terraform"
  rule {
    type    = "in"
    action  = "ACCEPT"
    comment = "web"
    dport   = "80,443"
    proto   = "tcp"
    source  = "+dc/${proxmox_virtual_environment_firewall_ipset.set.name}"
    log     = "info"
  }
  rule {
    type    = "out"
    action  = var.changed ? "REJECT" : "DROP"
    macro   = "Ping"
    enabled = false
  }
}

resource "proxmox_virtual_environment_firewall_options" "machine" {
  node_name     = "pve01"
  vm_id         = proxmox_virtual_environment_vm.full.vm_id
  enabled       = true
  dhcp          = true
  input_policy  = "DROP"
  output_policy = "ACCEPT"
  log_level_in  = var.changed ? "warning" : "info"
  macfilter     = false
  radv          = true
}

resource "proxmox_virtual_environment_firewall_rules" "machine" {
  node_name = "pve01"
  vm_id     = proxmox_virtual_environment_vm.full.vm_id
  rule {
    security_group = proxmox_virtual_environment_cluster_firewall_security_group.group.name
    comment        = "all of it"
    iface          = "net0"
  }
  rule {
    type   = "in"
    action = "ACCEPT"
    dest   = "10.79.0.9"
    dport  = "22"
    proto  = "tcp"
    log    = "nolog"
  }
  dynamic "rule" {
    for_each = var.changed ? ["53"] : ["53", "123"]
    content {
      type   = "in"
      action = "DROP"
      proto  = "udp"
      dport  = rule.value
    }
  }
}

resource "proxmox_virtual_environment_firewall_options" "container" {
  node_name    = "pve01"
  container_id = proxmox_virtual_environment_container.container.vm_id
  enabled      = true
  ipfilter     = true
}
