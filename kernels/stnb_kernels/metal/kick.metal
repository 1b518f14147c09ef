// Kick: a thread samples five fields at the corners around one particle, as in cpu.py. float32 only, as Metal has no
// double.
#include <metal_stdlib>
using namespace metal;

constant int DRAG = 0, PRESSURE = 1, RADIATION = 4, PROJECTION = 5, LIMITER = 7;

// What to do for how many, the nodes, and how far the rows of each array are apart.
struct Sizes {
    long n, periodic, momentum, free, nx, ny, nz, x, v, d, a, t, accounts, out;
};

struct Numbers {
    float inverse, kick, c, gas, drag, cooling, steepest, fastest;
};

struct Push {
    float x, y, z, work;
};

// A cell and the place in it: corners i and i1 with weights ex and fx, and so on.
struct Place {
    int i, i1, j, j1, k, k1;
    float fx, fy, fz, ex, ey, ez;
};

struct Slopes {
    float value, x, y, z;
};

struct Lattice {
    int nx, ny, nz;
    bool periodic, free;
};

// e^x − 1 for x ≤ 0. The series is cut off at 6·10⁻¹⁰ of the result; below −1/2, where the result is more than 0.39, an
// error of exp grows by at most 1.6. Metal's exp is good to 4 units in the last place, so this is to 10 × 2⁻²⁴.
static inline float expm1_of(float x) {
    if (x < -0.5f) return exp(x) - 1.0f;
    float sum = 1.0f;
    for (int k = 9; k > 1; --k) sum = 1.0f + x / float(k) * sum;
    return x * sum;
}

// log(1 + y) for y ≥ 0. The series of 2·artanh(s), s = y/(2 + y), is cut off at 4·10⁻¹⁰ of the result; above 1/2, where
// the result is more than 0.4, rounding 1 + y adds at most 2.5 × 2⁻²⁴ of it to the 4 units of Metal's log.
static inline float log1p_of(float y) {
    if (y > 0.5f) return log(1.0f + y);
    float s = y / (2.0f + y), r = s * s, sum = 1.0f / 11.0f;
    for (int k = 9; k > 0; k -= 2) sum = 1.0f / float(k) + r * sum;
    return 2.0f * s * sum;
}

static inline float grid_coordinate(float x, float inverse, float nodes, bool periodic) {
    float g = x * inverse;
    if (periodic) {
        if (!(fabs(g) < 16777216.0f)) g = 0.0f;
        g -= nodes * floor(g / nodes);
        if (!(g < nodes)) g = 0.0f;
    } else {
        float top = nodes - 1.001f;
        if (g > top) g = top;
    }
    return g > 0.0f ? g : 0.0f;
}

static inline float at(device const float *field, Lattice grid, int i, int j, int k) {
    return field[(long(i) * grid.ny + j) * grid.nz + k];
}

// The trilinear interpolant and its slopes along the axes, per spacing.
static inline Slopes sample(device const float *field, Lattice grid, Place c) {
    float f000 = at(field, grid, c.i, c.j, c.k), f001 = at(field, grid, c.i, c.j, c.k1);
    float f010 = at(field, grid, c.i, c.j1, c.k), f011 = at(field, grid, c.i, c.j1, c.k1);
    float f100 = at(field, grid, c.i1, c.j, c.k), f101 = at(field, grid, c.i1, c.j, c.k1);
    float f110 = at(field, grid, c.i1, c.j1, c.k), f111 = at(field, grid, c.i1, c.j1, c.k1);
    float b00 = f000 * c.ez + f001 * c.fz, b01 = f010 * c.ez + f011 * c.fz;
    float b10 = f100 * c.ez + f101 * c.fz, b11 = f110 * c.ez + f111 * c.fz;
    float near = b00 * c.ey + b01 * c.fy, far = b10 * c.ey + b11 * c.fy;
    float along_y = (b01 - b00) * c.ex + (b11 - b10) * c.fx;
    float along_z = ((f001 - f000) * c.ey + (f011 - f010) * c.fy) * c.ex +
                    ((f101 - f100) * c.ey + (f111 - f110) * c.fy) * c.fx;
    return Slopes{near * c.ex + far * c.fx, far - near, along_y, along_z};
}

