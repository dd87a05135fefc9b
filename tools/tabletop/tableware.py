"""Mug, bowl, tumbler, wine bottle."""
import numpy as np

from .gltf import Material, Model, Part
from .mesh import filleted, lathe, merge, spline, sweep
from .noise import cells
from .paint import Canvas, flat, jpeg, linear, mix, ramp, rgb, step, surface, texels, tiled


def cut(profile, height, rising=True):
    """Splits a profile where it first passes `height`; both halves get the point."""
    p = np.asarray(profile, float)
    for k in range(len(p) - 1):
        a, b = p[k, 1], p[k + 1, 1]
        if (a < height <= b) if rising else (a > height >= b):
            t = (height - a) / (b - a)
            m = p[k] + t * (p[k + 1] - p[k])
            return np.concatenate([p[:k + 1], [m]]), np.concatenate([[m], p[k + 1:]])
    raise ValueError("the profile does not pass this height")


def glaze(seed, speckles=0.35, size=512, height=None, aspect=3):
    """A near-white glaze to be tinted: cloudy, with iron speckles of different sizes; `aspect`: how many times wider than high its place is."""
    h = height or size
    c = 0.94 + 0.05 * tiled(size, h, 3, 3, 5, seed)
    u, v = texels(size, h)
    c = np.repeat(c[..., None], 3, -1)
    for n, strength in ((14, 0.75), (34, 0.55)):
        d, who = cells(np.stack([u * n * aspect, v * n], -1), seed + n, [n * aspect, n])
        spot = (who < speckles) * (1 - step(0.05 + 0.14 * who, 0.13 + 0.24 * who, d))
        c = mix(c, rgb("#4a3527"), strength * spot)
    return c


def clay(width, height, code="#b98d68", seed=5):
    grain = tiled(width, height, 48, 48, 3, seed, 0.7)
    cloud = tiled(width, height, 4, 4, 4, seed + 7)
    c = flat(width, height, code) * (1 + 0.10 * grain + 0.07 * cloud)[..., None]
    d, who = cells(np.stack(texels(width, height), -1) * 64, seed, [64, 64])
    return mix(c, rgb("#6b4a33"), 0.5 * (who < 0.2) * (1 - step(0.1, 0.3, d)))


def mug():
    profile = filleted([(0, 0.004, 0), (0.025, 0.004, 0.001), (0.0265, 0, 0.0008), (0.031, 0, 0.0012), (0.0405, 0.010, 0.008),
                        (0.0425, 0.0955, 0.0017), (0.0390, 0.0955, 0.0017), (0.0370, 0.010, 0.009), (0, 0.0075, 0)], segments=4)
    foot, rest = cut(profile, 0.017)
    body, inside = rest[:_top(rest)], rest[_top(rest) - 1:]
    body = refined(body, 0.012)
    path = spline([(0.0403, 0.078, 0), (0.052, 0.0805, 0), (0.068, 0.072, 0), (0.0735, 0.053, 0), (0.066, 0.034, 0), (0.051, 0.0265, 0), (0.0398, 0.0275, 0)], 33)
    swell = 1 + 0.55 * np.abs(np.linspace(-1, 1, 33))**8
    handle = sweep(path, 0.0062 * swell, 0.0040 * swell, 14)
    outside = Material("Glaze", linear("#2f7f86"), roughness=0.16, color_map=jpeg(glaze(1, 0.30), 74))
    raw = Material("Clay", roughness=0.85, color_map=jpeg(clay(256, 256), 80))
    white = Material("InnerGlaze", linear("#f2ede2"), roughness=0.14, color_map=outside.color_map)
    return Model("Mug", [Part("Body", outside, merge(lathe(body, 56), handle)), Part("Inside", white, lathe(inside, 56)),
                         Part("Foot", raw, lathe(foot, 56))])


def _top(profile):
    """Index just past the highest point of a profile that goes up and comes down again."""
    return int(np.argmax(profile[:, 1])) + 2


def refined(profile, longest):
    """More points where a profile has long straight stretches."""
    out = [profile[0]]
    for a, b in zip(profile[:-1], profile[1:]):
        n = max(1, int(np.ceil(np.linalg.norm(b - a) / longest)))
        out += [a + (b - a) * k / n for k in range(1, n + 1)]
    return np.array(out)


def bowl():
    outer = spline([(0.030, 0.0), (0.0335, 0.004), (0.036, 0.008), (0.054, 0.021), (0.068, 0.042), (0.0745, 0.066)], 14)
    lip = filleted([outer[-1].tolist() + [0], (0.0755, 0.0695, 0.0015), (0.0718, 0.0700, 0.0015), (0.0705, 0.064, 0)], segments=3)[1:-1]
    inner = spline([(0.0705, 0.064), (0.064, 0.043), (0.050, 0.024), (0.030, 0.0125), (0.012, 0.0095), (0, 0.0092)], 14)
    base = filleted([(0, 0.004, 0), (0.026, 0.004, 0.001), (0.0275, 0, 0.0008), (0.030, 0, 0)], segments=3)
    profile = np.concatenate([base[:-1], outer, lip, inner])
    foot, rest = cut(profile, 0.012)
    body, inside = rest[:_top(rest)], rest[_top(rest) - 1:]
    _, v = texels(512, 512)
    run = 0.05 * tiled(512, 512, 14, 2, 4, 31)
    c = ramp(np.clip(v + run, 0, 1), [(0.0, "#8c7560"), (0.035, "#d9cfc0"), (0.10, "#fbfaf6"), (0.35, "#d6d9dc"), (0.75, "#b9bdc2"), (1.0, "#aeb2b8")])
    c *= (1 + 0.10 * tiled(512, 512, 20, 20, 4, 33) + 0.06 * tiled(512, 512, 90, 6, 2, 36))[..., None]
    cream = ramp(np.clip(v + 0.02 * tiled(512, 512, 12, 3, 4, 37), 0, 1), [(0, "#8a5a32"), (0.03, "#cdb592"), (0.09, "#efe6d2"), (1, "#f1e9d8")])
    cream = cream[::-1] * (1 + 0.05 * tiled(512, 512, 4, 4, 4, 40))[..., None] * glaze(3, 0.24) / 0.94
    return Model("Bowl", [Part("Body", Material("Glaze", linear("#3d7fae"), roughness=0.20, color_map=jpeg(c, 74)), lathe(body, 64)),
                          Part("Inside", Material("InnerGlaze", roughness=0.16, color_map=jpeg(cream, 74)), lathe(inside, 64)),
                          Part("Foot", Material("Clay", roughness=0.85, color_map=jpeg(clay(256, 256), 80)), lathe(foot, 64))])


