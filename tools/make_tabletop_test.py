#!/usr/bin/env python3
"""Every file of recipes/assets is sound: a strict reading of the models and the environment maps, bounds of the folders."""
import json
import math
import struct
import unittest
from collections import Counter
from pathlib import Path

ASSETS = Path(__file__).resolve().parent.parent / "recipes" / "assets"
FOLDER = ASSETS / "tabletop"
COMPONENT = {5121: "B", 5123: "H", 5125: "I", 5126: "f"}
WIDE = {"SCALAR": 1, "VEC2": 2, "VEC3": 3, "VEC4": 4}
STANDS = {"stage", "hall"}  # scenery: may be open (a floor) and may reach further


class Glb:
    """A binary glTF, read as the specification words it; raises ValueError with what is wrong."""

    def __init__(self, data):
        magic, version, length = struct.unpack_from("<4sII", data)
        _demand(magic == b"glTF" and version == 2 and length == len(data), "header")
        size, kind = struct.unpack_from("<I4s", data, 12)
        _demand(kind == b"JSON" and size % 4 == 0, "JSON chunk")
        self.json = json.loads(data[20:20 + size])
        bin_size, kind = struct.unpack_from("<I4s", data, 20 + size)
        _demand(kind == b"BIN\0" and bin_size % 4 == 0 and 28 + size + bin_size == length, "BIN chunk")
        self.bin = data[28 + size:]
        declared = self.json["buffers"][0]["byteLength"]
        _demand(len(self.json["buffers"]) == 1 and bin_size - 3 <= declared <= bin_size, "buffer length")

    def view(self, index):
        view = self.json["bufferViews"][index]
        start, size = view.get("byteOffset", 0), view["byteLength"]
        _demand(size > 0 and start + size <= self.json["buffers"][0]["byteLength"], f"bufferView {index} leaves the buffer")
        return self.bin[start:start + size]

    def accessor(self, index):
        a = self.json["accessors"][index]
        letter, wide = COMPONENT[a["componentType"]], WIDE[a["type"]]
        data, start = self.view(a["bufferView"]), a.get("byteOffset", 0)
        step = struct.calcsize(letter) * wide
        offset = self.json["bufferViews"][a["bufferView"]].get("byteOffset", 0) + start
        _demand(offset % struct.calcsize(letter) == 0, f"accessor {index} is not aligned")
        _demand("byteStride" not in self.json["bufferViews"][a["bufferView"]] and start + step * a["count"] <= len(data), f"accessor {index} leaves its view")
        flat = struct.unpack_from(f"<{wide * a['count']}{letter}", data, start)
        scale = {5121: 255.0, 5123: 65535.0}[a["componentType"]] if a.get("normalized") else None
        flat = [x / scale for x in flat] if scale else flat
        rows = list(zip(*[iter(flat)] * wide)) if wide > 1 else list(flat)
        for name, pick in (("min", min), ("max", max)):
            if name in a:
                found = [pick(r[k] for r in rows) for k in range(wide)] if wide > 1 else [pick(rows)]
                _demand(found == [struct.unpack("<f", struct.pack("<f", x))[0] for x in a[name]], f"accessor {index}: {name}")
        return rows

    def triangles(self):
        """(node name, material name, positions, normals, uv, triangles) of each primitive."""
        for node in self.json["nodes"]:
            if "mesh" not in node:
                continue
            _demand(not {"matrix", "translation", "rotation", "scale"} & set(node), "nodes stand where they are")
            for primitive in self.json["meshes"][node["mesh"]]["primitives"]:
                at = primitive["attributes"]
                index = self.accessor(primitive["indices"])
                yield (node["name"], self.json["materials"][primitive["material"]]["name"], self.accessor(at["POSITION"]),
                       self.accessor(at["NORMAL"]), self.accessor(at["TEXCOORD_0"]), list(zip(*[iter(index)] * 3)))


def _demand(good, what):
    if not good:
        raise ValueError(what)


