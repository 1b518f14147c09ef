// Springs: a thread sums what the partners of one particle do to it, from the list, or from the cells where the list is
// full, as in cpu.py. float32 only, as Metal has no double.
#include <metal_stdlib>
using namespace metal;

constant int CONTACTS = 3, ELASTIC = 6;
constant float HALF_PI = 1.5707963267948966f;

// What to do for how many, the nodes, and how far the rows of each array are apart.
struct Sizes {
    long n, periodic, nx, ny, nz, span, slots, x, v, partner, out, sprung, accounts, first;
};

struct Numbers {
    float extent_x, extent_y, extent_z, reach, coincident, stiffness, damping, conductance, c, time;
};

// Two runs of cells along z, first and last + 1; the second is empty unless the neighbourhood wraps.
struct Runs {
    int first, last, again, end;
};

// A difference of places, of the nearest image; antisymmetric to the bit.
static inline float nearest(float d, float extent, bool periodic) {
    if (!periodic) return d;
    return d > 0.5f * extent ? d - extent : (d < -0.5f * extent ? d + extent : d);
}

// The t-th cell of a neighbourhood along one axis, or −1 where there is none.
static inline int line_of_cells(int t, int base, int span, int nodes, bool periodic) {
    int c = base - span + t;
    if (periodic) return t < nodes ? (c + nodes) % nodes : -1;
    return c < 0 || c >= nodes ? -1 : c;
}

static inline Runs runs_along_z(int k, int span, int nodes, bool periodic) {
    int first = k - span, last = k + span + 1;
    if (!periodic) return Runs{first < 0 ? 0 : first, last < nodes ? last : nodes, 0, 0};
    if (last - first >= nodes) return Runs{0, nodes, 0, 0};
    if (first < 0) return Runs{0, last, first + nodes, nodes};
    if (last > nodes) return Runs{first, nodes, 0, last - nodes};
    return Runs{first, last, 0, 0};
}

// What a pair exchanges for a kelvin between them: with x the link over the joint capacity, the part x/(1 + x) of it.
static inline float exchange(float joint, float link) { return joint * link / (joint + link); }

// The heat that one partner brings, before it is shared among the contacts.
static inline float conducted(float mine, float other, float warm, float warmer, float overlap, constant Numbers &law) {
    float own = mine * law.c, theirs = other * law.c;
    float link = law.conductance * HALF_PI * overlap * (law.reach - 0.5f * overlap);
    return (warmer / theirs - warm / own) * exchange(own * theirs / (own + theirs), link);
}

kernel void kick(device const float *x [[buffer(0)]],
                 device const float *v [[buffer(1)]],
                 device const float *mass [[buffer(2)]],
                 device const float *heat [[buffer(3)]],
                 device const int *order [[buffer(4)]],
                 device const int *start [[buffer(5)]],
                 device const int *key [[buffer(6)]],
                 device const int *count [[buffer(7)]],
                 device const int *partner [[buffer(8)]],
                 device float *out [[buffer(9)]],
                 device float *out_heat [[buffer(10)]],
                 device float *sprung [[buffer(11)]],
                 device float *accounts [[buffer(12)]],
                 constant Sizes &size [[buffer(13)]],
                 constant Numbers &number [[buffer(14)]],
                 uint thread_index [[thread_position_in_grid]]) {
    if (long(thread_index) >= size.n) return;
    bool periodic = size.periodic != 0;
    int nx = int(size.nx), ny = int(size.ny), nz = int(size.nz), span = int(size.span);
    long p = order[thread_index];
    int cell = key[p], crowd = count[p];
    int i = cell / (ny * nz), j = (cell / nz) % ny, k = cell % nz;
    // Up to `slots` partners are in the list; more are looked for in the cells.
    bool listed = crowd <= size.slots;
    Runs runs = runs_along_z(k, span, nz, periodic);
    int width = 2 * span + 1, turns = listed ? 1 : 2 * width * width;
    float px = x[p], py = x[size.x + p], pz = x[2 * size.x + p];
    float ux = v[p], uy = v[size.v + p], uz = v[2 * size.v + p];
    float mine = mass[p], warm = heat[p], reach = number.reach;
    float limit = reach * reach, least = limit * (number.coincident * number.coincident);
    float jx = 0.0f, jy = 0.0f, jz = 0.0f, dx = 0.0f, dy = 0.0f, dz = 0.0f;
    float energy = 0.0f, crossed = 0.0f, stored = 0.0f, gained = 0.0f;
    for (int turn = 0; turn < turns; ++turn) {
        int begin = 0, stop = crowd;
        if (!listed) {
            int row = turn / 2;
            int ci = line_of_cells(row / width, i, span, nx, periodic);
            int cj = line_of_cells(row % width, j, span, ny, periodic);
            if (ci < 0 || cj < 0) continue;
            int left = (ci * ny + cj) * nz;
            begin = start[left + (turn % 2 ? runs.again : runs.first)];
            stop = start[left + (turn % 2 ? runs.end : runs.last)];
        }
        for (int s = begin; s < stop; ++s) {
            long q = listed ? partner[s * size.partner + p] : order[s];
            float ax = nearest(px - x[q], number.extent_x, periodic);
            float ay = nearest(py - x[size.x + q], number.extent_y, periodic);
            float az = nearest(pz - x[2 * size.x + q], number.extent_z, periodic);
            float square = ax * ax + ay * ay + az * az;
            if (!(square < limit && square > least)) continue;
            float inverse = 1.0f / sqrt(square);
            float speed = (ax * (ux - v[q]) + ay * (uy - v[size.v + q]) + az * (uz - v[2 * size.v + q])) * inverse;
            ax *= inverse;
            ay *= inverse;
            az *= inverse;
            float other = mass[q], overlap = reach - square * inverse;
            overlap = overlap > 0.0f ? overlap : 0.0f;
            float reduced = mine * other / (mine + other);
            float phase = number.damping * (number.time * sqrt(number.stiffness / reduced));
            float spring = number.time * number.stiffness * overlap;
            float impulse = (spring - (phase + phase) * reduced * speed) / (1.0f + phase);
            impulse = impulse > 0.0f ? impulse : 0.0f;
            impulse = impulse < spring + spring ? impulse : spring + spring;
            float damped = impulse - spring;
            jx += impulse * ax;
            jy += impulse * ay;
            jz += impulse * az;
            dx += damped * ax;
            dy += damped * ay;
            dz += damped * az;
            energy -= 0.5f * damped * (speed + 0.5f * impulse / reduced);
            crossed += impulse * damped;
            stored += overlap * overlap;
            float shared = 1.0f / float(crowd > count[q] ? crowd : count[q]);
            gained += conducted(mine, other, warm, heat[q], overlap, number) * shared;
        }
    }
    energy -= 0.5f * (jx * dx + jy * dy + jz * dz - crossed) / mine;
    out[p] = ux + jx / mine;
    out[size.out + p] = uy + jy / mine;
    out[2 * size.out + p] = uz + jz / mine;
    sprung[p] = (jx - dx) / mine;
    sprung[size.sprung + p] = (jy - dy) / mine;
    sprung[2 * size.sprung + p] = (jz - dz) / mine;
    float left = warm + (energy + gained);
    out_heat[p] = left > 0.0f ? left : 0.0f;
    long row = CONTACTS * size.accounts + p;
    accounts[row] = size.first ? energy : accounts[row] + energy;
    accounts[ELASTIC * size.accounts + p] = 0.25f * number.stiffness * stored;
}
