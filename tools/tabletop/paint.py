"""Pictures for surfaces: arrays [height, width, 3] of sRGB values 0..1, drawn, mixed and encoded."""
import io

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from .noise import fbm

FONTS = "/usr/share/fonts/truetype/dejavu/"


def rgb(code):
    """"#c0392b" -> sRGB in 0..1."""
    return np.array([int(code[k:k + 2], 16) for k in (1, 3, 5)]) / 255.0


def linear(code):
    """"#c0392b" -> linear, for a material's factor."""
    c = rgb(code)
    return tuple(float(x) for x in np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055)**2.4))


def step(low, high, x):
    t = np.clip((x - low) / (high - low), 0, 1)
    return t * t * (3 - 2 * t)


def mix(a, b, t):
    return a + (b - a) * np.asarray(t)[..., None]


def ramp(x, stops):
    """Colours at x between [(position, "#colour"), ...]."""
    at = [s[0] for s in stops]
    colors = np.array([rgb(s[1]) for s in stops])
    return np.stack([np.interp(x, at, colors[:, k]) for k in range(3)], -1)


def flat(width, height, code):
    return np.broadcast_to(rgb(code), (height, width, 3)).copy()


def texels(width, height):
    """(u, v) of texel centres, v downwards."""
    return np.meshgrid((np.arange(width) + 0.5) / width, (np.arange(height) + 0.5) / height)


def tiled(width, height, cells_x, cells_y, octaves=4, seed=0, gain=0.5):
    """Noise that repeats at the edges of the picture."""
    u, v = texels(width, height)
    return fbm(np.stack([u * cells_x, v * cells_y], -1), octaves, seed, gain, [cells_x, cells_y])


def blurred(a, sigma):
    """A Gaussian that wraps at the edges; `sigma` in pixels, or (down, across)."""
    sy, sx = sigma if np.ndim(sigma) else (sigma, sigma)
    fy, fx = np.fft.fftfreq(a.shape[0]), np.fft.fftfreq(a.shape[1])
    k = np.exp(-2 * np.pi**2 * ((fy * sy)[:, None]**2 + (fx * sx)[None]**2))
    k = k if a.ndim == 2 else k[..., None]
    return np.real(np.fft.ifft2(np.fft.fft2(a, axes=(0, 1)) * k, axes=(0, 1)))


def normals(height, strength):
    """A tangent-space normal map of a height field; `strength` = height of 1.0 in texels."""
    dx = (np.roll(height, -1, 1) - np.roll(height, 1, 1)) * 0.5 * strength
    dy = (np.roll(height, -1, 0) - np.roll(height, 1, 0)) * 0.5 * strength
    n = np.stack([-dx, dy, np.ones_like(dx)], -1)
    return n / np.linalg.norm(n, axis=-1, keepdims=True) * 0.5 + 0.5


def normals_on(profile, height):
    """The normal map of a height field [m] on a `lathe` of `profile`: true slopes, right up to the poles."""
    rows, columns = height.shape
    profile = np.asarray(profile, float)
    length = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(profile, axis=0), axis=1))])
    radius = np.interp((1 - (np.arange(rows) + 0.5) / rows) * length[-1], length, profile[:, 0])
    du = (np.roll(height, -1, 1) - np.roll(height, 1, 1)) / (2 * 2 * np.pi * np.maximum(radius, 1e-4)[:, None] / columns)
    dv = -np.gradient(height, axis=0) / (length[-1] / rows)
    n = np.stack([-du, -dv, np.ones_like(du)], -1)
    return n / np.linalg.norm(n, axis=-1, keepdims=True) * 0.5 + 0.5


def surface(roughness, metalness=0.0):
    """Roughness and metalness as the picture that glTF wants."""
    r = np.clip(roughness, 0, 1)
    return np.stack([np.ones_like(r), r, np.broadcast_to(np.asarray(metalness, float), r.shape)], -1)


def jpeg(image, quality=85, fine=False):
    """`fine` keeps colour at full resolution: for normals and crisp print."""
    out = io.BytesIO()
    _picture(image).save(out, "JPEG", quality=quality, subsampling=0 if fine else 2, optimize=True)
    return out.getvalue()


def png(image, colors=0):
    picture = _picture(image)
    if colors:
        picture = picture.quantize(colors, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    out = io.BytesIO()
    picture.save(out, "PNG", optimize=True)
    return out.getvalue()


def _picture(image):
    return Image.fromarray(np.round(np.clip(image, 0, 1) * 255).astype(np.uint8), "RGB")


class Canvas:
    """A drawing in points of its final size, made four times as fine and averaged."""

    def __init__(self, width, height, code, fine=3):
        self.size, self.fine = (width, height), fine
        self.image = Image.new("RGB", (width * fine, height * fine), code)
        self.draw = ImageDraw.Draw(self.image)

    def _scaled(self, points):
        return [(x * self.fine, y * self.fine) for x, y in points]

    def box(self, x0, y0, x1, y1, code, radius=0):
        f = self.fine
        self.draw.rounded_rectangle([x0 * f, y0 * f, x1 * f - 1, y1 * f - 1], radius * f, fill=code)

    def disc(self, x, y, rx, code, ry=None):
        f, ry = self.fine, ry or rx
        self.draw.ellipse([(x - rx) * f, (y - ry) * f, (x + rx) * f, (y + ry) * f], fill=code)

    def ring(self, x, y, r, code, width):
        f = self.fine
        self.draw.ellipse([(x - r) * f, (y - r) * f, (x + r) * f, (y + r) * f], outline=code, width=max(1, round(width * f)))

    def shape(self, points, code):
        self.draw.polygon(self._scaled(points), fill=code)

    def line(self, points, code, width):
        self.draw.line(self._scaled(points), fill=code, width=max(1, round(width * self.fine)), joint="curve")

    def text(self, x, y, words, size, code, font="DejaVuSans-Bold", anchor="mm", spread=0.0):
        """`spread` [points] is added between letters."""
        face = ImageFont.truetype(f"{FONTS}{font}.ttf", round(size * self.fine))
        if not spread:
            self.draw.text((x * self.fine, y * self.fine), words, fill=code, font=face, anchor=anchor)
            return
        widths = [face.getlength(w) / self.fine + spread for w in words]
        at = x - (sum(widths) - spread) / 2 if anchor[0] == "m" else x
        for w, width in zip(words, widths):
            self.draw.text((at * self.fine, y * self.fine), w, fill=code, font=face, anchor="l" + anchor[1])
            at += width

    def barcode(self, x, y, width, height, seed):
        self.box(x - 4, y - 4, x + width + 4, y + height + 10, "#ffffff")
        at, k = x, seed
        while at < x + width:
            k = (k * 1103515245 + 12345) & 0x7FFFFFFF
            bar = 1 + (k >> 16) % 3
            if (k >> 9) & 1:
                self.box(at, y, min(at + bar, x + width), y + height, "#111111")
            at += bar
        self.text(x + width / 2, y + height + 5, f"{seed % 10} {seed % 999983:06d}", 7, "#111111", "DejaVuSansMono")

    def pixels(self):
        small = self.image.resize(self.size, Image.Resampling.BOX)
        return np.asarray(small).astype(float) / 255.0