static inline int inside(int i, int nodes) { return i < 0 ? 0 : (i < nodes ? i : nodes - 1); }

// φ at a node that may lie one or two outside: wrapped, grounded to zero, or extended along a straight line.
static inline float beyond(device const float *field, Lattice grid, int i, int j, int k) {
    if (grid.periodic)
        return at(field, grid, (i + grid.nx) % grid.nx, (j + grid.ny) % grid.ny, (k + grid.nz) % grid.nz);
    int ci = inside(i, grid.nx), cj = inside(j, grid.ny), ck = inside(k, grid.nz);
    float here = at(field, grid, ci, cj, ck);
    if (ci == i && cj == j && ck == k) return here;
    if (!grid.free) return 0.0f;
    return here + here - at(field, grid, ci + ci - i, cj + cj - j, ck + ck - k);
}

// The trilinear blend of the central differences at the eight corners, per spacing.
static inline Slopes smooth(device const float *field, Lattice grid, Place c) {
    Slopes s = Slopes{0.0f, 0.0f, 0.0f, 0.0f};
    for (int corner = 0; corner < 8; ++corner) {
        int a = corner >> 2, b = (corner >> 1) & 1, l = corner & 1;
        float w = (a ? c.fx : c.ex) * (b ? c.fy : c.ey) * (l ? c.fz : c.ez);
        int i = c.i + a, j = c.j + b, k = c.k + l;
        s.x += w * (beyond(field, grid, i + 1, j, k) - beyond(field, grid, i - 1, j, k));
        s.y += w * (beyond(field, grid, i, j + 1, k) - beyond(field, grid, i, j - 1, k));
        s.z += w * (beyond(field, grid, i, j, k + 1) - beyond(field, grid, i, j, k - 1));
    }
    return Slopes{0.0f, 0.5f * s.x, 0.5f * s.y, 0.5f * s.z};
}

// The factor that shortens a vector of this squared length to the limit; 0 is no limit.
static inline float over(float square, float limit) {
    return limit > 0.0f && square > limit * limit ? limit / sqrt(square) : 1.0f;
}

// The kick by pressure, shortened where its work would take more than half of the heat.
static inline Push press(float ux, float uy, float uz, float cx, float cy, float cz, float m, float q) {
    float linear = m * (ux * cx + uy * cy + uz * cz);
    float square = 0.5f * m * (cx * cx + cy * cy + cz * cz);
    float work = linear + square, budget = 0.5f * q;
    if (!(work > budget)) return Push{cx, cy, cz, work};
    float root = sqrt(linear * linear + (square + square) * (budget + budget));
    float s = budget > 0.0f ? (budget + budget) / (linear + root) : 0.0f;
    if (linear < 0.0f) s = (root - linear) / (square + square);
    return Push{s * cx, s * cy, s * cz, budget};
}

