#!/usr/bin/env python3
"""check_edges finds each kind of breach in a small house of its own, and none in a sound one."""
import tempfile
import unittest
from pathlib import Path

from check_edges import Rules, breaches

RULES = """
floor stacked base math
floor apart render physics sim
edge sim physics
header embree3/ render
header yaml-cpp/ worldmill/base/yaml.cpp
"""


class Edges(unittest.TestCase):
    def breaches_of(self, name, line, uses="base math physics"):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "worldmill" / name
            path.parent.mkdir(parents=True)
            path.write_text(line + "\n")
            (path.parent / "CMakeLists.txt").write_text(f"wm_module(x SOURCES a.cpp USES {uses})  # base\n")
            return list(breaches(Path(folder), Rules(RULES)))

    def test_downstairs_is_allowed(self):
        for name, line in [("math/a.h", '#include "worldmill/base/check.h"'), ("render/a.cpp", "#include <embree3/rtcore.h>"),
                           ("sim/a.cpp", '#include "worldmill/physics/s.h"'), ("base/a_test.cpp", "#include <gtest/gtest.h>"),
                           ("base/yaml.cpp", "#include <yaml-cpp/yaml.h>"), ("base/a.cpp", "#include <vector>")]:
            self.assertEqual(self.breaches_of(name, line), [], name)

    def test_each_breach_is_named_with_its_line(self):
        for name, line, words in [
                ("base/a.h", '#include "worldmill/math/vec.h"', "base may not use math"),
                ("physics/a.h", '#include "worldmill/sim/s.h"', "physics may not use sim"),
                ("sim/a.h", "#include <embree3/rtcore.h>", "does not belong in sim"),
                ("base/other.cpp", "#include <yaml-cpp/yaml.h>", "does not belong in base"),
                ("base/a.cpp", "#include <gtest/gtest.h>", "does not belong in base"),
                ("base/a.cpp", "#include <boost/any.hpp>", "no rule names <boost/any.hpp>")]:
            found = self.breaches_of(name, line)
            self.assertEqual(len(found), 1, found)
            self.assertIn(f"{name}:1: ", found[0])
            self.assertIn(words, found[0])

    def test_a_use_must_be_declared(self):
        self.assertIn("does not say so in USES", self.breaches_of("math/a.h", '#include "worldmill/base/check.h"', uses="")[0])

    def test_a_module_must_stand_on_a_floor(self):
        self.assertIn("stands on no floor", self.breaches_of("attic/a.h", "#include <vector>")[0])


if __name__ == "__main__":
    unittest.main()