def _cross(a, b):
    return (a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0])


def _minus(a, b):
    return (a[0] - b[0], a[1] - b[1], a[2] - b[2])


def _dot(a, b):
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]


def pieces(triangles):
    """Triangles grouped by shared corners."""
    parent = {}

    def find(x):
        while parent.setdefault(x, x) != x:
            parent[x] = parent[parent[x]]
            x = parent[x]
        return x
    for a, b, c in triangles:
        parent[find(a)] = find(b)
        parent[find(b)] = find(c)
    out = {}
    for t in triangles:
        out.setdefault(find(t[0]), []).append(t)
    return list(out.values())


def picture_size(data):
    """(width, height) of a PNG or a JPEG, from its header."""
    if data[:8] == b"\x89PNG\r\n\x1a\n":
        return struct.unpack_from(">II", data, 16)
    _demand(data[:2] == b"\xff\xd8" and data[-2:] == b"\xff\xd9", "neither PNG nor JPEG")
    at = 2
    while data[at + 1] not in (0xC0, 0xC1, 0xC2):
        _demand(data[at] == 0xFF, "JPEG marker")
        at += 2 + struct.unpack_from(">H", data, at + 2)[0]
    height, width = struct.unpack_from(">HH", data, at + 5)
    return width, height


def read_hdr(data):
    """(width, height, rows of (r, g, b)) of a Radiance picture whose lines are run-length encoded."""
    head, rest = data.split(b"\n\n", 1)
    _demand(head.startswith(b"#?RADIANCE\n") and b"FORMAT=32-bit_rle_rgbe" in head, "header")
    size, rest = rest.split(b"\n", 1)
    _, height, _, width = size.split()
    height, width, at, rows = int(height), int(width), 0, []
    _demand(size == b"-Y %d +X %d" % (height, width), "orientation")
    for _ in range(height):
        _demand(rest[at:at + 4] == bytes((2, 2, width >> 8, width & 255)), "line start")
        at += 4
        channels = []
        for _ in range(4):
            line = bytearray()
            while len(line) < width:
                n = rest[at]
                _demand(n != 0, "empty run")
                line += bytes([rest[at + 1]]) * (n - 128) if n > 128 else rest[at + 1:at + 1 + n]
                at += 2 if n > 128 else 1 + n
            _demand(len(line) == width, "a run leaves its line")
            channels.append(line)
        rows.append([(r * f, g * f, b * f) for r, g, b, f in ((r, g, b, math.ldexp(1.0, e - 136) if e else 0.0) for r, g, b, e in zip(*channels))])
    _demand(at == len(rest), "bytes after the last line")
    return width, height, rows


