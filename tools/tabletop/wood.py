"""Wood as a solid: growth rings around a pith, fibres and pores along it, so that faces of one piece agree."""
from dataclasses import dataclass

import numpy as np

from .noise import fbm, noise, unit
from .paint import mix, ramp, rgb, step


@dataclass
class Species:
    early: str
    late: str
    pore: str
    ring: float  # width of a year [m]
    pores: float  # how open the grain is, 0..1
    seed: int = 0


OAK = Species("#cfa672", "#a87a48", "#7a5432", 0.0055, 0.7, 11)
BEECH = Species("#e0b88a", "#cf9f6d", "#a9764a", 0.003, 0.35, 12)
PINE = Species("#ecc890", "#cf9350", "#b97d42", 0.004, 0.1, 13)
WALNUT = Species("#7a5236", "#543420", "#2c1a10", 0.004, 0.7, 14)
CEDAR = Species("#d9a077", "#b9764c", "#96593a", 0.0016, 0.15, 15)


def wood(points, species, pith=(0.0, -0.05), seed=0):
    """Colour (sRGB) and height 0..1 at points [..., 3] in metres; the grain runs along x, the pith at (y, z) = `pith`."""
    s = species.seed * 101 + seed
    x, y, z = points[..., 0], points[..., 1], points[..., 2]
    slow = np.stack([x * 2.2, y * 9, z * 9], -1)
    bend = 0.010 * fbm(slow, 3, s)
    r = np.hypot(y - pith[0] + bend, z - pith[1] + 0.012 * fbm(slow, 3, s + 9)) / species.ring
    r = r + 0.25 * fbm(np.stack([x * 14, y * 160, z * 160], -1), 3, s + 20)
    year = np.floor(r)
    t = r - year
    late = step(0.15, 0.85, t) * (1 - step(0.93, 1.0, t)) * (0.55 + 0.45 * unit(s, year))
    fibre = fbm(np.stack([x * 26, y * 900, z * 900], -1), 3, s + 30)
    dashes = noise(np.stack([x * 85, y * 1500, z * 1500], -1), s + 40)
    pore = species.pores * step(0.28, 0.6, dashes) * (1 - 0.75 * late)
    tone = fbm(np.stack([x * 3, y * 18, z * 18], -1), 3, s + 50)
    color = ramp(np.clip(late + 0.22 * fibre, 0, 1), [(0, species.early), (1, species.late)])
    color = color * (1 + 0.09 * tone + 0.05 * fibre)[..., None]
    color = mix(color, rgb(species.pore), 0.75 * pore)
    return np.clip(color, 0, 1), 0.6 + 0.25 * fibre - 0.6 * pore
