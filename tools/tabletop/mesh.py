"""Surfaces as triangles: lathed, swept, extruded, boxed, and polygonised from distance functions.

Frame: y up, right-handed, metres. Triangles turn counter-clockwise seen from outside. Texture coordinates
have their origin at the top left of the picture, as in glTF.
"""
from dataclasses import dataclass

import numpy as np

GRID = 2.0**-20  # positions are multiples of this [m]: what meets, meets exactly


@dataclass
class Mesh:
    points: np.ndarray  # [n, 3]
    uv: np.ndarray  # [n, 2]
    faces: np.ndarray  # [m, 3]
    normals: np.ndarray = None  # [n, 3], made by `finish`


def merge(*meshes):
    start = np.cumsum([0] + [len(m.points) for m in meshes[:-1]])
    return Mesh(np.concatenate([m.points for m in meshes]), np.concatenate([m.uv for m in meshes]),
                np.concatenate([m.faces + s for m, s in zip(meshes, start)]))


def moved(mesh, move=(0, 0, 0), turn=None, scale=1.0):
    """`turn`: a 3 x 3 rotation; scaled, then turned, then moved."""
    p = mesh.points * np.asarray(scale, float)
    if turn is not None:
        p = p @ np.asarray(turn).T
    return Mesh(p + np.asarray(move, float), mesh.uv, mesh.faces)


def flipped(mesh):
    return Mesh(mesh.points, mesh.uv, mesh.faces[:, ::-1])


def remapped(mesh, u0, v0, u1, v1):
    """The same mesh with its unit square of texture moved into a rectangle of the picture."""
    return Mesh(mesh.points, np.stack([u0 + (u1 - u0) * mesh.uv[:, 0], v0 + (v1 - v0) * mesh.uv[:, 1]], 1), mesh.faces)


def rotation(axis, degrees):
    x, y, z = np.asarray(axis, float) / np.linalg.norm(axis)
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    k = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    return np.eye(3) + s * k + (1 - c) * (k @ k)


def unit_vectors(v):
    return v / np.maximum(np.linalg.norm(v, axis=-1, keepdims=True), 1e-20)


# ---------------------------------------------------------------- curves

def spline(points, count, closed=False):
    """`count` points evenly along a centripetal Catmull-Rom curve through `points`."""
    p = np.asarray(points, float)
    ends = (p[-1], p[0], p[1]) if closed else (2 * p[0] - p[1], 2 * p[-1] - p[-2])
    p = np.concatenate([[ends[0]], p, ends[1:]] if closed else [[ends[0]], p, [ends[1]]])
    t = np.concatenate([[0], np.cumsum(np.sqrt(np.linalg.norm(np.diff(p, axis=0), axis=1)))])
    fine = []
    for i in range(1, len(p) - 2):
        s = np.linspace(t[i], t[i + 1], 33)[:-1, None]
        a = [(t[i + k] - s) / (t[i + k] - t[i + k - 1]) * p[i + k - 1] + (s - t[i + k - 1]) / (t[i + k] - t[i + k - 1]) * p[i + k] for k in (0, 1, 2)]
        b = [(t[i + k] - s) / (t[i + k] - t[i + k - 2]) * a[k - 1] + (s - t[i + k - 2]) / (t[i + k] - t[i + k - 2]) * a[k] for k in (1, 2)]
        fine.append((t[i + 1] - s) / (t[i + 1] - t[i]) * b[0] + (s - t[i]) / (t[i + 1] - t[i]) * b[1])
    fine = np.concatenate(fine + [p[-2][None]])
    return resampled(fine, count + 1)[:-1] if closed else resampled(fine, count)


def resampled(line, count):
    length = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(line, axis=0), axis=1))])
    at = np.linspace(0, length[-1], count)
    return np.stack([np.interp(at, length, line[:, k]) for k in range(line.shape[1])], 1)


