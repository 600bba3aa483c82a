terraform {
  required_providers {
    proxmox = { source = "bpg/proxmox" }
  }
}

# Where the server is and who asks, comes by the environment: PROXMOX_VE_ENDPOINT and the like.
provider "proxmox" {}

# The second apply changes what the first one made.
variable "changed" {
  type    = bool
  default = false
}
