#!/usr/bin/env python3
"""Makes recipes/assets/tabletop: objects and a table as .glb, environment maps as .hdr.

usage: tools/make_tabletop.py [-o DIR] [NAME ...]        NAME: mug, apple, stage, studio ... (default: all)

Needs numpy and Pillow, and the DejaVu fonts (Debian: python3-numpy python3-pil fonts-dejavu-core). The files it made
are in the repository; run it only to change them. The same versions of numpy and Pillow give the same bytes: those in
the repository came from numpy 1.26.4 and Pillow 13.0.0.
"""
import argparse
import sys
from pathlib import Path

from tabletop import environments, fruit, gltf, hdr, pantry, stage, tableware, things

FOLDER = Path(__file__).resolve().parent.parent / "recipes" / "assets" / "tabletop"
MODELS = {make.__name__: make for module in (tableware, fruit, pantry, things, stage) for make in module.ALL}
SKIES = {make.__name__: make for make in environments.ALL}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("-o", "--out", type=Path, default=FOLDER)
    parser.add_argument("names", nargs="*", help="only these")
    args = parser.parse_args()
    unknown = sorted(set(args.names) - set(MODELS) - set(SKIES))
    if unknown:
        sys.exit(f"make_tabletop: no such thing: {', '.join(unknown)}; there are {', '.join([*MODELS, *SKIES])}")
    args.out.mkdir(parents=True, exist_ok=True)
    for name, make in {**MODELS, **SKIES}.items():
        if args.names and name not in args.names:
            continue
        path = args.out / (f"{name}.glb" if name in MODELS else f"{name}.hdr")
        data = gltf.glb(make()) if name in MODELS else hdr.encoded(make())
        path.write_bytes(data)
        print(f"{path.name:24} {len(data):8} bytes")


if __name__ == "__main__":
    main()
