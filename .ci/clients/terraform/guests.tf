# Machines and containers, with what they are made of.

resource "proxmox_download_file" "image" {
  node_name    = "pve01"
  datastore_id = "local"
  content_type = "import"
  file_name    = "cloud.qcow2"
  url          = "https://images.example.org/cloud.img"
}

resource "proxmox_download_file" "iso" {
  node_name          = "pve01"
  datastore_id       = "local"
  content_type       = "iso"
  file_name          = "terraform.iso"
  url                = "https://images.example.org/terraform.iso"
  checksum           = "0d2b0c0ffb2f4ab8bb5b63b3e0ce6f0d0e6d6a1b6d8d3a2f0c1e2d3c4b5a6978"
  checksum_algorithm = "sha256"
}

resource "proxmox_download_file" "template" {
  node_name    = "pve01"
  datastore_id = "local"
  content_type = "vztmpl"
  url          = "https://images.example.org/debian-12-standard_12.9-9_amd64.tar.zst"
}

resource "proxmox_virtual_environment_vm" "machine" {
  node_name           = var.changed ? "pve02" : "pve01"
  vm_id               = 500
  name                = var.changed ? "tf-renamed" : "tf-machine"
  description         = var.changed ? "Changed by Terraform" : "Made by Terraform,\nin two lines"
  tags                = var.changed ? ["changed", "terraform"] : ["terraform", "web"]
  pool_id             = proxmox_virtual_environment_pool.pool.pool_id
  machine             = "q35"
  bios                = "ovmf"
  scsi_hardware       = "virtio-scsi-single"
  migrate             = true
  on_boot             = true
  started             = true
  stop_on_destroy     = true
  reboot_after_update = true
  boot_order          = ["scsi0", "net0"]
  keyboard_layout     = "de"

  agent {
    enabled = true
    trim    = true
    timeout = "20s"
  }
  cpu {
    cores   = var.changed ? 4 : 2
    sockets = 1
    type    = "x86-64-v2-AES"
    units   = 200
    flags   = ["+aes"]
  }
  memory {
    dedicated = var.changed ? 4096 : 2048
    floating  = 1024
  }
  efi_disk {
    datastore_id      = "ceph-pool"
    type              = "4m"
    pre_enrolled_keys = true
  }
  tpm_state {
    datastore_id = "ceph-pool"
    version      = "v2.0"
  }
  disk {
    interface    = "scsi0"
    datastore_id = "ceph-pool"
    size         = var.changed ? 20 : 8
    discard      = "on"
    iothread     = true
    ssd          = true
    cache        = "writeback"
    serial       = "abc123"
    speed {
      read  = 100
      write = 50
    }
  }
  disk {
    interface    = "virtio1"
    datastore_id = "ceph-pool"
    size         = 4
    backup       = false
    replicate    = false
  }
  cdrom {
    interface = "ide0"
    file_id   = "none"
  }
  initialization {
    datastore_id = "ceph-pool"
    interface    = "ide2"
    dns {
      servers = ["10.10.10.1", "10.10.10.2"]
      domain  = "example.org"
    }
    ip_config {
      ipv4 {
        address = "10.10.10.50/24"
        gateway = "10.10.10.1"
      }
      ipv6 {
        address = "auto"
      }
    }
    user_account {
      username = "admin"
      password = "good enough"
      keys     = ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ9Qm0Q8f8J3G2f2v6kQ0Yw5ZrWb5mF3b5t9n1kQvXyZ a@example.org"]
    }
  }
  network_device {
    bridge      = "vmbr0"
    model       = "virtio"
    mac_address = "BC:24:11:00:05:00"
    vlan_id     = 20
    mtu         = 1450
    firewall    = true
    rate_limit  = 12.5
    queues      = 2
  }
  network_device {
    bridge = "vmbr0"
    model  = "e1000"
    trunks = "10;20"
  }
  operating_system {
    type = "l26"
  }
  serial_device {
    device = "socket"
  }
  vga {
    type   = "qxl"
    memory = 32
  }
  startup {
    order      = "3"
    up_delay   = "60"
    down_delay = "30"
  }
  rng {
    source    = "/dev/urandom"
    max_bytes = 1024
    period    = 1000
  }
  smbios {
    manufacturer = "Mock"
    product      = "Server"
    serial       = "0001"
  }
  watchdog {
    enabled = true
    model   = "i6300esb"
    action  = "reset"
  }
  usb {
    mapping = proxmox_hardware_mapping_usb.usb.name
    usb3    = true
  }
  # What a network gets from its driver.
  lifecycle {
    ignore_changes = [network_device[1].mac_address]
  }
}

