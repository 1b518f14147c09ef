"""How colours look to people who lack one kind of cones, and how far apart they are: by the published formulas."""

from __future__ import annotations

import numpy as np

# Linear sRGB to XYZ (IEC 61966-2-1), and XYZ to cones of daylight white (Hunt, Pointer and Estévez, D65).
RGB_TO_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
XYZ_TO_LMS = np.array([[0.4002, 0.7076, -0.0808], [-0.2263, 1.1653, 0.0457], [0.0, 0.0, 0.9182]])
RGB_TO_LMS = XYZ_TO_LMS @ RGB_TO_XYZ
MISSING = {"protan": 0, "deutan": 1, "tritan": 2}


def linear(rgb):
    """sRGB in 0 ... 1 without its transfer curve."""
    rgb = np.asarray(rgb, float)
    return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)


def luminance(rgb):
    """Relative luminance."""
    return linear(rgb) @ RGB_TO_XYZ[1]


def contrast(one, other):
    """Contrast ratio of the WCAG: (brighter + 0.05) / (darker + 0.05)."""
    bright, dark = luminance(one), luminance(other)
    return (np.maximum(bright, dark) + 0.05) / (np.minimum(bright, dark) + 0.05)


def as_seen_by(kind, rgb):
    """Linear sRGB as a dichromat sees it (Viénot, Brettel and Mollon 1999).

    The missing cone says what the other two say for white and for a primary that such people see as others do: blue
    for those without long or middle cones, red for those without short ones.
    """
    light = linear(rgb)
    if kind == "normal":
        return light
    lost = MISSING[kind]
    kept = [cone for cone in range(3) if cone != lost]
    anchors = RGB_TO_LMS @ np.array([[1.0, 1.0, 1.0], [1.0, 0, 0] if kind == "tritan" else [0, 0, 1.0]]).T
    weights = np.linalg.solve(anchors[kept].T, anchors[lost])
    cones = light @ RGB_TO_LMS.T
    cones[..., lost] = cones[..., kept] @ weights
    return (cones @ np.linalg.inv(RGB_TO_LMS).T).clip(0, 1)


def lab(light):
    """CIELAB of linear sRGB under D65."""
    t = light @ RGB_TO_XYZ.T / RGB_TO_XYZ.sum(axis=1)
    f = np.where(t > (6 / 29) ** 3, np.cbrt(t), t / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.stack(
        [116 * f[..., 1] - 16, 500 * (f[..., 0] - f[..., 1]), 200 * (f[..., 1] - f[..., 2])], axis=-1
    )


def ciede2000(one, other):
    """Colour difference of CIELAB rows (CIE 142-2001; Sharma, Wu and Dalal 2005)."""
    (l1, a1, b1), (l2, a2, b2) = np.moveaxis(one, -1, 0), np.moveaxis(other, -1, 0)
    mean_chroma = (np.hypot(a1, b1) + np.hypot(a2, b2)) / 2
    stretch = 1.5 - 0.5 * np.sqrt(mean_chroma**7 / (mean_chroma**7 + 25.0**7))
    c1, c2 = np.hypot(a1 * stretch, b1), np.hypot(a2 * stretch, b2)
    h1, h2 = np.arctan2(b1, a1 * stretch) % (2 * np.pi), np.arctan2(b2, a2 * stretch) % (2 * np.pi)
    grey = c1 * c2 == 0
    turn = np.where(grey, 0, (h2 - h1 + np.pi) % (2 * np.pi) - np.pi)
    mean_l, mean_c = (l1 + l2) / 2, (c1 + c2) / 2
    mean_h = np.where(grey, h1 + h2, h1 + turn / 2) % (2 * np.pi)
    away = mean_l - 50
    s_l = 1 + 0.015 * away**2 / np.sqrt(20 + away**2)
    s_c = 1 + 0.045 * mean_c
    weight = (
        1
        - 0.17 * np.cos(mean_h - np.radians(30))
        + 0.24 * np.cos(2 * mean_h)
        + 0.32 * np.cos(3 * mean_h + np.radians(6))
        - 0.20 * np.cos(4 * mean_h - np.radians(63))
    )
    s_h = 1 + 0.015 * mean_c * weight
    twist = np.radians(60) * np.exp(-(((np.degrees(mean_h) - 275) / 25) ** 2))
    rotation = -np.sin(twist) * 2 * np.sqrt(mean_c**7 / (mean_c**7 + 25.0**7))
    d_l, d_c, d_h = (l2 - l1) / s_l, (c2 - c1) / s_c, 2 * np.sqrt(c1 * c2) * np.sin(turn / 2) / s_h
    return np.sqrt(d_l**2 + d_c**2 + d_h**2 + rotation * d_c * d_h)


def closest_pair(kind, rgb):
    """The smallest difference between any two of the colours, as people of one kind see them."""
    seen = lab(as_seen_by(kind, rgb))
    first, second = np.triu_indices(len(seen), 1)
    return float(ciede2000(seen[first], seen[second]).min())
