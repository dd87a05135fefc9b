#!/usr/bin/env python3
"""broken_assets.py PROGRAM FOLDER: assets that cannot be used give a diagnostic, no crash, and the other scenes go on.

Each broken file stands in a choice beside a sound one: the scenes that draw it fail with its sentence (exit 5), the others
are made. A recipe whose only asset is broken fails whole; `worldmill check` says so at once (exit 1)."""
import json
import math
import shutil
import struct
import subprocess
import sys
import zlib
from pathlib import Path

RECIPE = """
worldmill: 1
name: broken
order: {{scenes: 6, seed: 3}}
scene:
  add:
    thing: {{asset: {{choice: [sound.gltf, {broken}]}}}}
labels: {{thing: {{of: thing}}}}
sensors:
  cam: {{camera: {{resolution: [16, 12], fov: 50 deg}}, pose: {{look_at: thing, distance: 4 m, elevation: 30 deg}}}}
render: {{max_samples: 1}}
"""


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def huge_png():
    """A header that promises 30000 x 30000 pixels, and hardly any."""
    header = struct.pack(">IIBBBBB", 30000, 30000, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 100)) + chunk(b"IEND", b"")


def gltf(corners, texture=None):
    """One textured triangle, its vertices in a data file of its own."""
    document = {
        "asset": {"version": "2.0"}, "scene": 0, "scenes": [{"nodes": [0]}], "nodes": [{"mesh": 0, "name": "Thing"}],
        "meshes": [{"primitives": [{"attributes": {"POSITION": 0, "TEXCOORD_0": 1}, "material": 0}]}],
        "materials": [{"doubleSided": True}],
        "buffers": [{"byteLength": 60, "uri": "%s"}],
        "bufferViews": [{"buffer": 0, "byteLength": 36}, {"buffer": 0, "byteOffset": 36, "byteLength": 24}],
        "accessors": [
            {"bufferView": 0, "componentType": 5126, "count": 3, "type": "VEC3", "min": [0, 0, 0], "max": [1, 1, 1]},
            {"bufferView": 1, "componentType": 5126, "count": 3, "type": "VEC2"}]}
    if texture:
        document["images"], document["textures"] = [{"uri": texture}], [{"source": 0}]
        document["materials"][0]["pbrMetallicRoughness"] = {"baseColorTexture": {"index": 0}}
    data = struct.pack("<9f", *corners) + struct.pack("<6f", 0, 0, 1, 0, 0, 1)
    return document, data


SOUND = [0, 0, 0, 1, 0, 0, 0, 1, 1]


def write_gltf(folder, name, corners, texture=None):
    document, data = gltf(corners, texture)
    document["buffers"][0]["uri"] = f"{name}.bin"
    (folder / f"{name}.gltf").write_text(json.dumps(document))
    (folder / f"{name}.bin").write_bytes(data)
    return f"{name}.gltf"


def broken_files(folder):
    """Name of each broken asset -> a word that its sentence must hold."""
    glb = Path(__file__).resolve().parents[2] / "recipes/assets/tabletop/mug.glb"
    (folder / "cut.glb").write_bytes(glb.read_bytes()[:5000])
    (folder / "huge.png").write_bytes(huge_png())
    (folder / "noise.glb").write_bytes(bytes(range(256)) * 8)
    return {
        "cut.glb": "cut.glb",
        "noise.glb": "noise.glb",
        write_gltf(folder, "nan", [math.nan] + SOUND[1:]): "vertex 0",
        write_gltf(folder, "flat", [0] * 9): "area",
        write_gltf(folder, "untextured", SOUND, "nowhere.png"): "nowhere.png",
        write_gltf(folder, "huge_texture", SOUND, "huge.png"): "30000",
    }


def run(*command):
    return subprocess.run([str(c) for c in command], capture_output=True, text=True, timeout=120)


def main():
    program, folder = Path(sys.argv[1]).resolve(), Path(sys.argv[2])
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    write_gltf(folder, "sound", SOUND)
    wrong = []
    for name, word in broken_files(folder).items():
        recipe = folder / f"{name}.yaml"
        recipe.write_text(RECIPE.format(broken=name))
        made = run(program, "make", recipe, "-o", folder / f"out.{name}")
        failed = [line for line in made.stderr.splitlines() if " failed: " in line]
        if made.returncode != 5 or not failed or len(failed) >= 6:
            wrong.append(f"{name}: exit {made.returncode}, {len(failed)} of 6 failed\n{made.stdout}{made.stderr}")
        elif word not in failed[0]:
            wrong.append(f"{name}: no word of {word!r} in {failed[0]!r}")
        else:
            print(f"  {len(failed)} of 6 scenes: {failed[0].split(' failed: ')[1]}")
        if str(folder.resolve()) in (folder / f"out.{name}" / "ledger.jsonl").read_text():
            wrong.append(f"{name}: the ledger holds an absolute path")
        recipe.write_text(RECIPE.format(broken=name).replace("sound.gltf, ", ""))
        if run(program, "check", recipe).returncode != 1:
            wrong.append(f"{name}: check finds a recipe sound that cannot be made")
    print("\n".join(wrong) or "each was told, and the others went on")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