def filleted(corners, closed=False, segments=5):
    """A polyline [(x, y, radius), ...] with its corners rounded by arcs."""
    c = np.asarray(corners, float)
    n, out = len(c), []
    for i in range(n):
        p, r = c[i, :2], c[i, 2]
        if r <= 0 or (not closed and i in (0, n - 1)):
            out.append(p)
            continue
        a, b = c[i - 1, :2] - p, c[(i + 1) % n, :2] - p
        la, lb = np.linalg.norm(a), np.linalg.norm(b)
        a, b = a / la, b / lb
        half = np.arccos(np.clip(a @ b, -1, 1)) / 2
        cut = min(r / np.tan(half), 0.499 * la, 0.499 * lb)
        r = cut * np.tan(half)
        middle = p + unit_vectors(a + b) * (r / np.sin(half))
        start, end = p + a * cut - middle, p + b * cut - middle
        angle = np.pi - 2 * half
        for k in range(segments + 1):
            t = k / segments
            out.append(middle + (np.sin((1 - t) * angle) * start + np.sin(t * angle) * end) / np.sin(angle))
    return np.array(out)


# ---------------------------------------------------------------- surfaces

def grid(points, uv, wrap=False, every=None):
    """A sheet [rows, columns, 3]; columns run to the right and rows upwards, seen from outside."""
    rows, columns = points.shape[:2]
    if wrap:
        points[:, -1] = points[:, 0]
    k = np.arange(rows * columns).reshape(rows, columns)
    a, b, c, d = k[:-1, :-1], k[:-1, 1:], k[1:, 1:], k[1:, :-1]
    faces = np.stack([np.stack([a, b, c], -1), np.stack([a, c, d], -1)], 2).reshape(-1, 3)
    return Mesh(points.reshape(-1, 3), uv.reshape(-1, 2), faces)


def lathe(profile, segments=48, planar=False, shape=None):
    """Turns a profile [(radius, height), ...] about y; outside is to the right of the way it runs (upwards: out).

    `planar` maps the texture as seen from above (or below); `shape(angle, point)` scales radii.
    """
    profile = np.asarray(profile, float)
    angle = np.linspace(0, 2 * np.pi, segments + 1)
    r = profile[:, None, 0] * (1 if shape is None else shape(angle[None, :], profile[:, None]))
    r = np.broadcast_to(r, (len(profile), segments + 1))
    y = np.broadcast_to(profile[:, None, 1], r.shape)
    points = np.stack([r * np.cos(angle), y, -r * np.sin(angle)], -1)
    if planar:
        size = 2.02 * np.abs(profile[:, 0]).max()
        uv = np.stack([0.5 + points[..., 0] / size, 0.5 + points[..., 2] / size], -1)
    else:
        length = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(profile, axis=0), axis=1))])
        v = np.broadcast_to(1 - (length / length[-1])[:, None], r.shape)
        uv = np.stack([np.broadcast_to(angle / (2 * np.pi), r.shape), v], -1)
    return grid(points, uv.copy(), wrap=True)


def lathe_texels(profile, width, height):
    """Positions [height, width, 3] of the texels of a `lathe` (without `shape`)."""
    profile = np.asarray(profile, float)
    length = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(profile, axis=0), axis=1))])
    at = (1 - (np.arange(height) + 0.5) / height) * length[-1]
    r, y = np.interp(at, length, profile[:, 0]), np.interp(at, length, profile[:, 1])
    angle = (np.arange(width) + 0.5) / width * 2 * np.pi
    return np.stack([r[:, None] * np.cos(angle), np.broadcast_to(y[:, None], (height, width)), -r[:, None] * np.sin(angle)], -1)


def frames(path):
    """Tangent, side and up of each point of a path, turned as little as possible along it."""
    t = unit_vectors(np.gradient(path, axis=0))
    side = np.cross([0, 1, 0], t[0])
    if np.linalg.norm(side) < 0.1:
        side = np.cross([0, 0, 1], t[0])
    sides = []
    for k in range(len(path)):
        side = unit_vectors(side - t[k] * (side @ t[k]))
        sides.append(side)
    sides = np.array(sides)
    return t, sides, np.cross(t, sides)


