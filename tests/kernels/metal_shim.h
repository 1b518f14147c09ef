// Enough of Metal's language to compile the project's shaders as C++: a thread is a call.
#pragma once
#include <cmath>
#include <cstdint>
#define kernel
#define device
#define constant const
#define thread
using uint = uint32_t;
using ulong = uint64_t;
namespace metal {
struct uint4 {
    uint x, y, z, w;
    uint4() : x(0), y(0), z(0), w(0) {}
    uint4(uint a, uint b, uint c, uint d) : x(a), y(b), z(c), w(d) {}
};
static inline uint mulhi(uint a, uint b) { return uint((uint64_t(a) * b) >> 32); }
using std::cos;
using std::fabs;
using std::floor;
using std::log;
using std::sin;
using std::sqrt;
}  // namespace metal