resource "proxmox_virtual_environment_vm" "imported" {
  node_name = "pve01"
  vm_id     = 504
  name      = "tf-imported"
  started   = false
  disk {
    interface    = "scsi0"
    datastore_id = "local-lvm"
    import_from  = proxmox_download_file.image.id
    size         = 10
  }
}

resource "proxmox_virtual_environment_vm" "template" {
  node_name = "pve01"
  vm_id     = 501
  name      = "tf-template"
  template  = true
  started   = false
  memory {
    dedicated = 512
  }
  disk {
    interface    = "scsi0"
    datastore_id = "local-lvm"
    size         = 3
    file_format  = "raw"
  }
  cdrom {
    file_id = proxmox_download_file.iso.id
  }
  network_device {
    bridge = "vmbr0"
  }
}

resource "proxmox_virtual_environment_vm" "full" {
  node_name = "pve01"
  vm_id     = 502
  name      = "tf-full"
  started   = true
  clone {
    vm_id = proxmox_virtual_environment_vm.template.vm_id
    full  = true
  }
  disk {
    interface    = "scsi0"
    datastore_id = "local-lvm"
    size         = var.changed ? 6 : 5
  }
  memory {
    dedicated = 1024
  }
  network_device {
    bridge = "vmbr0"
  }
}

resource "proxmox_virtual_environment_vm" "linked" {
  node_name = "pve01"
  vm_id     = 503
  name      = "tf-linked"
  started   = true
  clone {
    vm_id = proxmox_virtual_environment_vm.template.vm_id
    full  = false
  }
}

resource "proxmox_virtual_environment_container" "container" {
  node_name     = "pve01"
  vm_id         = 510
  description   = var.changed ? "Changed by Terraform\n" : "Made by Terraform\n"
  tags          = ["terraform"]
  pool_id       = proxmox_virtual_environment_pool.pool.pool_id
  unprivileged  = true
  started       = true
  start_on_boot = true

  cpu {
    cores = var.changed ? 2 : 1
    units = 512
  }
  memory {
    dedicated = var.changed ? 1024 : 512
    swap      = 256
  }
  disk {
    datastore_id = "local-lvm"
    size         = var.changed ? 6 : 4
  }
  mount_point {
    volume = "local-lvm"
    size   = "2G"
    path   = "/srv"
    backup = true
  }
  features {
    nesting = true
  }
  initialization {
    hostname = var.changed ? "tf-ct-renamed" : "tf-ct"
    dns {
      servers = ["10.10.10.1"]
      domain  = "example.org"
    }
    ip_config {
      ipv4 {
        address = "10.10.10.51/24"
        gateway = "10.10.10.1"
      }
    }
    user_account {
      password = "good enough"
    }
  }
  network_interface {
    name     = "eth0"
    bridge   = "vmbr0"
    firewall = true
    vlan_id  = 20
  }
  operating_system {
    template_file_id = proxmox_download_file.template.id
    type             = "debian"
  }
  console {
    type      = "shell"
    tty_count = 2
  }
  startup {
    order    = "4"
    up_delay = "10"
  }
}

resource "proxmox_virtual_environment_container" "clone" {
  node_name = "pve01"
  vm_id     = 511
  started   = false
  clone {
    vm_id        = 110
    node_name    = "pve03"
    datastore_id = "ceph-pool"
  }
  initialization {
    hostname = "tf-ct-clone"
  }
}

resource "proxmox_virtual_environment_vm" "zfs" {
  node_name = "pve01"
  vm_id     = 505
  name      = "tf-zfs"
  started   = false
  disk {
    interface    = "scsi0"
    datastore_id = proxmox_storage_zfspool.zfs.id
    size         = 2
    file_format  = "raw"
  }
}
