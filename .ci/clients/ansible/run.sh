#!/usr/bin/env bash
# The modules of community.proxmox at a running server: made, found as wanted, used, gone, still gone.
#
#   MOCK_HTTPS=localhost:8006 MOCK_CA=ca.pem bash .ci/clients/ansible/run.sh
#
# MOCK_CA is what the server wrote for --tls-export, or tells at /__admin/ca.pem.
# `ansible-playbook` and `proxmoxer` are those of the environment that is active.
set -euo pipefail
MOCK_CA=$(realpath "$MOCK_CA")
cd "$(dirname "${BASH_SOURCE[0]}")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
head -c 100000 /dev/zero >"$work/small.iso"

export PROXMOX_HOST=${MOCK_HTTPS%:*} PROXMOX_PORT=${MOCK_HTTPS##*:} PROXMOX_USER=root@pam PROXMOX_PASSWORD=secret
export PROXMOX_VALIDATE_CERTS=true REQUESTS_CA_BUNDLE="$MOCK_CA" ANSIBLE_INVENTORY_ENABLED=community.proxmox.proxmox,auto
export ANSIBLE_HOME="$work" ANSIBLE_NOCOLOR=1 ANSIBLE_LOCALHOST_WARNING=false ANSIBLE_DEPRECATION_WARNINGS=false
export ANSIBLE_INVENTORY_UNPARSED_WARNING=false ANSIBLE_PYTHON_INTERPRETER=${ANSIBLE_PYTHON_INTERPRETER:-python3}

play() { # NAME EXPECTED PLAYBOOK OPTION...
    local name=$1 expected=$2 playbook=$3 recap
    shift 3
    ansible-playbook "$playbook" --extra-vars "iso=$work/small.iso" "$@" >"$work/$name.log" 2>&1 || {
        grep -A 8 -E 'ERROR|^fatal|^failed' "$work/$name.log"
        exit 1
    }
    recap=$(grep '^localhost' "$work/$name.log" | tr -s ' ')
    echo "ansible, $name: $recap"
    case $recap in
        *$expected*) ;;
        *)
            grep -B 1 '^changed' "$work/$name.log"
            echo "ansible: $name is not $expected" >&2
            exit 1
            ;;
    esac
}

play made failed=0 wanted.yml
play again changed=0 wanted.yml
play used failed=0 done.yml
# What the inventory finds is what is there.
cat >"$work/lab.proxmox.yml" <<INVENTORY
plugin: community.proxmox.proxmox
url: https://$MOCK_HTTPS
user: root@pam
password: secret
validate_certs: true
want_facts: true
want_proxmox_nodes_ansible_host: false
INVENTORY
ansible-inventory --inventory "$work/lab.proxmox.yml" --list >"$work/hosts.json" 2>"$work/inventory.log" || {
    tail -n 20 "$work/inventory.log"
    exit 1
}
for host in ansible-vm ansible-ct e2e-qemu-101; do
    grep -q "\"$host\"" "$work/hosts.json" || {
        echo "ansible: the inventory does not know $host" >&2
        exit 1
    }
done
play gone failed=0 gone.yml
play still-gone changed=0 gone.yml --extra-vars first=false
