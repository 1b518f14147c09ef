// Deposit in gather form: a thread owns a node and sums the particles of the eight cells around it, in list order.
#include <metal_stdlib>
using namespace metal;

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

kernel void deposit(device const float *x [[buffer(0)]],
                    device const float *y [[buffer(1)]],
                    device const float *z [[buffer(2)]],
                    device const float *mass [[buffer(3)]],
                    device const float *heat [[buffer(4)]],
                    device const int *order [[buffer(5)]],
                    device const int *start [[buffer(6)]],
                    constant int &nx [[buffer(7)]],
                    constant int &ny [[buffer(8)]],
                    constant int &nz [[buffer(9)]],
                    constant float &inverse [[buffer(10)]],
                    constant int &periodic [[buffer(11)]],
                    device float *node_mass [[buffer(12)]],
                    device float *node_heat [[buffer(13)]],
                    uint node [[thread_position_in_grid]]) {
    int n = int(node);
    if (n >= nx * ny * nz) return;
    int i = n / (ny * nz), j = (n / nz) % ny, k = n % nz;
    float total_mass = 0.0f, total_heat = 0.0f;
    for (int corner = 0; corner < 8; ++corner) {
        int dx = corner >> 2, dy = (corner >> 1) & 1, dz = corner & 1;
        int ci = i - 1 + dx, cj = j - 1 + dy, ck = k - 1 + dz;
        if (periodic) {
            if (ci < 0) ci = nx - 1;
            if (cj < 0) cj = ny - 1;
            if (ck < 0) ck = nz - 1;
        }
        if (ci < 0 || cj < 0 || ck < 0) continue;
        int cell = (ci * ny + cj) * nz + ck;
        for (int s = start[cell]; s < start[cell + 1]; ++s) {
            int p = order[s];
            float fx = grid_coordinate(x[p], inverse, float(nx), periodic != 0) - float(ci);
            float fy = grid_coordinate(y[p], inverse, float(ny), periodic != 0) - float(cj);
            float fz = grid_coordinate(z[p], inverse, float(nz), periodic != 0) - float(ck);
            float w = (dx ? 1.0f - fx : fx) * (dy ? 1.0f - fy : fy) * (dz ? 1.0f - fz : fz);
            total_mass += w * mass[p];
            total_heat += w * heat[p];
        }
    }
    node_mass[n] = total_mass;
    node_heat[n] = total_heat;
}