def sweep(path, width, height, segments=16, section=None, caps=True):
    """A tube along `path`: half `width` sideways and half `height` upwards, per point or for all.

    `section(angle)` gives the outline (default: the unit circle) as (side, up), counter-clockwise.
    """
    path = np.asarray(path, float)
    n = len(path)
    _, side, up = frames(path)
    angle = np.linspace(0, 2 * np.pi, segments + 1)
    x, y = (np.cos(angle), np.sin(angle)) if section is None else section(angle)
    w, h = (np.broadcast_to(np.asarray(a, float), n)[:, None, None] for a in (width, height))
    points = path[:, None] + side[:, None] * w * x[None, :, None] + up[:, None] * h * y[None, :, None]
    length = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(path, axis=0), axis=1))])
    uv = np.stack(np.broadcast_arrays((angle / (2 * np.pi))[None], 1 - (length / length[-1])[:, None]), -1).copy()
    if caps:
        points = np.concatenate([np.broadcast_to(path[:1, None], (1, segments + 1, 3)), points, np.broadcast_to(path[-1:, None], (1, segments + 1, 3))])
        uv = np.concatenate([uv[:1], uv, uv[-1:]])
    return grid(points, uv, wrap=True)


def ball(radius, rings=24, segments=32):
    a = np.linspace(-np.pi / 2, np.pi / 2, rings + 1)
    profile = np.stack([radius * np.cos(a), radius * np.sin(a)], 1)
    profile[[0, -1], 0] = 0
    return lathe(profile, segments)


def rounded_box(size, radius, steps=3, atlas=None, fill=1):
    """A box of full `size` about the origin, each flat of `fill` x `fill` quads.

    `atlas`: face ("+x" ...) -> (u0, v0, u1, v1); each face is upright seen from outside.
    """
    half = np.asarray(size, float) / 2
    out = []
    turn = np.tan(np.linspace(0, np.pi / 4, steps + 1))
    for axis, sign in [(0, 1), (0, -1), (1, 1), (1, -1), (2, 1), (2, -1)]:
        right, up = _face_axes(axis, sign)

        def line(k):
            inner = half[k] - radius
            between = np.linspace(-inner, inner, fill + 1)[1:-1]
            at = np.concatenate([np.full(steps + 1, -inner), between, np.full(steps + 1, inner)])
            return at, np.concatenate([-turn[::-1], 0 * between, turn])
        (pr, tr), (pu, tu) = line(np.argmax(np.abs(right))), line(np.argmax(np.abs(up)))
        out_dir = np.zeros(3)
        out_dir[axis] = sign
        bend = unit_vectors(out_dir + right * tr[None, :, None] + up * tu[:, None, None])
        points = out_dir * (half[axis] - radius) + right * pr[None, :, None] + up * pu[:, None, None] + radius * bend
        hr, hu = half[np.argmax(np.abs(right))], half[np.argmax(np.abs(up))]
        uv = np.stack([(points @ right / hr + 1) / 2, (1 - points @ up / hu) / 2], -1)
        m = grid(points, uv)
        name = "-+"[sign > 0] + "xyz"[axis]
        out.append(remapped(m, *atlas[name]) if atlas else m)
    return merge(*out)


def _face_axes(axis, sign):
    up = np.array([0, 0, -sign]) if axis == 1 else np.array([0, 1, 0])
    out = np.zeros(3)
    out[axis] = sign
    return np.cross(up, out).astype(float), up.astype(float)


