#!/usr/bin/env python3
"""Holds every #include under worldmill/ against the floors and third-party rules of tools/edges.txt,
and against the USES that each module's CMakeLists.txt declares. Prints each breach as file:line; exit 1 if any."""
import re
import sys
from pathlib import Path

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')
LISTS = ("HEADERS", "SOURCES", "TESTS", "BENCHES", "FUZZERS", "USES", "LIBS")


class Rules:
    """edges.txt, read: `rank` of each module, pairs allowed beside the ranks, owners of third-party headers."""

    def __init__(self, text):
        self.rank, self.edges, self.headers = {}, set(), {}
        rank = 0
        for line in text.splitlines():
            words = line.split("#")[0].split()
            if not words:
                continue
            if words[0] == "floor":
                for module in words[2:]:
                    self.rank[module] = rank
                    rank += words[1] == "stacked"
                rank += words[1] == "apart"
            elif words[0] == "edge":
                self.edges.add((words[1], words[2]))
            elif words[0] == "header":
                self.headers[words[1]] = words[2:]
            else:
                raise SystemExit(f"edges.txt: unknown word {words[0]!r}; known: floor, edge, header")

    def may_use(self, user, used):
        return user == used or (user, used) in self.edges or self.rank[used] < self.rank[user]

    def may_include(self, path, module, header):
        """True, False, or None when no rule names `header`."""
        if header.startswith(("gtest/", "gmock/")):
            return path.endswith("_test.cpp")
        if header.startswith("benchmark/"):
            return path.endswith("_bench.cpp")
        for prefix, owners in self.headers.items():
            if header.startswith(prefix):
                return "*" in owners or module in owners or path in owners
        return None


def declared_uses(cmake):
    """The USES of the wm_module or wm_program call in the text of a CMakeLists.txt."""
    call = re.search(r"wm_(?:module|program)\((.*?)\)", re.sub(r"#.*", "", cmake), re.S)
    uses, inside = set(), False
    for word in (call.group(1).split() if call else []):
        if word in LISTS:
            inside = word == "USES"
        elif inside:
            uses.add(word)
    return uses


def is_standard(header):
    """C++ standard headers have no dot; C and POSIX ones are listed in full."""
    posix = {"fcntl.h", "signal.h", "stdlib.h", "unistd.h", "sys/stat.h", "sys/types.h", "sys/wait.h", "sys/mman.h",
             "sys/file.h", "sys/ioctl.h", "sys/resource.h", "malloc.h", "gnu/libc-version.h"}
    return ("." not in header and "/" not in header) or header in posix or header == "immintrin.h"


def breaches(root, rules):
    for path in sorted([*root.glob("worldmill/**/*.h"), *root.glob("worldmill/**/*.cpp")]):
        name = path.relative_to(root).as_posix()
        module = name.split("/")[1]
        if module not in rules.rank:
            yield f"{name}: module {module!r} stands on no floor; add it to tools/edges.txt"
            continue
        uses = declared_uses((root / "worldmill" / module / "CMakeLists.txt").read_text())
        for number, line in enumerate(path.read_text().splitlines(), 1):
            found = INCLUDE.match(line)
            if not found:
                continue
            header = found.group(2)
            if header.startswith("worldmill/"):
                used = header.split("/")[1]
                if used not in rules.rank or not rules.may_use(module, used):
                    yield f"{name}:{number}: {module} may not use {used}: it does not stand below"
                elif used != module and used not in uses:
                    yield f"{name}:{number}: {module} uses {used} but its CMakeLists.txt does not say so in USES"
            elif not is_standard(header):
                allowed = rules.may_include(name, module, header)
                if allowed is None:
                    yield f"{name}:{number}: no rule names <{header}>; add one to tools/edges.txt"
                elif not allowed:
                    yield f"{name}:{number}: <{header}> does not belong in {module}"


def main():
    root = Path(__file__).resolve().parent.parent
    found = list(breaches(root, Rules((root / "tools" / "edges.txt").read_text())))
    print("\n".join(found) if found else "every include goes downstairs")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
