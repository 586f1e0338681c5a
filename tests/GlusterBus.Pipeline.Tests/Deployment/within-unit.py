"""within-unit.py UNIT PROGRAM…: runs a program with only the system calls that a unit of systemd allows.

Does what systemd does with SystemCallFilter=, by the same library; a system call that is not allowed gives EPERM.
"""
import ctypes
import os
import subprocess
import sys

ALLOW, EPERM = 0x7FFF0000, 0x00050001


def calls(name):
    """The system calls of a name: itself, or those of a set such as @system-service, sets within it included."""
    if not name.startswith("@"):
        return {name}
    listed = subprocess.run(["systemd-analyze", "syscall-filter", name], capture_output=True, text=True, check=True).stdout
    members = (line.strip() for line in listed.splitlines()[1:])
    return set().union(*(calls(member) for member in members if member and not member.startswith("#")))


allowed = calls("@default") | {"execve"}
with open(sys.argv[1], encoding="utf-8") as unit:
    for line in unit:
        if line.startswith("SystemCallFilter="):
            value = line.split("=", 1)[1]
            for name in value.lstrip("~").split():
                allowed = allowed - calls(name) if value.startswith("~") else allowed | calls(name)

library = ctypes.CDLL("libseccomp.so.2")
library.seccomp_init.restype = ctypes.c_void_p
library.seccomp_rule_add.argtypes = [ctypes.c_void_p, ctypes.c_uint32, ctypes.c_int, ctypes.c_uint]
library.seccomp_load.argtypes = [ctypes.c_void_p]
context = library.seccomp_init(EPERM)
for name in allowed:
    number = library.seccomp_syscall_resolve_name(name.encode())
    if number >= 0:
        library.seccomp_rule_add(context, ALLOW, number, 0)
if library.seccomp_load(context) != 0:
    sys.exit("the filter can't be loaded")
os.execvp(sys.argv[2], sys.argv[2:])
