# Ansible with the collection community.proxmox, which comes with the package `ansible`. Sourced by the clients step.

if [ -n "$python" ]; then
    if "$CI_WORK/venv/bin/pip" install --quiet --requirement .ci/clients/ansible/requirements.txt; then
        serve pve --auth strict
        PATH="$CI_WORK/venv/bin:$PATH" ANSIBLE_PYTHON_INTERPRETER="$python" bash .ci/clients/ansible/run.sh
        end_server
    else
        note_skip "Ansible did not run: its packages could not be installed"
    fi
fi
