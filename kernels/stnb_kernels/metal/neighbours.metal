// Neighbours: a thread finds what one particle touches, going through the cells around it, as in cpu.py. float32 only,
// as Metal has no double.
#include <metal_stdlib>
using namespace metal;

// What to do for how many, the nodes, and how far the rows of each array are apart.
struct Sizes {
    long n, periodic, nx, ny, nz, span, slots, x, v, partner;
};

struct Numbers {
    float extent_x, extent_y, extent_z, reach, coincident;
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

kernel void search(device const float *x [[buffer(0)]],
                   device const float *v [[buffer(1)]],
                   device const int *order [[buffer(2)]],
                   device const int *start [[buffer(3)]],
                   device const int *key [[buffer(4)]],
                   device int *count [[buffer(5)]],
                   device int *approaching [[buffer(6)]],
                   device int *partner [[buffer(7)]],
                   constant Sizes &size [[buffer(8)]],
                   constant Numbers &number [[buffer(9)]],
                   uint thread_index [[thread_position_in_grid]]) {
    if (long(thread_index) >= size.n) return;
    bool periodic = size.periodic != 0;
    int nx = int(size.nx), ny = int(size.ny), nz = int(size.nz), span = int(size.span);
    long p = order[thread_index];
    int cell = key[p];
    int i = cell / (ny * nz), j = (cell / nz) % ny, k = cell % nz;
    float px = x[p], py = x[size.x + p], pz = x[2 * size.x + p];
    float ux = v[p], uy = v[size.v + p], uz = v[2 * size.v + p];
    float limit = number.reach * number.reach, least = limit * (number.coincident * number.coincident);
    Runs runs = runs_along_z(k, span, nz, periodic);
    int width = 2 * span + 1, found = 0, nearing = 0;
    for (int turn = 0; turn < 2 * width * width; ++turn) {
        int row = turn / 2;
        int ci = line_of_cells(row / width, i, span, nx, periodic);
        int cj = line_of_cells(row % width, j, span, ny, periodic);
        if (ci < 0 || cj < 0) continue;
        int left = (ci * ny + cj) * nz;
        int stop = start[left + (turn % 2 ? runs.end : runs.last)];
        for (int s = start[left + (turn % 2 ? runs.again : runs.first)]; s < stop; ++s) {
            long q = order[s];
            float dx = nearest(px - x[q], number.extent_x, periodic);
            float dy = nearest(py - x[size.x + q], number.extent_y, periodic);
            float dz = nearest(pz - x[2 * size.x + q], number.extent_z, periodic);
            float square = dx * dx + dy * dy + dz * dz;
            if (!(square < limit && square > least)) continue;
            if (found < size.slots) partner[found * size.partner + p] = int(q);
            ++found;
            float change = dx * (ux - v[q]) + dy * (uy - v[size.v + q]) + dz * (uz - v[2 * size.v + q]);
            if (change < 0.0f) ++nearing;
        }
    }
    count[p] = found;
    approaching[p] = nearing;
}