class Models(unittest.TestCase):
    LARGEST = {"tabletop": 0.4, "warehouse": 0.5}  # [m]

    def each(self):
        paths = sorted(ASSETS.glob("*/*.glb"))
        self.assertGreaterEqual(len(paths), 20)
        self.largest = {path.stem: self.LARGEST[path.parent.name] for path in paths}
        for path in paths:
            yield path.stem, Glb(path.read_bytes())

    def test_surfaces_are_closed_wound_outwards_and_smooth(self):
        for name, model in self.each():
            self.check_surfaces(name, model)

    def check_surfaces(self, name, model):
        with self.subTest(name):
            corners, count = [], 0
            for _, _, points, normals, uv, triangles in model.triangles():
                self.assertEqual(len(points), len(normals))
                self.assertEqual(len(points), len(uv))
                self.assertEqual(set(i for t in triangles for i in t), set(range(len(points))), "each vertex is used, none is missing")
                self.assertTrue(all(abs(_dot(n, n) - 1) < 1e-5 for n in normals), "normals have length 1")
                for t in triangles:
                    a, b, c = (points[i] for i in t)
                    n = _cross(_minus(b, a), _minus(c, a))
                    self.assertGreater(_dot(n, n), 1e-22, "no empty triangle")  # area above 5e-12 m^2
                    self.assertTrue(all(_dot(n, normals[i]) > 0 for i in t), "normals are on the side that the winding says")
                    corners.append((a, b, c))
                count += len(triangles)
            self.assertTrue(1000 <= count <= 12000, count)
            if name not in STANDS:
                self.check_closed(corners)

    def check_closed(self, corners):
        edges = Counter((t[k], t[(k + 1) % 3]) for t in corners for k in range(3))
        self.assertTrue(all(n == 1 for n in edges.values()), "no edge is used twice the same way")
        self.assertTrue(all((b, a) in edges for a, b in edges), "each edge has its other side")
        for piece in pieces(corners):
            volume = sum(_dot(a, _cross(b, c)) for a, b, c in piece)
            self.assertGreater(volume, 0, "outside is outside")

    def test_objects_stand_on_their_origin(self):
        for name, model in self.each():
            points = [p for _, _, ps, _, _, _ in model.triangles() for p in ps]
            low, high = [[pick(p[k] for p in points) for k in range(3)] for pick in (min, max)]
            self.assertEqual(low[1], 0.0, name)
            if name in STANDS:
                continue
            self.assertTrue(0.01 < max(high[k] - low[k] for k in range(3)) < self.largest[name], (low, high))
            for k in (0, 2):
                self.assertTrue(low[k] < 0 < high[k], (low, high))

    def test_names_are_unique_and_pictures_are_small(self):
        for _, model in self.each():
            names = [n["name"] for n in model.json["nodes"]]
            self.assertEqual(len(names), len(set(names)))
            self.assertTrue(all(m["name"] for m in model.json["materials"]))
            self.assertEqual(len(model.json["scenes"][0]["nodes"]), 1, "one root")
            self.assertTrue(model.json["images"], "textured")
            for image in model.json["images"]:
                width, height = picture_size(model.view(image["bufferView"]))
                self.assertTrue(16 <= min(width, height) and max(width, height) <= 2048)

    def test_the_checks_see_damage(self):
        data = bytearray((FOLDER / "mug.glb").read_bytes())
        with self.assertRaises(ValueError):
            Glb(bytes(data[:-4]))
        model = Glb(bytes(data))
        at = next(i for i, a in enumerate(model.json["accessors"]) if "min" in a)
        model.json["accessors"][at]["min"][0] -= 0.001
        with self.assertRaises(ValueError):
            model.accessor(at)
        corners = [tuple(ps[i] for i in t) for _, _, ps, _, _, ts in Glb(bytes(data)).triangles() for t in ts]
        for damaged in (corners[1:], [corners[0][::-1]] + corners[1:], [t[::-1] for t in corners]):
            with self.assertRaises(AssertionError):
                self.check_closed(damaged)


class Skies(unittest.TestCase):
    def test_maps_are_level_and_finite(self):
        paths = sorted(FOLDER.glob("*.hdr"))
        self.assertGreaterEqual(len(paths), 3)
        for path in paths:
            with self.subTest(path.name):
                width, height, rows = read_hdr(path.read_bytes())
                self.assertEqual((width, height), (512, 256))
                floor = sky = 0.0
                for j, row in enumerate(rows):
                    theta = math.pi * (j + 0.5) / height
                    light = sum(0.2126 * r + 0.7152 * g + 0.0722 * b for r, g, b in row) / width
                    floor += max(math.cos(theta), 0) * math.sin(theta) * light * 2 * math.pi / height
                    sky += math.sin(theta) * light * math.pi / 2 / height
                self.assertTrue(0.4 < floor < 1.2, floor)  # radiance of a white floor
                self.assertTrue(0.1 < sky < 2.0, sky)
                self.assertLess(max(max(p) for row in rows for p in row), 60000.0)  # fits half floats


class Folder(unittest.TestCase):
    def test_it_is_small(self):
        self.assertLess(sum(p.stat().st_size for p in FOLDER.iterdir()), 6_000_000)


if __name__ == "__main__":
    unittest.main()