def ears(outline):
    """Triangles of a simple polygon [n, 2], counter-clockwise, by ear clipping."""
    p = np.asarray(outline, float)
    ring, out = list(range(len(p))), []

    def cross(a, b, c):
        return (p[b][0] - p[a][0]) * (p[c][1] - p[a][1]) - (p[b][1] - p[a][1]) * (p[c][0] - p[a][0])

    while len(ring) > 3:
        best = None
        for k in range(len(ring)):
            a, b, c = ring[k - 1], ring[k], ring[(k + 1) % len(ring)]
            if cross(a, b, c) <= 1e-14:
                continue
            if any(cross(a, b, q) > -1e-15 and cross(b, c, q) > -1e-15 and cross(c, a, q) > -1e-15 for q in ring if q not in (a, b, c)):
                continue
            # the fattest ear keeps slivers out of the caps
            longest = max(np.sum((p[a] - p[b])**2), np.sum((p[b] - p[c])**2), np.sum((p[c] - p[a])**2))
            if best is None or cross(a, b, c) / longest > best[0]:
                best = (cross(a, b, c) / longest, k, (a, b, c))
        out.append(best[2])
        ring.pop(best[1])
    return np.array(out + [tuple(ring)])


def inset(outline, by):
    """Moves each corner of a counter-clockwise polygon inwards."""
    p = np.asarray(outline, float)
    before, after = unit_vectors(p - np.roll(p, 1, 0)), unit_vectors(np.roll(p, -1, 0) - p)
    n0, n1 = np.stack([-before[:, 1], before[:, 0]], 1), np.stack([-after[:, 1], after[:, 0]], 1)
    return p + by * (n0 + n1) / np.maximum(1 + np.sum(n0 * n1, 1, keepdims=True), 0.3)


def extrude(outline, depth, bevel=0.0, steps=3):
    """A plate: the counter-clockwise outline in x-y, `depth` along z about 0, with rounded rims. Texture: front view."""
    outline = np.asarray(outline, float)
    low, high = outline.min(0), outline.max(0)
    layers = []
    for k in range(steps + 1 if bevel else 1):
        a = (k / steps) * np.pi / 2 if bevel else np.pi / 2
        layers.append((bevel * (1 - np.sin(a)), -depth / 2 + bevel * (1 - np.cos(a))))
    layers += [(i, -z) for i, z in reversed(layers)]
    rings = [np.concatenate([inset(outline, i) if i else outline, np.full((len(outline), 1), z)], 1) for i, z in layers]
    points = np.stack([np.concatenate([r, r[:1]]) for r in rings])

    def seen(p):
        return np.stack([(p[..., 0] - low[0]) / (high - low)[0], 1 - (p[..., 1] - low[1]) / (high - low)[1]], -1)
    side = grid(points, seen(points), wrap=True)
    cap = ears(rings[-1][:, :2])
    front = Mesh(rings[-1], seen(rings[-1]), cap)
    back = Mesh(rings[0], seen(rings[0]), cap[:, ::-1])
    return merge(side, front, back)


def polygonised(distance, low, high, step):
    """The zero surface of `distance(points [..., 3])` (negative inside) by surface nets, then pulled onto it."""
    low = np.asarray(low, float)
    count = np.ceil((np.asarray(high) - low) / step).astype(int) + 1
    axes = [low[k] + step * np.arange(count[k]) for k in range(3)]
    value = distance(np.stack(np.meshgrid(*axes, indexing="ij"), -1))
    inside = value < 0
    corners = [(i, j, k) for i in (0, 1) for j in (0, 1) for k in (0, 1)]
    cut = [slice(None, -1), slice(1, None)]
    filled = sum(inside[cut[i], cut[j], cut[k]].astype(int) for i, j, k in corners)
    active = (filled > 0) & (filled < 8)
    index = np.full(active.shape, -1)
    index[active] = np.arange(active.sum())
    points = low + step * (np.argwhere(active) + 0.5)
    for _ in range(8):
        points -= gradient(distance, points, step * 0.02) * distance(points)[:, None] * 0.9
    faces = []
    for axis in range(3):
        a = np.moveaxis(inside, axis, 0)
        ix = np.moveaxis(index, axis, 0)
        crosses = a[:-1, 1:-1, 1:-1] != a[1:, 1:-1, 1:-1]
        x, y, z = np.nonzero(crosses)
        q = np.stack([ix[x, y, z], ix[x, y + 1, z], ix[x, y + 1, z + 1], ix[x, y, z + 1]], 1)
        backwards = ~a[:-1, 1:-1, 1:-1][crosses]
        if axis == 1:
            backwards = ~backwards
        q[backwards] = q[backwards][:, ::-1]
        faces += [q[:, [0, 1, 2]], q[:, [0, 2, 3]]]
    return Mesh(points, np.zeros((len(points), 2)), np.concatenate(faces))


