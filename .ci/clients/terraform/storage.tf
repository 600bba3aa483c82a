# Storages of every type.

resource "proxmox_storage_directory" "dir" {
  id      = "tf-dir"
  path    = "/srv/terraform"
  nodes   = ["pve01"]
  content = var.changed ? ["backup", "iso", "vztmpl"] : ["backup", "iso"]
  backups {
    keep_last = 3
  }
}

resource "proxmox_storage_nfs" "nfs" {
  id      = "tf-nfs"
  server  = "10.10.20.9"
  export  = "/export/terraform"
  nodes   = ["pve01", "pve02"]
  content = ["images", "iso"]
}

resource "proxmox_storage_cifs" "cifs" {
  id       = "tf-cifs"
  server   = "10.10.20.9"
  share    = "terraform"
  username = "u"
  password = "p"
  content  = ["backup"]
}

resource "proxmox_storage_pbs" "pbs" {
  id          = "tf-pbs"
  server      = "10.10.20.8"
  datastore   = "tank"
  username    = "backup@pbs"
  password    = "p"
  fingerprint = "F3:04:D2:C1:33:B7:35:B9:88:D8:7A:24:85:21:DC:75:EE:7C:A5:2A:55:2D:99:38:6B:48:5E:CA:0D:E3:FE:66"
  content     = ["backup"]
}

resource "proxmox_storage_lvm" "lvm" {
  id           = "tf-lvm"
  volume_group = "pve"
  nodes        = ["pve01"]
  content      = ["images", "rootdir"]
}

resource "proxmox_storage_lvmthin" "thin" {
  id           = "tf-thin"
  volume_group = "pve"
  thin_pool    = "data"
  nodes        = ["pve01"]
  content      = ["images"]
}

resource "proxmox_storage_zfspool" "zfs" {
  id       = "tf-zfs"
  zfs_pool = "tank"
  nodes    = ["pve01", "pve02"]
  content  = ["images", "rootdir"]
}
