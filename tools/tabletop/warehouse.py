"""What stands in a warehouse: cardboard boxes, a tote, a paint can, the hall; and a shelf whose legs can give way."""
import numpy as np

from .gltf import Material, Model, Part
from .mesh import Mesh, extrude, filleted, finish, grid, lathe, merge, moved, rotation, rounded_box
from .noise import fbm, unit
from .paint import Canvas, blurred, jpeg, linear, mix, png, rgb, step, surface, texels, tiled

KRAFT, INK, TAPE = "#b78d5e", "#4b3524", "#cdb184"


# ---------------------------------------------------------------- cardboard

def carton(name, size, seed, draw):
    """A taped carton of `size` (width, height, depth) [m]; `draw(canvas, front)` prints onto its front."""
    w, h, d = size
    scale = 1000 / (w + d)  # points per metre: front and side in one row, the top below
    front = (4, 4, 4 + w * scale, 4 + h * scale)
    side = (front[2] + 8, 4, front[2] + 8 + d * scale, front[3])
    top = (4, front[3] + 8, 4 + w * scale, front[3] + 8 + d * scale)
    width, height = 1024, int(np.ceil((top[3] + 4) / 16) * 16)
    c = Canvas(width, height, KRAFT)
    draw(c, front)
    tape_marks = _tape(c, side, top, scale)
    _handling_marks(c, side, scale)
    u, v = texels(width, height)
    flute = 0.012 * np.sin(2 * np.pi * u * width / 5.5) * (v * height < front[3] + 4)
    fibre = 0.030 * fbm(np.stack([u * 500, v * 140], -1), 3, seed) + 0.035 * fbm(np.stack([u * 9, v * 9], -1), 4, seed + 1)
    paint = c.pixels() * (1 + (flute + fibre) * (1 - 0.6 * tape_marks))[..., None]
    rough = 0.86 - 0.52 * tape_marks + 0.05 * fbm(np.stack([u * 60, v * 60], -1), 3, seed + 2)

    def atlas(r):
        return r[0] / width, r[1] / height, r[2] / width, r[3] / height
    mesh = rounded_box(size, 0.004, 3, {"+z": atlas(front), "-z": atlas(front), "+x": atlas(side), "-x": atlas(side),
                                        "+y": atlas(top), "-y": atlas(top)}, fill=6)
    mesh = moved(mesh, (0, h / 2, 0))
    card = Material("Cardboard", roughness=1.0, color_map=jpeg(paint, 80), surface_map=jpeg(surface(rough[::2, ::2]), 75))
    return Model(name, [Part("Body", card, mesh)], crease=40)


def _tape(c, side, top, scale):
    """A strip over the seam of the flaps and down both ends; gives where it is, 0..1."""
    middle, half = (top[1] + top[3]) / 2, 0.024 * scale
    c.line([(top[0], middle), (top[2], middle)], INK, 1.2)
    strips = [(top[0], middle - half, top[2], middle + half)]
    x = (side[0] + side[2]) / 2
    strips.append((x - half, side[1], x + half, side[1] + 0.06 * scale))
    for strip in strips:
        c.box(*strip, TAPE)
    c.line([(top[0], middle), (top[2], middle)], "#b59663", 1)
    where = np.zeros((c.size[1], c.size[0]))
    for x0, y0, x1, y1 in strips:
        where[int(y0):int(y1), int(x0):int(x1)] = 1
    return where


def _handling_marks(c, side, scale):
    s = 0.055 * scale
    y = side[3] - 1.25 * s
    for k in range(2):
        x = side[0] + (0.8 + 1.1 * k) * s
        c.shape([(x - 0.3 * s, y), (x, y - 0.5 * s), (x + 0.3 * s, y)], INK)
        c.box(x - 0.11 * s, y, x + 0.11 * s, y + 0.45 * s, INK)
    c.line([(side[0] + 0.3 * s, y + 0.6 * s), (side[0] + 2.4 * s, y + 0.6 * s)], INK, 0.07 * s)


def _shipping_label(c, x, y, w, seed):
    h = 0.68 * w
    c.box(x, y, x + w, y + h, "#f1efe8", 3)
    c.text(x + 0.07 * w, y + 0.12 * w, "TO", 0.05 * w, "#222222", anchor="lm")
    for k, words in enumerate(["Dock 4, Bay 12", "Harbour Road 88", "2100 Eastport"]):
        c.text(x + 0.18 * w, y + (0.12 + 0.075 * k) * w, words, 0.05 * w, "#222222", "DejaVuSans", anchor="lm")
    c.line([(x + 0.05 * w, y + 0.35 * w), (x + 0.95 * w, y + 0.35 * w)], "#222222", 1.5)
    c.barcode(x + 0.1 * w, y + 0.40 * w, 0.8 * w, 0.18 * w, seed)


