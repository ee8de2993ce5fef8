# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The lab: a cluster of virtual machines on this machine.

The guests are user-mode Linux kernels, that is, ordinary processes. They, their network and a client
host live in network namespaces without a way out. lab.json and nodes/*.json in the lab's directory
describe the lab; playbook haweb.cluster.lab writes both. No file records what runs: each command finds
the guests among the processes of the machine.

Each module imports only modules that this list names after it:

    program      reads the command line, finds the lab and runs the command
    arguments    what the user can write on the command line
    commands     what each command does, and what it prints
    client       how the client host asks
    answers      what the answers show: the outage
    status       what each node is doing
    cables       which network cables are cut
    boot         how a guest boots
    network      what connects the guests
    power        how a running guest is stopped
    ssh          how the lab logs in to its guests
    preflight    what speaks against a lab
    inventory    how Ansible reaches the guests
    guests       which guests run
    description  what the lab is
    host         how the lab runs commands on this machine
    errors       what the user reads when a command fails
"""
