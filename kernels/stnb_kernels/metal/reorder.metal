// Reorder: a thread per particle takes all its rows, first into the scratch, then back.
#include <metal_stdlib>
using namespace metal;

kernel void gather(device const float *columns [[buffer(0)]],
                   constant uint &pitch [[buffer(1)]],
                   constant uint &rows [[buffer(2)]],
                   constant uint &n [[buffer(3)]],
                   device const int *uid [[buffer(4)]],
                   device const int *order [[buffer(5)]],
                   device float *scratch [[buffer(6)]],
                   constant uint &scratch_pitch [[buffer(7)]],
                   device int *uid_scratch [[buffer(8)]],
                   uint q [[thread_position_in_grid]]) {
    if (q >= n) return;
    int p = order[q];
    uid_scratch[q] = uid[p];
    for (uint r = 0; r < rows; ++r) scratch[ulong(r) * scratch_pitch + q] = columns[ulong(r) * pitch + p];
}

kernel void copy_back(device float *columns [[buffer(0)]],
                      constant uint &pitch [[buffer(1)]],
                      constant uint &rows [[buffer(2)]],
                      constant uint &n [[buffer(3)]],
                      device int *uid [[buffer(4)]],
                      device const float *scratch [[buffer(5)]],
                      constant uint &scratch_pitch [[buffer(6)]],
                      device const int *uid_scratch [[buffer(7)]],
                      uint q [[thread_position_in_grid]]) {
    if (q >= n) return;
    uid[q] = uid_scratch[q];
    for (uint r = 0; r < rows; ++r) columns[ulong(r) * pitch + q] = scratch[ulong(r) * scratch_pitch + q];
}