kernel void gather(device const float *x [[buffer(0)]],
                   device const float *v [[buffer(1)]],
                   device const float *d [[buffer(2)]],
                   device const float *mass [[buffer(3)]],
                   device const float *heat [[buffer(4)]],
                   device const float *field [[buffer(5)]],
                   device const float *weight [[buffer(6)]],
                   device const float *warmth [[buffer(7)]],
                   device const float *share [[buffer(8)]],
                   device const float *keep [[buffer(9)]],
                   device float *a [[buffer(10)]],
                   device float *t [[buffer(11)]],
                   device float *potential [[buffer(12)]],
                   device float *accounts [[buffer(13)]],
                   device float *out [[buffer(14)]],
                   device float *out_heat [[buffer(15)]],
                   constant Sizes &size [[buffer(16)]],
                   constant Numbers &number [[buffer(17)]],
                   uint thread_index [[thread_position_in_grid]]) {
    long p = long(thread_index);
    if (p >= size.n) return;
    Lattice grid = Lattice{int(size.nx), int(size.ny), int(size.nz), size.periodic != 0, size.free != 0};
    float inverse = number.inverse, kick = number.kick;
    float gx = grid_coordinate(x[p], inverse, float(grid.nx), grid.periodic);
    float gy = grid_coordinate(x[size.x + p], inverse, float(grid.ny), grid.periodic);
    float gz = grid_coordinate(x[2 * size.x + p], inverse, float(grid.nz), grid.periodic);
    int i = int(gx), j = int(gy), k = int(gz);
    float fx = gx - float(i), fy = gy - float(j), fz = gz - float(k);
    Place c = Place{i, i + 1, j, j + 1, k, k + 1, fx, fy, fz, 1.0f - fx, 1.0f - fy, 1.0f - fz};
    if (c.i1 == grid.nx) c.i1 = 0;
    if (c.j1 == grid.ny) c.j1 = 0;
    if (c.k1 == grid.nz) c.k1 = 0;
    float m = mass[p], q = heat[p];
    q += q * sample(keep, grid, c).value + m * number.c * sample(share, grid, c).value;

    Slopes s = sample(field, grid, c);
    potential[p] = s.value;
    if (size.momentum) s = smooth(field, grid, c);
    float sx = s.x * inverse, sy = s.y * inverse, sz = s.z * inverse;
    float scale = over(sx * sx + sy * sy + sz * sz, number.steepest);
    sx *= scale;
    sy *= scale;
    sz *= scale;
    float dx = d[p], dy = d[size.d + p], dz = d[2 * size.d + p];
    accounts[PROJECTION * size.accounts + p] += 0.5f * m * (sx * dx + sy * dy + sz * dz);
    float ux = v[p] - kick * sx, uy = v[size.v + p] - kick * sy, uz = v[2 * size.v + p] - kick * sz;
    a[p] = -sx;
    a[size.a + p] = -sy;
    a[2 * size.a + p] = -sz;

    float px = 0.0f, py = 0.0f, pz = 0.0f;
    if (number.gas > 0.0f) {
        float density = sample(weight, grid, c).value;
        if (density > 0.0f) {
            s = sample(warmth, grid, c);
            scale = -number.gas * inverse / density;
            px = scale * s.x;
            py = scale * s.y;
            pz = scale * s.z;
            scale = over(px * px + py * py + pz * pz, number.steepest);
            px *= scale;
            py *= scale;
            pz *= scale;
        }
        Push push = press(ux, uy, uz, kick * px, kick * py, kick * pz, m, q);
        ux += push.x;
        uy += push.y;
        uz += push.z;
        q -= push.work;
        accounts[PRESSURE * size.accounts + p] += push.work;
    }
    t[p] = px;
    t[size.t + p] = py;
    t[2 * size.t + p] = pz;

    float rate = number.drag * kick / m, fade = exp(-rate);
    float slowed = -0.5f * m * (ux * ux + uy * uy + uz * uz) * expm1_of(-rate - rate);
    accounts[DRAG * size.accounts + p] += slowed;
    ux *= fade;
    uy *= fade;
    uz *= fade;
    float square = ux * ux + uy * uy + uz * uz;
    scale = over(square, number.fastest);
    float cut = 0.5f * m * square * (1.0f - scale * scale);
    accounts[LIMITER * size.accounts + p] = cut;
    q += slowed + cut;
    out[p] = scale * ux;
    out[size.out + p] = scale * uy;
    out[2 * size.out + p] = scale * uz;

    float left = 0.0f;
    if (number.cooling > 0.0f && q > 0.0f) {
        float capacity = m * number.c, hot = q / capacity;
        left = -q * expm1_of(-log1p_of(number.cooling / capacity * hot * hot * hot) / 3.0f);
    }
    accounts[RADIATION * size.accounts + p] = left;
    out_heat[p] = q - left;
}
