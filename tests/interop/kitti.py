#!/usr/bin/env python3
"""kitti.py DIR: what a reader of KITTI's object benchmark makes of a dataset, by the devkit's own conventions alone.

For every DIR/NAME/PART/training/label_2:
  * images are 000000.png, 000001.png, ... without a gap, each with labels and calibration, all listed in ImageSets;
  * mapping.jsonl leads to the same picture in a `plain` entry, pixel by pixel;
  * lines have 15 fields in their ranges; alpha is rotation_y less the direction to the object;
  * corners of 3D boxes, through P2, lie around the 2D boxes.
Exit 1 and a sentence for each breach."""
import json
import math
import sys
from pathlib import Path

import numpy as np
from PIL import Image

PIXEL = 1.0  # [px] tolerance of projected boxes: 2D boxes are whole pixels


def corners(height, width, length, x, y, z, rotation_y):
    """[3, 8] in the camera's frame; (x, y, z) is the middle of the bottom face."""
    xs = length / 2 * np.array([1, 1, -1, -1, 1, 1, -1, -1])
    ys = height * np.array([0, 0, 0, 0, -1, -1, -1, -1])
    zs = width / 2 * np.array([1, -1, -1, 1, 1, -1, -1, 1])
    c, s = math.cos(rotation_y), math.sin(rotation_y)
    return np.array([[c, 0, s], [0, 1, 0], [-s, 0, c]]) @ np.array([xs, ys, zs]) + np.array([[x], [y], [z]])


def check_line(line, projection, size, complain):
    """Overlap of the 2D box with the projected 3D box; None where there is nothing to compare."""
    fields = line.split(" ")
    if len(fields) != 15:
        return complain(f"{len(fields)} fields: {line}")
    truncated, occluded, alpha, left, top, right, bottom, *box = map(float, fields[1:])
    if not (0 <= left <= right <= size[0] - 1 and 0 <= top <= bottom <= size[1] - 1):
        complain(f"the 2D box is not inside {size}: {line}")
    if fields[0] == "DontCare":
        return None
    if not 0 <= truncated <= 1 or occluded not in (0, 1, 2, 3):
        complain(f"truncated or occluded is out of range: {line}")
    if min(box[:3]) <= 0:
        return None  # no 3D box is known
    turned = (alpha - (box[6] - math.atan2(box[3], box[5])) + math.pi) % (2 * math.pi) - math.pi
    if abs(turned) > 1e-4:
        complain(f"alpha is {turned} rad off: {line}")
    points = projection @ np.vstack([corners(*box), np.ones(8)])
    if points[2].min() <= 0:
        return None  # reaches behind the camera
    low, high = (points[:2] / points[2]).min(axis=1), (points[:2] / points[2]).max(axis=1)
    if low[0] > left + PIXEL or low[1] > top + PIXEL or high[0] < right - PIXEL or high[1] < bottom - PIXEL:
        complain(f"the 3D box projects to {low} {high}, not around its 2D box: {line}")
    if truncated > 0 or occluded > 0:
        return None
    return (right - left + 1) * (bottom - top + 1) / ((high[0] - low[0] + 1) * (high[1] - low[1] + 1))


def check_image(number, part, plain, name, complain):
    training = part / "training"
    with Image.open(training / "image_2" / f"{number}.png") as picture:
        pixels, size = np.array(picture), picture.size
    twin = plain / "rgb" / f"{name}.png"
    if twin.exists():
        with Image.open(twin) as other:
            if not np.array_equal(pixels, np.array(other)):
                complain(f"{number} is not the picture {name} of plain")
    matrices = dict(line.split(":") for line in (training / "calib" / f"{number}.txt").read_text().splitlines() if line)
    projection = np.array(matrices["P2"].split(), float).reshape(3, 4)
    lines = (training / "label_2" / f"{number}.txt").read_text().splitlines()
    filled = [check_line(line, projection, size, lambda b: complain(f"{number}: {b}")) for line in lines]
    return len(lines), [f for f in filled if f is not None], twin.exists()


def check_part(part, plain, complain):
    listed = (part / "ImageSets" / "train.txt").read_text().split()
    if listed != [f"{i:06d}" for i in range(len(listed))]:
        complain("ImageSets/train.txt is not 000000, 000001, ... without a gap")
    for folder, ending in (("image_2", "png"), ("label_2", "txt"), ("calib", "txt")):
        there = sorted(p.name for p in (part / "training" / folder).iterdir()) if listed else []
        if there != [f"{number}.{ending}" for number in listed]:
            complain(f"training/{folder} does not hold exactly what ImageSets lists")
    mapping = [json.loads(line) for line in (part / "mapping.jsonl").read_text().splitlines()]
    if [m["number"] for m in mapping] != listed:
        complain("mapping.jsonl does not name exactly what ImageSets lists")
    labels, filled, twins = 0, [], 0
    for entry in mapping:
        count, shares, twin = check_image(entry["number"], part, plain, entry["image"], complain)
        labels, twins = labels + count, twins + twin
        filled += shares
    share = f", a whole object's 2D box fills {np.median(filled):.0%} of its projected 3D box" if filled else ""
    print(f"{part}: {len(listed)} pictures, {labels} labels, {twins} held against plain's{share}")


def main():
    if len(sys.argv) != 2:
        raise SystemExit("usage: kitti.py DIR")
    folder = Path(sys.argv[1])
    parts = sorted(p.parent.parent for p in folder.glob("*/*/ImageSets/train.txt"))
    if not parts:
        raise SystemExit(f"{folder}: no KITTI dataset in it")
    breaches = []
    for part in parts:
        check_part(part, folder / "plain" / part.name, lambda breach, part=part: breaches.append(f"{part}: {breach}"))
    print("\n".join(breaches))
    raise SystemExit(1 if breaches else 0)


if __name__ == "__main__":
    main()