def _branded(name, words, color, seed):
    def draw(c, front):
        x0, y0, x1, y1 = front
        w, h = x1 - x0, y1 - y0
        c.text((x0 + x1) / 2, y0 + 0.26 * h, name, 0.17 * w, color, spread=0.01 * w)
        c.text((x0 + x1) / 2, y0 + 0.43 * h, words, 0.052 * w, color, "DejaVuSans")
        c.line([(x0 + 0.1 * w, y0 + 0.51 * h), (x1 - 0.1 * w, y0 + 0.51 * h)], color, 0.008 * w)
        _shipping_label(c, x0 + 0.60 * w, y0 + 0.58 * h, min(0.34 * w, 0.52 * h), seed)
    return draw


def small_box():
    return carton("SmallBox", (0.23, 0.15, 0.16), 401, _branded("PARIO", "fasteners · 600 pcs", "#7a2a20", 91734))


def medium_box():
    return carton("MediumBox", (0.33, 0.22, 0.25), 411, _branded("nordlift", "spare parts for lifts and hoists", "#1f4a6e", 28611))


def large_box():
    return carton("LargeBox", (0.44, 0.30, 0.34), 421, _branded("AULA", "office & kitchen", INK, 55103))


# ---------------------------------------------------------------- tote and can

def tote():
    """A closed container of plastic: tapered, ribbed under its rim, with a lid."""
    w, h, d = 0.40, 0.20, 0.30
    body = rounded_box((w, h, d), 0.018, 4, fill=8)
    taper = 0.93 + 0.07 * (body.points[:, 1:2] / h + 0.5)
    body.points[:, [0, 2]] *= taper
    body = moved(body, (0, h / 2, 0))
    rim = moved(rounded_box((w + 0.022, 0.030, d + 0.022), 0.006, 3), (0, h - 0.006, 0))
    lid = moved(rounded_box((w + 0.006, 0.016, d + 0.006), 0.006, 3), (0, h + 0.016, 0))
    grips = [moved(rounded_box((0.012, 0.024, 0.13), 0.005, 2), (s * (w / 2 + 0.011), h - 0.052, 0)) for s in (-1, 1)]
    grain = 0.46 + 0.06 * tiled(128, 128, 24, 24, 3, 431)
    look = jpeg(np.clip(np.ones((64, 64, 3)) * 0.97 + 0.02 * tiled(64, 64, 16, 16, 2, 432)[..., None], 0, 1), 85)
    plastic = Material("Plastic", linear("#3f6d9c"), roughness=1.0, color_map=look, surface_map=jpeg(surface(grain), 80))
    cover = Material("LidPlastic", linear("#53575c"), roughness=1.0, color_map=look, surface_map=jpeg(surface(grain), 80))
    return Model("Tote", [Part("Body", plastic, merge(body, rim, *grips)), Part("Lid", cover, lid)], crease=40)


def paint_can():
    r, h = 0.084, 0.190
    wall = filleted([(0, 0.003, 0), (r - 0.006, 0.003, 0.001), (r - 0.004, 0, 0.001), (r, 0, 0.0012), (r, 0.006, 0.0012), (r - 0.0015, 0.009, 0.001),
                     (r - 0.0015, h - 0.009, 0.001), (r, h - 0.006, 0.0012), (r, h, 0.0012), (r - 0.006, h, 0.001), (r - 0.009, h - 0.006, 0.001), (r - 0.016, h - 0.006, 0.001),
                     (r - 0.018, h - 0.002, 0.001), (0, h - 0.002, 0)], segments=2)
    low, high = 0.016, h - 0.016
    band = np.array([(r - 0.0013, low), (r - 0.0013, high)])
    label = lathe(np.concatenate([[[r - 0.0016, low - 0.0001]], band, [[r - 0.0016, high + 0.0001]]]), 64)
    inner = lathe(np.array([(r - 0.0016, high + 0.0001), (r - 0.0016, low - 0.0001)]), 64)
    c = Canvas(1024, 320, "#e9e6dd")
    for k in range(2):
        x = 256 + 512 * k
        c.box(x - 256, 210, x + 256, 320, "#2f6f62")
        c.text(x, 92, "MURAL", 92, "#2f6f62", "DejaVuSansCondensed-Bold", spread=8)
        c.text(x, 160, "matt wall paint for indoors", 25, "#56534b", "DejaVuSans")
        c.text(x, 262, "5 L · warm white", 40, "#ffffff")
    print_ = c.pixels() * (1 + 0.012 * tiled(1024, 320, 256, 80, 1, 441))[..., None]
    brushed = 0.30 + 0.08 * tiled(256, 256, 2, 60, 3, 442)
    tin = Material("Tin", linear("#c9c9c5"), 1.0, 1.0, surface_map=jpeg(surface(brushed, 1.0), 80))
    return Model("PaintCan", [Part("Body", tin, lathe(wall, 64)), Part("Label", Material("Print", roughness=0.42, color_map=jpeg(print_, 80)), merge(label, inner))], crease=35)


