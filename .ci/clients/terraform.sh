# Terraform with the provider bpg/proxmox, which somebody has built: no registry of packages has it. Sourced by the
# clients step.

if ! have terraform; then
    note_skip "Terraform did not run: there is no terraform"
elif [ ! -x "${TERRAFORM_PROVIDER:-}/terraform-provider-proxmox" ]; then
    note_skip "Terraform did not run: TERRAFORM_PROVIDER names no folder with a built terraform-provider-proxmox"
else
    serve pve --auth strict
    bash .ci/clients/terraform/life.sh
    end_server
fi
