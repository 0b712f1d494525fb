"""The kernel calls a sheet does without: a seccomp program for bubblewrap, after the list Docker refuses.

Refused are calls that look into other processes, make or join namespaces, mount, or hold memory that no
limit counts; and sockets but Unix's and the internet's, since some (vsock) pass by a network namespace.
"""

import platform
import struct

# name: (x86_64, aarch64); None where the machine has no such call
REFUSED = {
    "ptrace": (101, 117), "process_vm_readv": (310, 270), "process_vm_writev": (311, 271), "kcmp": (312, 272),
    "pidfd_getfd": (438, 438), "perf_event_open": (298, 241), "bpf": (321, 280), "userfaultfd": (323, 282),
    "unshare": (272, 97), "setns": (308, 268), "mount": (165, 40), "umount2": (166, 39), "chroot": (161, 51),
    "pivot_root": (155, 41), "open_tree": (428, 428), "move_mount": (429, 429), "fsopen": (430, 430),
    "fsconfig": (431, 431), "fsmount": (432, 432), "fspick": (433, 433), "mount_setattr": (442, 442),
    "name_to_handle_at": (303, 264), "open_by_handle_at": (304, 265), "syslog": (103, 116), "acct": (163, 89),
    "add_key": (248, 217), "request_key": (249, 218), "keyctl": (250, 219), "quotactl": (179, 60),
    "io_uring_setup": (425, 425), "io_uring_enter": (426, 426), "io_uring_register": (427, 427),
    "memfd_create": (319, 279), "memfd_secret": (447, 447), "shmget": (29, 194), "msgget": (68, 186),
    "semget": (64, 190), "mq_open": (240, 180), "init_module": (175, 105), "finit_module": (313, 273),
    "delete_module": (176, 106), "kexec_load": (246, 104), "kexec_file_load": (320, 294),
    "swapon": (167, 224), "swapoff": (168, 225), "reboot": (169, 142), "iopl": (172, None),
    "ioperm": (173, None),
}  # fmt: skip
CLONE, CLONE3, SOCKET = (56, 220), (435, 435), (41, 198)
FAMILIES = 1, 2, 10, 16  # Unix, IPv4, IPv6, netlink (asked for names of interfaces)
MACHINES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}
NEW_NAMESPACE = 0x7E020080  # the flags of clone that make one
ALLOW, EPERM, ENOSYS = 0x7FFF0000, 0x00050001, 0x00050026
LOAD, EQUAL, AT_LEAST, ANY_BIT, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
NUMBER, ARCHITECTURE, ARGUMENT = 0, 4, 16  # where they stand in seccomp_data


def program(machine=None):
    """Return the program's bytes for this machine, or None where its numbers are not known here."""
    known = MACHINES.get(machine or platform.machine())
    if known is None:
        return None
    column, architecture = known
    refused = [numbers[column] for numbers in REFUSED.values() if numbers[column] is not None]
    # a test that holds goes to the line it names, else to the next
    lines = [
        (LOAD, ARCHITECTURE), (EQUAL, architecture, "native"), (RETURN, EPERM),
        "native", (LOAD, NUMBER), (AT_LEAST, 0x40000000, "refuse"),
        *((EQUAL, number, "refuse") for number in refused),
        (EQUAL, CLONE3[column], "unknown"), (EQUAL, CLONE[column], "clone"),
        (EQUAL, SOCKET[column], "socket"),
        "allow", (RETURN, ALLOW),
        "clone", (LOAD, ARGUMENT), (ANY_BIT, NEW_NAMESPACE, "refuse"), (RETURN, ALLOW),
        "socket", (LOAD, ARGUMENT), *((EQUAL, family, "fine") for family in FAMILIES),
        "refuse", (RETURN, EPERM),
        "fine", (RETURN, ALLOW),
        "unknown", (RETURN, ENOSYS),  # glibc then uses clone, whose flags can be seen
    ]  # fmt: skip
    at, steps = {}, []
    for each in lines:
        if isinstance(each, str):
            at[each] = len(steps)
        else:
            steps.append(each)
    return b"".join(
        struct.pack("<HBBI", code, at[to[0]] - i - 1 if to else 0, 0, value)
        for i, (code, value, *to) in enumerate(steps)
    )
