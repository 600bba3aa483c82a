# People and what they may.

resource "proxmox_virtual_environment_pool" "pool" {
  pool_id = "terraform"
  comment = var.changed ? "Changed" : "Made by Terraform"
}

resource "proxmox_pool_membership" "storage" {
  pool_id    = proxmox_virtual_environment_pool.pool.pool_id
  storage_id = proxmox_storage_directory.dir.id
}

resource "proxmox_virtual_environment_role" "role" {
  role_id    = "Terraformer"
  privileges = var.changed ? ["VM.Audit", "VM.PowerMgmt", "Sys.Audit"] : ["VM.Audit", "VM.PowerMgmt"]
}

resource "proxmox_virtual_environment_group" "group" {
  group_id = "terraformers"
  comment  = var.changed ? "" : "Made by Terraform"
}

resource "proxmox_virtual_environment_user" "user" {
  user_id         = "terraformer@pve"
  comment         = var.changed ? "" : "Made by Terraform"
  email           = "t@example.org"
  first_name      = "Ter"
  last_name       = "Raform"
  password        = "good enough"
  expiration_date = "2034-01-01T22:00:00Z"
  groups          = [proxmox_virtual_environment_group.group.group_id]
}

resource "proxmox_user_token" "token" {
  user_id               = proxmox_virtual_environment_user.user.user_id
  token_name            = "ci"
  comment               = var.changed ? "Changed" : "Made by Terraform"
  privileges_separation = true
  expiration_date       = "2034-01-01T22:00:00Z"
}

resource "proxmox_acl" "group" {
  path      = "/pool/${proxmox_virtual_environment_pool.pool.pool_id}"
  group_id  = proxmox_virtual_environment_group.group.group_id
  role_id   = proxmox_virtual_environment_role.role.role_id
  propagate = !var.changed
}

resource "proxmox_acl" "token" {
  path     = "/vms/500"
  token_id = proxmox_user_token.token.id
  role_id  = "PVEVMUser"
}

resource "proxmox_realm_openid" "realm" {
  realm      = "tfsso"
  issuer_url = "https://sso.example.org"
  client_id  = "pve"
  comment    = "Made by Terraform"
}

resource "proxmox_realm_ldap" "realm" {
  realm     = "tfldap"
  server1   = "ldap.example.org"
  base_dn   = "ou=people,dc=example,dc=org"
  user_attr = "uid"
  comment   = var.changed ? "Changed" : "Made by Terraform"
}