# ---------------------------------------------------------------- the hall

def concrete(n=1024):
    cloud = tiled(n, n, 4, 4, 6, 451) + 0.4 * tiled(n, n, 24, 24, 4, 452)
    stain = step(0.30, 0.75, tiled(n, n, 3, 3, 5, 453))
    c = mix(np.broadcast_to(rgb("#98968f"), (n, n, 3)), rgb("#807d76"), np.clip(0.5 + 0.55 * cloud, 0, 1))
    c = mix(c, rgb("#6c6963"), 0.35 * stain)
    rough = 0.50 + 0.16 * tiled(256, 256, 6, 6, 4, 454) - 0.10 * stain[::4, ::4]
    return jpeg(c, 78), jpeg(surface(rough), 72)


def flat_grid(x, z, y, tile):
    gx, gz = np.meshgrid(x, -z)
    return grid(np.stack([gx, np.full_like(gx, y), gz], -1), np.stack([gx, gz], -1) / tile)


def block(low, high, tile=1.0, radius=0.0):
    """A box between two corners whose picture repeats every `tile` metres."""
    low, high = np.asarray(low, float), np.asarray(high, float)
    box = rounded_box(high - low, radius or 0.002, 1)
    n = box.points / ((high - low) / 2)
    axis = np.argmax(np.abs(n), 1)
    p = box.points + (low + high) / 2
    u = np.where(axis == 0, p[:, 2], p[:, 0])
    v = np.where(axis == 1, p[:, 2], -p[:, 1])
    return Mesh(p, np.stack([u, v], 1) / tile, box.faces)


def hall():
    """A corner of a warehouse: 16 x 10 m of floor with marked lanes, three walls of steel sheet, columns, lamps."""
    color, rough = concrete()
    floor = flat_grid(np.linspace(-8, 8, 17), np.linspace(-5, 5, 11), 0.0, 4.0)
    yellow = Material("LanePaint", linear("#c99a1e"), roughness=1.0, color_map=jpeg(np.clip(0.93 + 0.10 * tiled(128, 128, 9, 9, 4, 461)[..., None] * np.ones(3), 0, 1), 80),
                      surface_map=jpeg(surface(0.62 + 0.06 * tiled(64, 64, 8, 8, 3, 462)), 80))
    lanes = merge(*[flat_grid(np.array([-8.0, 8.0]), np.array([z - 0.05, z + 0.05]), 0.0004, 1.0) for z in (-1.6, 3.2)])
    n = 512
    u, v = texels(n, n)
    rib = 0.5 + 0.5 * np.tanh(4 * np.sin(2 * np.pi * 6 * u))
    dirt = step(0.2, 0.9, tiled(n, n, 5, 5, 5, 463)) * 0.25
    sheet = mix(np.broadcast_to(rgb("#c7cbcc"), (n, n, 3)), rgb("#8e9496"), 0.18 * (1 - rib) + dirt)
    slope = np.gradient(blurred(rib, (0.1, 3)), axis=1) * 9
    normal = np.stack([-slope, np.zeros_like(slope), np.ones_like(slope)], -1)
    normal = normal / np.linalg.norm(normal, axis=-1, keepdims=True) * 0.5 + 0.5
    steel = Material("SheetSteel", roughness=1.0, color_map=jpeg(sheet, 80), surface_map=jpeg(surface(0.55 + 0.1 * tiled(128, 128, 6, 6, 3, 464), 0.0), 75),
                     normal_map=jpeg(normal, 88, fine=True))
    wall = merge(block((-8, 0, -5.1), (8, 5.2, -5.0), 2.0), block((-8.1, 0, -5), (-8, 5.2, 5), 2.0), block((8, 0, -5), (8.1, 5.2, 5), 2.0))
    paint = Material("ColumnPaint", linear("#5d6a70"), roughness=0.55)
    columns = merge(*[block((x - 0.14, 0, -4.98), (x + 0.14, 5.2, -4.66), 1.0, 0.01) for x in (-6, -2, 2, 6)])
    bumper = merge(*[block((x - 0.16, 0, -4.66), (x + 0.16, 1.1, -4.62), 1.0, 0.004) for x in (-6, -2, 2, 6)])
    guard = Material("GuardPaint", linear("#c99a1e"), roughness=0.5)
    lamp = Material("Lamp", (1.0, 1.0, 1.0), roughness=0.6, emission=(26.0, 24.8, 22.6))
    lamps = merge(*[block((x - 0.9, 5.0, z - 0.16), (x + 0.9, 5.04, z + 0.16)) for x in (-3, 1.2) for z in (-1.5, 2.0)])
    return Model("Hall", [Part("Floor", Material("Concrete", roughness=1.0, color_map=color, surface_map=rough), floor),
                          Part("Lanes", yellow, lanes), Part("Wall", steel, wall), Part("Columns", paint, columns), Part("Guards", guard, bumper),
                          Part("Lamps", lamp, lamps)], crease=35)


