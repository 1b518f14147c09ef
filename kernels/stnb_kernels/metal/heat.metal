// Heat: a thread solves a line of nodes for the change of its temperature, as in cuda.py but from one end.
// `keep` holds the sum of the changes so far; the last axis turns it into the two fields.
#include <metal_stdlib>
using namespace metal;

static inline float linked(float a, float b, float link) { return a > 0.0f && b > 0.0f ? link : 0.0f; }

static inline float temperature_of(float mass, float heat, float change, float c) {
    float capacity = c * mass;
    return capacity > 0.0f ? heat / capacity + change : change;
}

kernel void conduct(device const float *mass [[buffer(0)]],
                    device const float *heat [[buffer(1)]],
                    device float *share [[buffer(2)]],
                    device float *keep [[buffer(3)]],
                    device float *upper [[buffer(4)]],
                    device float *delta [[buffer(5)]],
                    device float *closing [[buffer(6)]],
                    constant int &n [[buffer(7)]],
                    constant int &lines [[buffer(8)]],
                    constant int &across [[buffer(9)]],
                    constant int &beside [[buffer(10)]],
                    constant int &stride [[buffer(11)]],
                    constant int &sheet [[buffer(12)]],
                    constant float &link [[buffer(13)]],
                    constant float &c [[buffer(14)]],
                    constant float &beta [[buffer(15)]],
                    constant float &rest [[buffer(16)]],
                    constant int &periodic [[buffer(17)]],
                    constant int &first [[buffer(18)]],
                    constant int &last [[buffer(19)]],
                    uint line [[thread_position_in_grid]]) {
    if (int(line) >= lines) return;
    int start = (int(line) / across) * sheet + (int(line) % across) * beside;
    int end = start + (n - 1) * stride;
    // A periodic line is cut at its last node; the others are solved for their own flows and for one kelvin there.
    int cut = periodic ? n - 1 : n;
    float end_mass = mass[end];
    float end_temperature = temperature_of(end_mass, heat[end], first ? 0.0f : keep[end], c);
    float m = mass[start];
    float temperature = temperature_of(m, heat[start], first ? 0.0f : keep[start], c);
    float behind = 0.0f, sigma = 0.0f, drop = 0.0f, y = 0.0f, z = 0.0f;
    for (int i = 0; i < cut; ++i) {
        int p = start + i * stride;
        float next_mass = 0.0f, next_temperature = 0.0f, ahead = 0.0f;
        if (i + 1 < cut) {
            next_mass = mass[p + stride];
            next_temperature = temperature_of(next_mass, heat[p + stride], first ? 0.0f : keep[p + stride], c);
            ahead = linked(m, next_mass, link);
        }
        float leak = 0.0f;
        if (periodic && i == 0) leak += linked(m, end_mass, link);
        if (periodic && i + 1 == cut) leak += linked(m, end_mass, link);
        float pull = leak * (end_temperature - temperature) + behind * (y - sigma * drop);
        float conductance = c * m + leak + behind * sigma;
        if (!(conductance > 0.0f)) conductance = 1.0f;
        float inverse = 1.0f / (conductance + ahead);
        sigma = conductance * inverse;
        y = pull * inverse;
        drop = next_temperature - temperature;
        z = (leak + behind * z) * inverse;
        upper[p] = ahead * inverse;
        delta[p] = y + ahead * inverse * drop;
        closing[p] = z;
        behind = ahead;
        m = next_mass;
        temperature = next_temperature;
    }
    y = z = 0.0f;
    float reached = 0.0f, lost = 0.0f;
    for (int i = cut - 1; i >= 0; --i) {
        int p = start + i * stride;
        y = delta[p] + upper[p] * y;
        z = closing[p] + upper[p] * z;
        delta[p] = y;
        closing[p] = z;
        reached += c * mass[p] * z;
        lost += c * mass[p] * y;
    }
    float end_change = reached > 0.0f ? -lost / (c * end_mass + reached) : 0.0f;
    for (int i = 0; i < n; ++i) {
        int p = start + i * stride;
        float change = i < cut ? delta[p] + closing[p] * end_change : end_change;
        if (!first) change += keep[p];
        if (!last) {
            keep[p] = change;
            continue;
        }
        float before = heat[p], gain = change > 0.0f ? change : 0.0f, loss = 0.0f;
        if (before > 0.0f) loss = (change - gain) * c * mass[p] / before;
        if (loss < -(beta + rest)) loss = -(beta + rest);
        share[p] = rest * gain + beta * temperature_of(mass[p], before, change, c);
        keep[p] = rest * loss - beta;
    }
}
