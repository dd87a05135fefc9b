"""Writes a model as binary glTF 2.0.

    glb    = header, JSON chunk, BIN chunk, each padded to 4 bytes
    BIN    = per part: POSITION f32x3, NORMAL f32x3, TEXCOORD_0 u16x2 normalised (f32x2 where it repeats), indices u16;
             then the pictures, as they are
"""
import json
import struct
from dataclasses import dataclass

import numpy as np

from .mesh import finish, rotation


@dataclass
class Material:
    name: str
    color: tuple = (1.0, 1.0, 1.0)  # linear, times the map
    metallic: float = 0.0
    roughness: float = 0.5
    color_map: bytes = None  # encoded pictures
    surface_map: bytes = None  # green: roughness, blue: metalness
    normal_map: bytes = None
    normal_scale: float = 1.0
    transmission: float = 0.0  # thin-walled; `color` tints what passes
    ior: float = 1.5
    emission: tuple = None


@dataclass
class Part:
    name: str
    material: Material
    mesh: object
    group: str = ""  # name of a node between the root and this part


@dataclass
class Model:
    name: str  # the root node
    parts: list
    crease: float = 40.0
    turn: float = 0.0  # degrees about y


def _media_type(data):
    return "image/png" if data[:4] == b"\x89PNG" else "image/jpeg"


class _Writer:
    def __init__(self):
        self.bin = bytearray()
        self.json = {"asset": {"version": "2.0", "generator": "worldmill tools/make_tabletop.py", "copyright": "CC0-1.0"}, "scene": 0,
                     "scenes": [], "nodes": [], "meshes": [], "materials": [], "accessors": [], "bufferViews": [],
                     "textures": [], "images": [], "samplers": [{"magFilter": 9729, "minFilter": 9987, "wrapS": 10497, "wrapT": 10497}]}
        self.extensions = set()
        self.pictures = {}
        self.material_index = {}

    def add(self, kind, item):
        self.json[kind].append(item)
        return len(self.json[kind]) - 1

    def view(self, data, **more):
        self.bin.extend(b"\0" * (-len(self.bin) % 4))
        view = {"buffer": 0, "byteOffset": len(self.bin), "byteLength": len(data), **more}
        self.bin.extend(data)
        return self.add("bufferViews", view)

    def accessor(self, array, component, kind, target, **more):
        view = self.view(array.tobytes(), target=target)
        return self.add("accessors", {"bufferView": view, "componentType": component, "count": len(array), "type": kind, **more})

    def texture(self, data):
        if data not in self.pictures:
            image = self.add("images", {"bufferView": self.view(data), "mimeType": _media_type(data)})
            self.pictures[data] = self.add("textures", {"sampler": 0, "source": image})
        return {"index": self.pictures[data]}

    def material(self, m):
        if id(m) in self.material_index:
            return self.material_index[id(m)]
        pbr = {"baseColorFactor": [round(float(c), 5) for c in m.color] + [1.0], "metallicFactor": m.metallic, "roughnessFactor": m.roughness}
        out = {"name": m.name, "pbrMetallicRoughness": pbr}
        if m.color_map:
            pbr["baseColorTexture"] = self.texture(m.color_map)
        if m.surface_map:
            pbr["metallicRoughnessTexture"] = self.texture(m.surface_map)
        if m.normal_map:
            out["normalTexture"] = {**self.texture(m.normal_map), "scale": m.normal_scale}
        if m.emission:
            strength = max(1.0, *m.emission)
            out["emissiveFactor"] = [round(c / strength, 5) for c in m.emission]
            if strength > 1:
                out["extensions"] = {"KHR_materials_emissive_strength": {"emissiveStrength": strength}}
                self.extensions.add("KHR_materials_emissive_strength")
        if m.transmission:
            out["extensions"] = self.glass(m)
        self.material_index[id(m)] = self.add("materials", out)
        return self.material_index[id(m)]

    def glass(self, m):
        out = {"KHR_materials_transmission": {"transmissionFactor": m.transmission}, "KHR_materials_ior": {"ior": m.ior}}
        self.extensions |= set(out)
        return out

    def mesh(self, part):
        m = part.mesh
        p = m.points.astype("<f4")
        uv = m.uv
        inside = uv.min() >= 0 and uv.max() <= 1
        attributes = {
            "POSITION": self.accessor(p, 5126, "VEC3", 34962, min=p.min(0).tolist(), max=p.max(0).tolist()),
            "NORMAL": self.accessor(m.normals.astype("<f4"), 5126, "VEC3", 34962),
            "TEXCOORD_0": self.accessor(np.round(uv * 65535).astype("<u2"), 5123, "VEC2", 34962, normalized=True) if inside
            else self.accessor(uv.astype("<f4"), 5126, "VEC2", 34962)}
        small = len(p) < 65535
        indices = self.accessor(m.faces.reshape(-1).astype("<u2" if small else "<u4"), 5123 if small else 5125, "SCALAR", 34963)
        return self.add("meshes", {"name": part.name, "primitives": [
            {"attributes": attributes, "indices": indices, "material": self.material(part.material), "mode": 4}]})

    def finish(self):
        self.bin.extend(b"\0" * (-len(self.bin) % 4))
        self.json["buffers"] = [{"byteLength": len(self.bin)}]
        if self.extensions:
            self.json["extensionsUsed"] = sorted(self.extensions)
        self.json = {k: v for k, v in self.json.items() if v != []}
        if "textures" not in self.json:
            del self.json["samplers"]
        text = json.dumps(self.json, separators=(",", ":"), ensure_ascii=True).encode()
        text += b" " * (-len(text) % 4)
        chunks = struct.pack("<I4s", len(text), b"JSON") + text + struct.pack("<I4s", len(self.bin), b"BIN\0") + bytes(self.bin)
        return struct.pack("<4sII", b"glTF", 2, 12 + len(chunks)) + chunks


def stand(model):
    for p in model.parts:
        p.mesh.points = p.mesh.points @ rotation((0, 1, 0), model.turn).T
    low = min(p.mesh.points[:, 1].min() for p in model.parts)
    for p in model.parts:
        p.mesh.points[:, 1] -= low


def glb(model):
    """The bytes of the file: one root node, its parts below it; `group` puts a named node between. It is set down on y = 0."""
    stand(model)
    finish([p.mesh for p in model.parts], model.crease)
    w = _Writer()
    root = w.add("nodes", {"name": model.name, "children": []})
    groups = {"": root}
    for part in model.parts:
        if part.group not in groups:
            groups[part.group] = w.add("nodes", {"name": part.group, "children": []})
            w.json["nodes"][root]["children"].append(groups[part.group])
        node = w.add("nodes", {"name": part.name, "mesh": w.mesh(part)})
        w.json["nodes"][groups[part.group]]["children"].append(node)
    w.add("scenes", {"name": model.name, "nodes": [root]})
    return w.finish()
