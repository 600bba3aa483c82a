# All images at once: docker buildx bake. One of them: docker buildx bake pve.

variable "VERSION" {
  default = "unreleased"
}

variable "REVISION" {
  default = "unknown"
}

variable "CREATED" {
  default = "1970-01-01T00:00:00Z"
}

group "default" {
  targets = ["image"]
}

target "image" {
  name = personality
  matrix = {
    personality = ["plexd", "pve", "pbs", "pdm"]
  }
  target = personality
  tags   = ["proxmox-mock:latest-${personality}"]
  args = {
    VERSION  = VERSION
    REVISION = REVISION
    CREATED  = CREATED
  }
}
