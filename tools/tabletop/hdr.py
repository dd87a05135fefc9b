"""Radiance .hdr pictures (RGBE, run-length encoded lines). Top row first: up."""
import numpy as np


def _runs(line):
    """One channel of a line: runs of 4..127 equal bytes as (128 + n, byte), the rest as (n, bytes)."""
    out, n, i = bytearray(), len(line), 0
    edges = np.concatenate([[0], np.nonzero(np.diff(line))[0] + 1, [n]])
    length = dict(zip(edges[:-1].tolist(), np.diff(edges).tolist()))
    data = line.tobytes()
    start = 0

    def flush(end):
        for k in range(start, end, 128):
            piece = data[k:min(k + 128, end)]
            out.append(len(piece))
            out.extend(piece)
    while i < n:
        run = length[i]
        if run >= 4:
            flush(i)
            left = run
            while left:
                part = min(left, 127)
                out.extend((128 + part, data[i]))
                left -= part
            start = i + run
        i += run
    flush(n)
    return bytes(out)


def encoded(radiance):
    """Bytes of the file for linear radiance [height, width, 3]."""
    height, width = radiance.shape[:2]
    top = radiance.max(-1)
    mantissa, exponent = np.frexp(np.maximum(top, 1e-30))
    scale = np.where(top > 1e-30, mantissa * 256.0 / np.maximum(top, 1e-30), 0.0)
    rgbe = np.zeros((height, width, 4), np.uint8)
    rgbe[..., :3] = 2 * np.round(np.clip(radiance * scale[..., None], 0, 254) / 2)  # even mantissas: longer runs, steps below 1 %
    rgbe[..., 3] = np.where(top > 1e-30, exponent + 128, 0)
    out = bytearray(b"#?RADIANCE\n# Made by tools/make_tabletop.py; CC0-1.0\nFORMAT=32-bit_rle_rgbe\n\n-Y %d +X %d\n" % (height, width))
    for row in rgbe:
        out.extend((2, 2, width >> 8, width & 255))
        for k in range(4):
            out.extend(_runs(row[:, k]))
    return bytes(out)
