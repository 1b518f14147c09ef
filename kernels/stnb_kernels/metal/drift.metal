// Drift: a thread moves one particle, as in cpu.py. float32 only, as Metal has no double.
#include <metal_stdlib>
using namespace metal;

constant int DRAG = 0, PRESSURE = 1, WALLS = 2, PROJECTION = 5;

// What to do for how many, and how far the rows of each array are apart.
struct Sizes {
    long n, periodic, x, v, a, t, d, r, accounts;
};

struct Numbers {
    float low, high_x, high_y, high_z, dt, kick, late, per, drag, e, lost;
};

struct Push {
    float x, y, z, work;
};

// After the walls of one axis: place, velocity, the displacement that was possible, and the energy lost per mass.
struct Bounce {
    float x, v, d, taken;
};

// e^x − 1 for x ≤ 0. The series is cut off at 6·10⁻¹⁰ of the result; below −1/2, where the result is more than 0.39, an
// error of exp grows by at most 1.6. Metal's exp is good to 4 units in the last place, so this is to 10 × 2⁻²⁴.
static inline float expm1_of(float x) {
    if (x < -0.5f) return exp(x) - 1.0f;
    float sum = 1.0f;
    for (int k = 9; k > 1; --k) sum = 1.0f + x / float(k) * sum;
    return x * sum;
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

static inline float wrap(float x, float extent) {
    x -= extent * floor(x / extent);
    return x < extent ? x : 0.0f;
}

static inline float between(float x, float low, float high) { return x < low ? low : (x > high ? high : x); }

static inline Bounce bounce(float x, float v, float d, float a, float low, float high, constant Numbers &law) {
    float taken = 0.0f, half_step = 0.5f * law.dt;
    if (x < low || x > high) {
        float wall = x < low ? low : high;
        float left = between((x - wall) / v, 0.0f, law.dt);
        float pulled = (half_step - left) * a, arriving = v + pulled;
        bool met = arriving * v > 0.0f;
        float back = met ? -law.e * arriving : 0.0f;
        x = wall;
        if ((back + 0.5f * left * a) * v > 0.0f) {
            v = -half_step * a;
            taken = 0.5f * (arriving * arriving + left * a * (law.dt - left) * a);
        } else if (met) {
            v = back - pulled;
            taken = law.lost * arriving * arriving;
            x = between(wall + left * v, low, high);
        }
    }
    float place = between(x + d, low, high);
    return Bounce{place, v, place - x, taken};
}

kernel void move(device float *x [[buffer(0)]],
                 device float *v [[buffer(1)]],
                 device const float *a [[buffer(2)]],
                 device const float *t [[buffer(3)]],
                 device float *d [[buffer(4)]],
                 device const float *r [[buffer(5)]],
                 device const float *mass [[buffer(6)]],
                 device float *heat [[buffer(7)]],
                 device float *accounts [[buffer(8)]],
                 constant Sizes &size [[buffer(9)]],
                 constant Numbers &number [[buffer(10)]],
                 uint thread_index [[thread_position_in_grid]]) {
    long p = long(thread_index);
    if (p >= size.n) return;
    float m = mass[p], q = heat[p], kick = number.kick, dt = number.dt;
    float ux = v[p], uy = v[size.v + p], uz = v[2 * size.v + p];
    float gx = a[p], gy = a[size.a + p], gz = a[2 * size.a + p];
    float bx = 0.0f, by = 0.0f, bz = 0.0f, sx = 0.0f, sy = 0.0f, sz = 0.0f, stopped = 0.0f;
    if (kick > 0.0f) {
        sx = d[p];
        sy = d[size.d + p];
        sz = d[2 * size.d + p];
        float rate = number.drag * kick / m;
        float slowed = -0.5f * m * (ux * ux + uy * uy + uz * uz) * expm1_of(-rate - rate);
        float keep = exp(-rate);
        ux *= keep;
        uy *= keep;
        uz *= keep;
        q += slowed;
        Push c = press(ux, uy, uz, kick * t[p], kick * t[size.t + p], kick * t[2 * size.t + p], m, q);
        q -= c.work;
        ux += c.x + kick * gx;
        uy += c.y + kick * gy;
        uz += c.z + kick * gz;
        accounts[DRAG * size.accounts + p] = slowed;
        accounts[PRESSURE * size.accounts + p] = c.work;
    } else {
        stopped = accounts[WALLS * size.accounts + p];
        bx = number.late * gx;
        by = number.late * gy;
        bz = number.late * gz;
        ux += bx;
        uy += by;
        uz += bz;
        gx += number.per * r[p];
        gy += number.per * r[size.r + p];
        gz += number.per * r[2 * size.r + p];
    }
    float px = x[p] + dt * ux, py = x[size.x + p] + dt * uy, pz = x[2 * size.x + p] + dt * uz;
    if (size.periodic) {
        px = wrap(px + sx, number.high_x);
        py = wrap(py + sy, number.high_y);
        pz = wrap(pz + sz, number.high_z);
    } else {
        Bounce wx = bounce(px, ux, sx, gx, number.low, number.high_x, number);
        Bounce wy = bounce(py, uy, sy, gy, number.low, number.high_y, number);
        Bounce wz = bounce(pz, uz, sz, gz, number.low, number.high_z, number);
        float taken = m * (wx.taken + wy.taken + wz.taken);
        q += taken;
        stopped += taken;
        px = wx.x;
        py = wy.x;
        pz = wz.x;
        ux = wx.v;
        uy = wy.v;
        uz = wz.v;
        sx = wx.d;
        sy = wy.d;
        sz = wz.d;
    }
    if (kick > 0.0f) {
        d[p] = sx;
        d[size.d + p] = sy;
        d[2 * size.d + p] = sz;
        accounts[PROJECTION * size.accounts + p] = -0.5f * m * (gx * sx + gy * sy + gz * sz);
    }
    accounts[WALLS * size.accounts + p] = stopped;
    x[p] = px;
    x[size.x + p] = py;
    x[2 * size.x + p] = pz;
    v[p] = ux - bx;
    v[size.v + p] = uy - by;
    v[2 * size.v + p] = uz - bz;
    heat[p] = q;
}
