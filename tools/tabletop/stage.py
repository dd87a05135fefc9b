"""The stage: an oak table on a tiled floor."""
import numpy as np

from .gltf import Material, Model, Part
from .mesh import Mesh, extrude, filleted, grid, merge, moved, rounded_box
from .noise import fbm, unit
from .paint import jpeg, linear, mix, ramp, rgb, step, surface, texels, tiled
from .wood import OAK, wood

WIDTH, DEPTH, HEIGHT, THICK = 1.40, 0.90, 0.74, 0.032  # [m]
BOARDS = 7


def table_top_texture(width=2048):
    """Seen from above: u along x, v along z. Boards of their own trees, glued side by side."""
    height = int(round(width * DEPTH / WIDTH))
    u, v = texels(width, height)
    x, z = u * WIDTH, v * DEPTH
    board = np.minimum((v * BOARDS).astype(int), BOARDS - 1)
    color, relief = np.zeros((height, width, 3)), np.zeros((height, width))
    for k in range(BOARDS):
        rows = np.nonzero(board[:, 0] == k)[0]
        s = slice(rows[0], rows[-1] + 1)
        middle = (k + 0.5) / BOARDS * DEPTH
        y = z[s] - middle
        p = np.stack([x[s] + 7.3 * k, y, np.zeros_like(y)], -1)
        c, r = wood(p, OAK, ((unit(k, 1) - 0.5) * 0.12, -0.02 - 0.09 * unit(k, 2)), seed=k)
        c = c * (0.90 + 0.16 * unit(k, 3)) * np.array([1.0, 0.99 + 0.02 * unit(k, 4), 0.97 + 0.05 * unit(k, 5)])
        gap = 1 - step(0.0, 0.0011, 0.5 * DEPTH / BOARDS - np.abs(y))
        if k in (0, BOARDS - 1):
            gap = gap * ((y > 0) if k == 0 else (y < 0))
        color[s], relief[s] = mix(c, rgb("#4a2f18"), 0.55 * gap), r - gap
    return color, relief


def rounded_slab():
    """The top: rounded corners in plan, rounded rims; texture seen from above over the whole picture."""
    plan = filleted([(-WIDTH / 2, -DEPTH / 2, 0.03), (WIDTH / 2, -DEPTH / 2, 0.03), (WIDTH / 2, DEPTH / 2, 0.03), (-WIDTH / 2, DEPTH / 2, 0.03)], closed=True, segments=8)
    slab = extrude(plan, THICK, 0.006, 4)
    p = np.stack([slab.points[:, 0], slab.points[:, 2], -slab.points[:, 1]], 1)
    # rims show the texture that lies just inside, stretched a little downwards
    uv = np.stack([0.5 + p[:, 0] / WIDTH, 0.5 + p[:, 2] / DEPTH], 1)
    side = np.clip((THICK / 2 - p[:, 1]) / THICK, 0, 1)[:, None] * 0.03
    uv = 0.5 + (uv - 0.5) * (0.998 - side)
    return moved(Mesh(p, uv, slab.faces), (0, HEIGHT - THICK / 2, 0))


def leg(x, z):
    length = HEIGHT - THICK + 0.004
    box = rounded_box((0.062, length, 0.062), 0.006, 3)
    taper = np.clip((length * 0.42 - box.points[:, 1]) / length, 0, 1)[:, None]
    box.points[:, [0, 2]] *= 1 - 0.42 * taper
    box.uv = np.stack([box.uv[:, 1], box.uv[:, 0] * 0.08 + 0.1 + 0.2 * (x > 0) + 0.4 * (z > 0)], 1)
    return moved(box, (x, length / 2, z))


def rail(size, at, k):
    box = rounded_box(size, 0.003, 2)
    box.uv = np.stack([box.uv[:, 0], 0.3 + 0.1 * k + 0.08 * box.uv[:, 1]], 1)
    return moved(box, at)


def table_parts():
    color, relief = table_top_texture()
    rough = 0.40 - 0.10 * relief + 0.05 * fbm(np.stack(texels(2048, color.shape[0]), -1) * 6, 4, 301)
    rough = rough[::4, ::4]
    top = Material("Oak", roughness=1.0, color_map=jpeg(color, 66), surface_map=jpeg(surface(rough), 70))
    frame = Material("OakFrame", linear("#e8dccb"), roughness=0.5, color_map=top.color_map)
    lx, lz, y = WIDTH / 2 - 0.075, DEPTH / 2 - 0.075, HEIGHT - THICK - 0.042
    legs = merge(*[leg(x, z) for x in (-lx, lx) for z in (-lz, lz)])
    rails = merge(rail((2 * lx, 0.088, 0.024), (0, y, lz), 0), rail((2 * lx, 0.088, 0.024), (0, y, -lz), 1),
                  rail((0.024, 0.088, 2 * lz), (lx, y, 0), 2), rail((0.024, 0.088, 2 * lz), (-lx, y, 0), 3))
    return [Part("Top", top, rounded_slab(), "Table"), Part("Legs", frame, legs, "Table"), Part("Rails", frame, rails, "Table")]


def floor_part(size=6.0, tile=0.6):
    """A slab of large stone tiles; the picture holds 4 x 4 of them and repeats."""
    n, per = 1024, 4
    u, v = texels(n, n)
    i, j = (u * per).astype(int), (v * per).astype(int)
    tone = unit(i, j, 7)
    fu, fv = np.abs((u * per) % 1 - 0.5), np.abs((v * per) % 1 - 0.5)
    joint = step(0.492, 0.497, np.maximum(fu, fv))
    cloud = tiled(n, n, 5, 5, 6, 311) + 0.35 * tiled(n, n, 60, 60, 3, 312)
    c = ramp(np.clip(0.5 + 0.55 * cloud + 0.22 * (tone - 0.5), 0, 1), [(0, "#8d8a84"), (0.5, "#a5a29b"), (1, "#b9b6ae")])
    c = mix(c, rgb("#6f6c67"), 0.8 * joint)
    rough = 0.42 + 0.18 * tiled(256, 256, 5, 5, 5, 313)
    half, count = size / 2, 8
    at = np.linspace(-half, half, count + 1)
    gx, gz = np.meshgrid(at, -at)
    top = grid(np.stack([gx, np.zeros_like(gx), gz], -1), np.stack([gx, gz], -1) / (per * tile) + 0.5)
    return Part("Floor", Material("Stone", roughness=1.0, color_map=jpeg(c, 72), surface_map=jpeg(surface(rough), 70)), top)


def stage():
    return Model("Stage", table_parts() + [floor_part()], crease=35)


ALL = [stage]
