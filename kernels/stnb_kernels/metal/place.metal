// Place: a thread draws one new particle from its own random numbers. float32 only, as Metal has no double.
#include <metal_stdlib>
using namespace metal;

constant int CLUSTER = 0, LINE = 1, SPHERE = 2, GRID = 3;
constant uint PLACE_STREAM = 1, VELOCITY_STREAM = 2, STORES_STREAM = 3;
constant float LINE_WIDTH = 0.5f, GRID_JITTER = 0.3f, TWO_PI = 6.2831853071795864f;

struct Four {
    float a, b, c, d;
};

static inline float unit24(uint w) { return float(w >> 8) * 5.9604644775390625e-08f; }

// The uniforms of particle p in a stream: Philox-4x32-10.
static inline Four uniforms(uint p, uint stream, uint batch, uint k0, uint k1) {
    uint4 c = uint4(p, stream, batch, 0u);
    for (int r = 0; r < 10; ++r) {
        uint h0 = mulhi(0xD2511F53u, c.x), l0 = 0xD2511F53u * c.x;
        uint h1 = mulhi(0xCD9E8D57u, c.z), l1 = 0xCD9E8D57u * c.z;
        c = uint4(h1 ^ c.y ^ k0, l1, h0 ^ c.w ^ k1, l0);
        k0 += 0x9E3779B9u;
        k1 += 0xBB67AE85u;
    }
    return Four{unit24(c.x), unit24(c.y), unit24(c.z), unit24(c.w)};
}

// Three normals in a, b and c.
static inline Four normals(Four u) {
    float r0 = sqrt(-2.0f * log(1.0f - u.a)), r1 = sqrt(-2.0f * log(1.0f - u.c));
    return Four{r0 * cos(TWO_PI * u.b), r0 * sin(TWO_PI * u.b), r1 * cos(TWO_PI * u.d), 0.0f};
}

static inline float inside(float v, float low, float high, bool periodic) {
    if (!periodic) return v < low ? low : (v > high ? high : v);
    v -= high * floor(v / high);
    return v >= 0.0f && v < high ? v : 0.0f;
}

kernel void place(device float *x [[buffer(0)]],
                  device float *y [[buffer(1)]],
                  device float *z [[buffer(2)]],
                  device float *vx [[buffer(3)]],
                  device float *vy [[buffer(4)]],
                  device float *vz [[buffer(5)]],
                  device float *mass [[buffer(6)]],
                  device float *heat [[buffer(7)]],
                  device float *energy [[buffer(8)]],
                  constant int &n [[buffer(9)]],
                  constant int &pattern [[buffer(10)]],
                  constant int &side [[buffer(11)]],
                  constant int &periodic [[buffer(12)]],
                  constant uint &batch [[buffer(13)]],
                  constant uint &k0 [[buffer(14)]],
                  constant uint &k1 [[buffer(15)]],
                  constant float &cx [[buffer(16)]],
                  constant float &cy [[buffer(17)]],
                  constant float &cz [[buffer(18)]],
                  constant float &lx [[buffer(19)]],
                  constant float &ly [[buffer(20)]],
                  constant float &lz [[buffer(21)]],
                  constant float &ex [[buffer(22)]],
                  constant float &ey [[buffer(23)]],
                  constant float &ez [[buffer(24)]],
                  constant float &low [[buffer(25)]],
                  constant float &spread [[buffer(26)]],
                  constant float &speed [[buffer(27)]],
                  constant float &warmth [[buffer(28)]],
                  constant float &scale [[buffer(29)]],
                  uint thread_index [[thread_position_in_grid]]) {
    int p = int(thread_index);
    if (p >= n) return;
    Four u = uniforms(thread_index, PLACE_STREAM, batch, k0, k1);
    float px, py, pz;
    if (pattern == CLUSTER) {
        Four normal = normals(u);
        px = cx + spread * normal.a;
        py = cy + spread * normal.b;
        pz = cz + spread * normal.c;
    } else if (pattern == LINE) {
        float along = (float(p) + 0.5f) / float(n) - 0.5f;
        px = cx + lx * along + LINE_WIDTH * (u.a - 0.5f);
        py = cy + ly * along + LINE_WIDTH * (u.b - 0.5f);
        pz = cz + lz * along + LINE_WIDTH * (u.c - 0.5f);
    } else if (pattern == SPHERE) {
        float ring = 2.0f * sqrt(u.a * (1.0f - u.a));
        px = cx + spread * (ring * cos(TWO_PI * u.b));
        py = cy + spread * (ring * sin(TWO_PI * u.b));
        pz = cz + spread * (1.0f - 2.0f * u.a);
    } else if (pattern == GRID) {
        float pitch = spread / float(side), first = 0.5f - 0.5f * float(side);
        px = cx + pitch * (float(p % side) + first + GRID_JITTER * (u.a - 0.5f));
        py = cy + pitch * (float((p / side) % side) + first + GRID_JITTER * (u.b - 0.5f));
        pz = cz + pitch * (float(p / (side * side)) + first + GRID_JITTER * (u.c - 0.5f));
    } else {
        px = u.a * (ex + low);
        py = u.b * (ey + low);
        pz = u.c * (ez + low);
    }
    x[p] = inside(px, low, ex, periodic != 0);
    y[p] = inside(py, low, ey, periodic != 0);
    z[p] = inside(pz, low, ez, periodic != 0);
    Four normal = normals(uniforms(thread_index, VELOCITY_STREAM, batch, k0, k1));
    vx[p] = speed * normal.a;
    vy[p] = speed * normal.b;
    vz[p] = speed * normal.c;
    Four share = uniforms(thread_index, STORES_STREAM, batch, k0, k1);
    float joules = scale * (0.5f + 0.5f * share.a);
    mass[p] = joules;
    energy[p] = joules;
    heat[p] = joules * warmth * share.b;
}
