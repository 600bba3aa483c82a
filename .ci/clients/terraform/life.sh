#!/usr/bin/env bash
# The life of these configurations at a running server: made, found as they are, changed, imported, gone.
#
#   MOCK_HTTPS=localhost:8006 MOCK_CA=ca.pem TERRAFORM_PROVIDER=DIR bash .ci/clients/terraform/life.sh
#
# DIR is where a built provider bpg/proxmox lies (`terraform-provider-proxmox`, 0.111); MOCK_CA is what the server wrote
# for --tls-export. The server keeps nothing of it, so that it may be one that others use.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
MOCK_CA=$(realpath "$MOCK_CA")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cat >"$work/cli.tfrc" <<RC
provider_installation {
  dev_overrides {
    "bpg/proxmox" = "$TERRAFORM_PROVIDER"
  }
  direct {}
}
RC
cp "$here"/*.tf "$work"
cd "$work"
export TF_CLI_CONFIG_FILE="$work/cli.tfrc" CHECKPOINT_DISABLE=1 TF_IN_AUTOMATION=1 SSL_CERT_FILE="$MOCK_CA"
export PROXMOX_VE_ENDPOINT="https://$MOCK_HTTPS/" PROXMOX_VE_USERNAME=root@pam PROXMOX_VE_PASSWORD=secret

step() { # NAME ARGUMENT...
    local name=$1
    shift
    terraform "$@" -no-color >"$name.log" 2>&1 || {
        grep -A 20 -E '^Error|^Terraform will' "$name.log" || tail -n 40 "$name.log"
        echo "terraform: $name failed" >&2
        exit 1
    }
    sed -nE "s/^((Apply|Destroy) complete|No changes).*/terraform, $name: &/p" "$name.log"
}
# What the configurations make things of; what they only set (options, names, times) has no end.
world() {
    curl --fail --silent --cacert "$MOCK_CA" "https://$MOCK_HTTPS/__admin/world" | python3 -c '
import json, sys
world = json.load(sys.stdin)
for job in world.get("replication", {}).values():  # It goes on by the clock.
    for moment in [name for name in job if name.startswith("last-")]:
        del job[moment]
parts = ["guests", "storages", "volumes", "pools", "access", "backup-jobs", "ha", "replication", "sections", "lists"]
json.dump({part: world.get(part) for part in parts}, sys.stdout, indent=1)'
}

# The provider does not wait for the tasks that delete files.
settle() {
    curl --fail --silent --cacert "$MOCK_CA" "https://$MOCK_HTTPS/__admin/tasks" | python3 -c '
import json, sys
print(*[task["upid"] for task in json.load(sys.stdin)["tasks"] if task["status"] == "running"], sep="\n")' |
        while read -r upid; do
            [ -z "$upid" ] || curl --fail --silent --cacert "$MOCK_CA" --output /dev/null --get \
                --data-urlencode "taskEnded=$upid" "https://$MOCK_HTTPS/__admin/wait"
        done
}

world >before.json
step made apply -auto-approve
step as-made plan -detailed-exitcode
step changed apply -auto-approve -var changed=true
step as-changed plan -detailed-exitcode -var changed=true
terraform state rm proxmox_virtual_environment_vm.zfs >/dev/null
step imported import -var changed=true proxmox_virtual_environment_vm.zfs pve01/505
step as-imported plan -detailed-exitcode -var changed=true
step gone destroy -auto-approve -var changed=true
settle
world >after.json
diff before.json after.json || {
    echo "terraform: something is left" >&2
    exit 1
}
