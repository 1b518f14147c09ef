// Philox-4x32-10: one block of four words a thread. float32 only, as Metal has no double.
#include <metal_stdlib>
using namespace metal;

static inline uint4 philox(uint block, uint stream, uint step, uint k0, uint k1) {
    uint4 c = uint4(block, stream, step, 0u);
    for (int r = 0; r < 10; ++r) {
        uint h0 = mulhi(0xD2511F53u, c.x), l0 = 0xD2511F53u * c.x;
        uint h1 = mulhi(0xCD9E8D57u, c.z), l1 = 0xCD9E8D57u * c.z;
        c = uint4(h1 ^ c.y ^ k0, l1, h0 ^ c.w ^ k1, l0);
        k0 += 0x9E3779B9u;
        k1 += 0xBB67AE85u;
    }
    return c;
}

static inline float unit24(uint w) { return float(w >> 8) * 5.9604644775390625e-08f; }

kernel void fill_random(device float *out [[buffer(0)]],
                        constant uint &n [[buffer(1)]],
                        constant uint &stream [[buffer(2)]],
                        constant uint &step [[buffer(3)]],
                        constant uint &k0 [[buffer(4)]],
                        constant uint &k1 [[buffer(5)]],
                        constant uint &normal [[buffer(6)]],
                        uint b [[thread_position_in_grid]]) {
    if (4 * b >= n) return;
    uint4 w = philox(b, stream, step, k0, k1);
    float v0 = unit24(w.x), v1 = unit24(w.y), v2 = unit24(w.z), v3 = unit24(w.w);
    if (normal) {
        float r0 = sqrt(-2.0f * log(1.0f - v0)), a0 = 6.2831853071795864f * v1;
        float r1 = sqrt(-2.0f * log(1.0f - v2)), a1 = 6.2831853071795864f * v3;
        v0 = r0 * cos(a0);
        v1 = r0 * sin(a0);
        v2 = r1 * cos(a1);
        v3 = r1 * sin(a1);
    }
    uint i = 4 * b;
    out[i] = v0;
    if (i + 1 < n) out[i + 1] = v1;
    if (i + 2 < n) out[i + 2] = v2;
    if (i + 3 < n) out[i + 3] = v3;
}