def gradient(distance, points, h):
    """Unit gradients by central differences."""
    d = [distance(points + h * e) - distance(points - h * e) for e in np.eye(3)]
    return unit_vectors(np.stack(d, -1))


# ---------------------------------------------------------------- finishing

def finish(meshes, crease=40.0):
    """Welds, drops empty triangles, and gives normals that are smooth across all `meshes` but for edges sharper than `crease` degrees."""
    for m in meshes:
        m.points = np.round(m.points / GRID) * GRID
    points = np.concatenate([m.points for m in meshes])
    start = np.cumsum([0] + [len(m.points) for m in meshes])
    _, weld = np.unique(points, axis=0, return_inverse=True)
    weld = weld.reshape(-1)
    kept = []
    for m, s in zip(meshes, start):
        w = weld[m.faces + s]
        good = (w[:, 0] != w[:, 1]) & (w[:, 1] != w[:, 2]) & (w[:, 2] != w[:, 0])
        m.faces = m.faces[good]
        kept.append(m.faces + s)
    faces = np.concatenate(kept)
    corner_normals = _corner_normals(points, weld, faces, crease)
    at = 0
    for m in meshes:
        _split(m, corner_normals[at:at + len(m.faces)])
        at += len(m.faces)
    return meshes


def _corner_normals(points, weld, faces, crease):
    a, b, c = (points[faces[:, k]] for k in range(3))
    normal = unit_vectors(np.cross(b - a, c - a))
    corner_angle = np.zeros(faces.shape)
    for k in range(3):
        e = unit_vectors(points[faces[:, (k + 1) % 3]] - points[faces[:, k]])
        f = unit_vectors(points[faces[:, (k + 2) % 3]] - points[faces[:, k]])
        corner_angle[:, k] = np.arccos(np.clip(np.sum(e * f, 1), -1, 1))
    vertex = weld[faces].reshape(-1)
    face_of = np.repeat(np.arange(len(faces)), 3)
    order = np.argsort(vertex, kind="stable")
    first = np.concatenate([[0], np.nonzero(np.diff(vertex[order]))[0] + 1, [len(order)]])
    out = np.zeros((len(order), 3))
    weight = corner_angle.reshape(-1)
    limit = np.cos(np.radians(crease))
    for s, e in zip(first[:-1], first[1:]):
        who = order[s:e]
        n = normal[face_of[who]]
        near = (n @ n.T >= limit) * weight[who][None]
        out[who] = near @ n
    return unit_vectors(out).reshape(-1, 3, 3)


def _split(mesh, corner_normals):
    """One vertex for each different (position, texture coordinate, normal)."""
    index = mesh.faces.reshape(-1)
    rows = np.concatenate([mesh.points[index], np.round(mesh.uv[index], 6), np.round(corner_normals.reshape(-1, 3), 4)], 1)
    keys, first, inverse = np.unique(rows, axis=0, return_index=True, return_inverse=True)
    order = np.argsort(first, kind="stable")  # keep the order in which the surface was made
    rank = np.empty(len(order), int)
    rank[order] = np.arange(len(order))
    first = first[order]
    mesh.points, mesh.uv = mesh.points[index][first], mesh.uv[index][first]
    mesh.normals = unit_vectors(corner_normals.reshape(-1, 3)[first])
    mesh.faces = rank[inverse.reshape(-1)].reshape(-1, 3)