# ---------------------------------------------------------------- the shelf, as MJCF with surfaces in .obj

WIDE, DEEP, TALL, LEG = 1.20, 0.46, 1.84, 0.22  # [m]; LEG: the part of a post below the lowest deck
DECKS = (0.26, 0.74, 1.22, 1.70)  # upper sides [m]
POST, BOARD, BEAM = 0.042, 0.018, 0.050


def post(height):
    """Perforated steel; its picture runs up its height, 1.62 m of it."""
    box = rounded_box((POST, height, POST), 0.004, 2)
    n = np.abs(box.points / (np.array([POST, height, POST]) / 2))
    side = np.argmax(n, 1) != 1
    box.uv[:, 1] = np.where(side, (0.5 - box.points[:, 1] / height) * height / (TALL - LEG), 0.003)
    return box


def post_picture():
    c = Canvas(48, 1024, "#26507f")
    for k in range(32):
        y = 16 + 32 * k
        c.shape([(17, y - 5), (31, y - 5), (28, y + 6), (20, y + 6)], "#0c1420")
    grain = 1 + 0.05 * tiled(48, 1024, 6, 128, 4, 471)
    return png(c.pixels() * grain[..., None])


def board_picture(n=512):
    u, v = texels(n, n)
    p = np.stack([u * 70, v * 70], -1)
    chips = fbm(np.stack([u * 55, v * 150], -1), 2, 481) + fbm(p, 3, 482)
    c = mix(np.broadcast_to(rgb("#caa777"), (n, n, 3)), rgb("#8d6a40"), np.clip(0.45 + 0.8 * chips, 0, 1))
    return png(c, 200)


def shelf_surfaces():
    """name -> Mesh, y up; each is one surface of the shelf."""
    x, z = WIDE / 2 - POST / 2, DEEP / 2 - POST / 2
    corners = {"BackLeft": (-x, -z), "BackRight": (x, -z), "FrontLeft": (-x, z), "FrontRight": (x, z)}
    posts = [moved(post(TALL - LEG), (cx, LEG + (TALL - LEG) / 2, cz)) for cx, cz in corners.values()]
    beams, boards = [], {}
    for k, top in enumerate(DECKS):
        y = top - BOARD - BEAM / 2 + 0.012
        beams += [moved(rounded_box((WIDE - 2 * POST, BEAM, 0.026), 0.003, 1), (0, y, s * z)) for s in (-1, 1)]
        beams += [moved(rounded_box((0.026, BEAM * 0.8, DEEP - 2 * POST), 0.003, 1), (s * x, y, 0)) for s in (-1, 1)]
        board = moved(rounded_box((WIDE - 0.01, BOARD, DEEP - 0.01), 0.002, 1), (0, top - BOARD / 2, 0))
        board.uv = np.stack([board.points[:, 0], board.points[:, 2] + board.points[:, 1]], 1) / 0.6
        boards[f"Deck{k}"] = board
    braces = []
    for s in (-1, 1):
        for k in range(3):
            low, high = DECKS[k], DECKS[k + 1] - BEAM
            span = np.array([0, high - low, (DEEP - 2 * POST) * (-1)**k])
            bar = rounded_box((0.006, np.linalg.norm(span), 0.022), 0.002, 1)
            turn = rotation((1, 0, 0), np.degrees(np.arctan2(span[2], span[1])))
            braces.append(moved(bar, (s * x, (low + high) / 2, 0), turn))
    feet = {f"Leg{name}": merge(moved(post(LEG), (0, -LEG / 2, 0)), moved(rounded_box((0.07, 0.006, 0.07), 0.002, 1), (0, 0.003 - LEG, 0)))
            for name in corners}
    return {"Posts": merge(*posts), "Beams": merge(*beams), "Braces": merge(*braces), **boards}, feet, corners