def wine_bottle():
    outline = filleted([(0, 0.012, 0), (0.020, 0.010, 0.006), (0.030, 0.0, 0.004), (0.0375, 0.0, 0.0045), (0.0375, 0.195, 0.026), (0.0165, 0.229, 0.026),
                        (0.0140, 0.283, 0), (0.0160, 0.284, 0.0006), (0.0160, 0.2945, 0.001), (0.0143, 0.2955, 0.0006), (0.0143, 0.3005, 0.0015), (0, 0.3005, 0)], segments=4)
    low, rest = cut(outline, 0.045)
    label, rest = cut(rest, 0.130)
    shoulder, capsule = cut(rest, 0.246)
    capsule = np.concatenate([[capsule[0]], [capsule[0] + (0.0004, 0)], capsule[1:] + np.where(capsule[1:, :1] > 0, (0.0004, 0.0), (0, 0))])
    c = Canvas(1024, 370, "#f3ecdc")
    for x in (512, 0, 1024):
        c.box(x - 250, 0, x + 250, 370, "#f3ecdc")
    c.box(0, 10, 1024, 14, "#8d2231")
    c.box(0, 356, 1024, 360, "#8d2231")
    c.disc(512, 98, 60, "#22313f")
    c.disc(530, 88, 54, "#f3ecdc")
    c.shape([(452 + 8 * k, 150 - 16 * (k % 2)) for k in range(16)] + [(572, 160), (452, 160)], "#22313f")
    c.text(512, 205, "MAISON LUNE", 40, "#22313f", "DejaVuSerif-Bold", spread=5)
    c.line([(392, 235), (632, 235)], "#b08d57", 2)
    c.text(512, 262, "Grand Vin des Collines", 22, "#8d2231", "DejaVuSerif-Italic")
    c.text(512, 300, "2019", 30, "#22313f", "DejaVuSerif", spread=8)
    c.text(512, 334, "750 ml   ·   13 % vol", 13, "#5b5348", "DejaVuSerif")
    for k, words in enumerate(["Pressed by moonlight from old", "vines on chalk. Dark cherry, cedar", "and a long, quiet finish.", "Serve at sixteen degrees."]):
        for x in (0, 1024):
            c.text(x, 90 + 24 * k, words, 15, "#5b5348", "DejaVuSerif")
    c.barcode(30, 220, 90, 50, 51963)
    paper = c.pixels() * (1 + 0.025 * tiled(1024, 370, 200, 72, 2, 61))[..., None]
    glass = flat(128, 128, "#ffffff") * (1 - 0.12 * np.clip(tiled(128, 128, 6, 6, 4, 62), 0, 1))[..., None]
    foil = 0.30 + 0.10 * tiled(256, 128, 8, 8, 4, 63)
    dark = Material("Glass", linear("#10241a"), roughness=0.04, color_map=jpeg(glass, 80))
    return Model("WineBottle", [
        Part("Glass", dark, merge(lathe(low, 44), lathe(refined(shoulder, 0.03), 44))),
        Part("Label", Material("Paper", roughness=0.62, color_map=jpeg(paper, 78)), lathe(label, 44)),
        Part("Capsule", Material("Foil", linear("#7c1f2e"), 0.85, 1.0, surface_map=jpeg(surface(foil, 1.0), 80)), lathe(capsule, 44))], turn=90)


def tumbler():
    outline = filleted([(0, 0.0022, 0), (0.024, 0.0022, 0.001), (0.0265, 0.0, 0.0012), (0.0315, 0.0, 0.003), (0.0405, 0.0995, 0.0011),
                        (0.0382, 0.0995, 0.0011), (0.0302, 0.013, 0.007), (0, 0.0115, 0)], segments=4)
    outline = refined(outline, 0.02)
    smudge = 0.03 + 0.05 * np.clip(tiled(256, 256, 5, 5, 5, 71), 0, 1)
    glass = Material("Glass", (0.89, 0.965, 0.955), roughness=1.0, surface_map=jpeg(surface(smudge), 80), transmission=1.0, ior=1.5)

    def facets(angle, point):
        depth = np.clip((0.055 - point[..., 1]) / 0.02, 0, 1) * np.clip((point[..., 0] - 0.0305) / 0.002, 0, 1)
        return 1 - 0.030 * depth * np.abs(np.sin(6 * angle))
    return Model("Tumbler", [Part("Body", glass, lathe(outline, 60, shape=facets))], crease=50)


ALL = [mug, bowl, wine_bottle, tumbler]
