# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The lab: a cluster of virtual machines on this machine.

The guests are user-mode Linux kernels, that is, ordinary processes. They, their network and a client
host are in network namespaces without a way out. lab.json and nodes/*.json in the lab's directory
describe the lab; playbook haweb.cluster.lab writes both. No file records which guests run: each command
finds them among the processes of the machine.

Each module imports only modules that this list names after it:

    program      reads the command line, finds the lab and runs the command
    arguments    defines the command line
    commands     runs each command, and prints its result
    client       sends the requests of the client host
    answers      computes failures and outages from the answers
    status       shows the state of each node
    cables       cuts and restores network cables
    boot         boots a guest
    network      connects the guests
    power        stops a running guest
    ssh          logs in to the guests
    preflight    finds the problems of a lab before it is created
    inventory    writes the inventory with which Ansible reaches the guests
    guests       finds the running guests
    description  describes the lab
    host         runs commands on this machine
    errors       has the error with a sentence for the user
"""