def obj(mesh):
    """The text of a .obj, z up."""
    finish([mesh], 40.0)
    lines = []
    for p in mesh.points:
        lines.append(f"v {p[0]:.6g} {-p[2]:.6g} {p[1]:.6g}")
    for t in mesh.uv:
        lines.append(f"vt {t[0]:.5g} {1 - t[1]:.5g}")
    for n in mesh.normals:
        lines.append(f"vn {n[0]:.4f} {-n[2]:.4f} {n[1]:.4f}")
    for f in mesh.faces + 1:
        lines.append("f " + " ".join(f"{i}/{i}/{i}" for i in f))
    return "\n".join(lines) + "\n"


def shelf_files():
    """name -> bytes: shelf.xml, its surfaces and pictures."""
    surfaces, feet, corners = shelf_surfaces()
    look = {"Posts": "blue", "Beams": "orange", "Braces": "zinc"}
    files = {"shelf_post.png": post_picture(), "shelf_board.png": board_picture()}
    for name, mesh in surfaces.items():
        files[f"shelf_{name}.obj"] = obj(mesh).encode()
    files["shelf_Leg.obj"] = obj(feet["LegBackLeft"]).encode()

    def box(size, at, mass):
        half, at = [f"{s / 2:.6g}" for s in (size[0], size[2], size[1])], [f"{a:.6g}" for a in (at[0], -at[2], at[1])]
        return f'<geom class="solid" size="{" ".join(half)}" pos="{" ".join(at)}" mass="{mass}"/>'
    x, z = WIDE / 2 - POST / 2, DEEP / 2 - POST / 2
    shapes = [box((POST, TALL - LEG, POST), (cx, LEG + (TALL - LEG) / 2, cz), 2.4) for cx, cz in corners.values()]
    for top in DECKS:
        shapes.append(box((WIDE - 0.01, BOARD, DEEP - 0.01), (0, top - BOARD / 2, 0), 5.2))
        shapes += [box((WIDE - 2 * POST, BEAM - 0.012, 0.026), (0, top - BOARD - BEAM / 2 + 0.006, s * z), 0.9) for s in (-1, 1)]
    legs = []
    for name, (cx, cz) in corners.items():
        legs.append(f"""      <body name="Leg{name}" pos="{cx:.6g} {-cz:.6g} {LEG:.6g}">
        <joint name="Foot{name}" type="slide" axis="0 0 1" range="0 0.2" limited="true" stiffness="200000" damping="600" armature="5"/>
        <geom class="look" name="Leg{name}_surface" mesh="Leg" material="blue"/>
        {box((POST, LEG - 0.006, POST), (0, -LEG / 2 + 0.003, 0), 0.4)}
        {box((0.07, 0.006, 0.07), (0, 0.003 - LEG, 0), 0.2)}
      </body>""")
    text = f"""<!-- Made by tools/make_warehouse.py. A shelf of four decks; its feet telescope when what holds them lets go. -->
<mujoco model="shelf">
  <compiler angle="degree" autolimits="true"/>
  <default>
    <default class="look"><geom type="mesh" contype="0" conaffinity="0" group="1" mass="0"/></default>
    <default class="solid"><geom type="box" group="3" friction="0.55 0.005 0.0001"/></default>
  </default>
  <asset>
    <texture name="post" type="2d" file="shelf_post.png"/>
    <texture name="board" type="2d" file="shelf_board.png"/>
    <material name="blue" texture="post" roughness="0.42" metallic="0"/>
    <material name="orange" rgba="0.80 0.30 0.06 1" roughness="0.40" metallic="0"/>
    <material name="zinc" rgba="0.62 0.63 0.64 1" roughness="0.38" metallic="1"/>
    <material name="board" texture="board" roughness="0.75" metallic="0"/>
{chr(10).join(f'    <mesh name="{name}" file="shelf_{name}.obj" inertia="shell"/>' for name in [*surfaces, "Leg"])}
  </asset>
  <worldbody>
    <body name="Shelf">
      <freejoint/>
{chr(10).join(f'      <geom class="look" name="{name}" mesh="{name}" material="{look.get(name, "board")}"/>' for name in surfaces)}
{chr(10).join(f"      {s}" for s in shapes)}
{chr(10).join(legs)}
    </body>
  </worldbody>
</mujoco>
"""
    files["shelf.xml"] = text.encode()
    return files


ALL = [small_box, medium_box, large_box, tote, paint_can, hall]
