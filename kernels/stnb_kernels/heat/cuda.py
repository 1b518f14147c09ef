"""Numba-CUDA: a launch per axis; a block holds a tile of neighbouring lines in shared memory.

All threads load the tile, two threads per line eliminate from its two ends and meet in the middle, and all threads
write the tile back. The lines are solved for the change of temperature; the sum of the changes so far is kept in
`keep`, and the temperature before an axis is H/C plus that sum. The last launch turns it into the two fields.

From either end a node sees the conductance of all that lies behind it, s_i = C_i + a·σ_{i−1} with the link a and
σ = s/(s + a), and how much warmer that would be than itself, e_i = a·σ_{i−1}·(e_{i−1} + T_{i−1} − T_i)/s_i. Then the
change is x_i = σ_i·e_i + (1 − σ_i)·(x_{i+1} + T_{i+1} − T_i): weighted means of differences of temperature, so that
rounding stays a fraction of what flows, however weak or strong the links. `y` is σ·e.

A periodic line is cut at its last node L. The others are solved for their own exchange (y) and for one kelvin at L
(z). As all changes sum to no heat, L changes by −ΣC·y/(C_L + ΣC·z). Nodes that L does not reach add nothing but rounding.
"""

from __future__ import annotations

import functools

from numba import cuda, float32, float64, int32
from numba import uint32 as u  # an unsigned index is not tested for being negative

from stnb_kernels.arrays import dtype_name
from stnb_kernels.languages import cuda_simulated
from stnb_kernels.launch import device_array, stream_of

THREADS = 32 if cuda_simulated() else 128
# Short lines leave most of a large GPU idle: more threads shorten what each block does.
SHORT, SHORT_THREADS = 64, 32 if cuda_simulated() else 256
# Two threads work on a line, in one warp: sixteen lines.
MOST_LANES = 16
SHARED_BYTES = 48 * 1024
ITEM_BYTES = {"float32": 4, "float64": 8}
# Per line and node: mass and temperature, which become the elimination's factor and the change; a periodic line keeps
# the mass and has two more arrays. Per line beside them: what the two threads tell each other.
WALL_ARRAYS, PERIODIC_ARRAYS = 2, 4
MESSAGES = 6
# A thread loads ahead of where it works, two rows before the arrays at most (the messages lie there), and one behind.
SLACK_ROWS = 1


def shared_bytes(n, lanes, periodic, dtype):
    """Shared memory of a tile of `lanes` lines of n nodes. An odd pitch keeps its columns in different banks."""
    arrays = PERIODIC_ARRAYS if periodic else WALL_ARRAYS
    return ((arrays * n + SLACK_ROWS) * (lanes | 1) + MESSAGES * lanes) * ITEM_BYTES[dtype]


def lanes_for(n, periodic, dtype):
    """Lines per block, a power of two; 0 where not even one fits."""
    lanes = MOST_LANES
    while lanes and shared_bytes(n, lanes, periodic, dtype) > SHARED_BYTES:
        lanes //= 2
    return lanes


def supports(node_mass, _node_heat, grid, *_):
    """Every line must fit into shared memory."""
    n = max(grid.shape)
    able = lanes_for(n, grid.periodic, dtype_name(node_mass)) > 0
    return able, f"a line of {n} nodes does not fit a block's shared memory; use fewer nodes per axis"


@functools.cache
def conduct_kernel(real, periodic, first, last):
    """The kernel for one float type, one boundary and a place in the chain: the last launch has lines along z."""

    @cuda.jit(device=True)
    def linked(a, b, link):
        """Conductance between two nodes: none through an empty one."""
        return link if a > real(0.0) and b > real(0.0) else real(0.0)

    @cuda.jit(device=True)
    def temperature_of(mass, heat, change, specific_heat):
        capacity = specific_heat * mass
        return heat / capacity + change if capacity > real(0.0) else change

    @cuda.jit(device=True)
    def fill(shared, held, delta, at, mass, heat, change, specific_heat):
        shared[u(held + at)] = mass
        shared[u(delta + at)] = temperature_of(mass, heat, change, specific_heat)

    @cuda.jit(device=True)
    def change_of(shared, delta, closing, at, lane, n, pitch):
        """What the line changed at a node; on a periodic line with the part that follows the last node."""
        change = shared[u(delta + at)]
        if periodic:
            change += shared[u(closing + at)] * shared[u(delta + (n - int32(1)) * pitch + lane)]
        return change

    @cuda.jit(device=True)
    def finish(p, m, before, change, share, keep, c, beta, rest):
        """Keep the sum of the changes; in the end turn it into the two fields."""
        if not last:
            keep[u(p)] = change
            return
        gain = max(change, real(0.0))
        loss = real(0.0)
        if before > real(0.0):
            loss = max((change - gain) * c * m / before, -(beta + rest))
        share[u(p)] = rest * gain + beta * temperature_of(m, before, change, c)
        keep[u(p)] = rest * loss - beta

    @cuda.jit
    def conduct(mass, heat, share, keep, n, lines, lanes, bits, stride, sheet, link, c, beta, rest):
        shared = cuda.shared.array(0, dtype=real)
        t = int32(cuda.threadIdx.x)
        n, lanes, stride = int32(n), int32(lanes), int32(stride)
        zero, one = real(0.0), real(1.0)
        pitch = lanes | int32(1)
        size = n * pitch
        upper = int32(MESSAGES) * lanes
        delta = upper + size
        closing = delta + size
        held = closing + size if periodic else upper
        begin = int32(cuda.blockIdx.x) * lanes
        here = min(lanes, int32(lines) - begin)

        # The nodes of this thread, four at a time so that their loads are under way together. Neighbouring threads
        # take neighbouring nodes in memory: those of a line along z, else those of neighbouring lines.
        width = int32(1) << int32(bits)
        beside_first, along_first = t & (width - int32(1)), t >> int32(bits)
        along_step = int32(cuda.blockDim.x) >> int32(bits)
        if last:
            beside_end, along_end = n, here
            p_beside, p_along, at_beside, at_along = int32(1), n, pitch, int32(1)
            p_first = begin * n
        else:
            beside_end, along_end = here, n
            p_beside, p_along, at_beside, at_along = int32(0), stride, int32(1), pitch
            p_first = int32(cuda.blockIdx.y) * int32(sheet) + begin + beside_first
        p_step, at_step = along_step * p_along, along_step * at_along

        k0 = k1 = k2 = k3 = zero
        beside = beside_first
        while beside < beside_end:
            p = p_first + beside * p_beside + along_first * p_along
            at = beside * at_beside + along_first * at_along
            along = along_first
            while along < along_end:
                left = along_end - along
                p1 = p + p_step if left > along_step else p
                p2 = p1 + p_step if left > int32(2) * along_step else p
                p3 = p2 + p_step if left > int32(3) * along_step else p
                m0, m1, m2, m3 = mass[u(p)], mass[u(p1)], mass[u(p2)], mass[u(p3)]
                h0, h1, h2, h3 = heat[u(p)], heat[u(p1)], heat[u(p2)], heat[u(p3)]
                if not first:
                    k0, k1, k2, k3 = keep[u(p)], keep[u(p1)], keep[u(p2)], keep[u(p3)]
                fill(shared, held, delta, at, m0, h0, k0, c)
                if left > along_step:
                    fill(shared, held, delta, at + at_step, m1, h1, k1, c)
                if left > int32(2) * along_step:
                    fill(shared, held, delta, at + int32(2) * at_step, m2, h2, k2, c)
                if left > int32(3) * along_step:
                    fill(shared, held, delta, at + int32(3) * at_step, m3, h3, k3, c)
                p += int32(4) * p_step
                at += int32(4) * at_step
                along += int32(4) * along_step
            beside += width
        cuda.syncthreads()

        # Thread `lane` walks up from the line's first node, thread `lanes + lane` down from its last one.
        lane = t & (lanes - int32(1))
        side = int32(t >= lanes) + int32(t >= int32(2) * lanes)
        free = n - int32(1) if periodic else n
        half = (free + int32(1)) // int32(2)
        steps = half if side == 0 else free - half
        walks = side < int32(2) and lane < here and steps > 0
        solo = free == int32(1)
        move = pitch if side == 0 else -pitch
        origin = lane if side == 0 else (free - int32(1)) * pitch + lane
        mine = side * lanes + lane
        theirs = (int32(1) - side) * lanes + lane
        word = int32(2) * lanes
        end_mass = end_temperature = beyond_mass = beyond_temperature = zero
        sigma = factor = drop = y = z = zero
        if walks:
            if periodic:
                end_mass = shared[u(held + (n - int32(1)) * pitch + lane)]
                end_temperature = shared[u(delta + (n - int32(1)) * pitch + lane)]
            if not solo:
                beyond_mass = shared[u(held + origin + steps * move)]
                beyond_temperature = shared[u(delta + origin + steps * move)]
        cuda.syncthreads()

        if walks:
            at = origin
            m, temperature = shared[u(held + at)], shared[u(delta + at)]
            leak = linked(m, end_mass, link) if periodic else zero
            if solo:
                leak += leak
            pull = leak * (end_temperature - temperature)
            behind = zero
            next_mass, next_temperature = beyond_mass, beyond_temperature
            if steps > int32(1):
                next_mass, next_temperature = shared[u(held + at + move)], shared[u(delta + at + move)]
            for step in range(steps):
                # What the node after the next one needs is loaded before this one is written.
                after_mass = shared[u(held + at + move + move)]
                after_temperature = shared[u(delta + at + move + move)]
                if step + int32(2) >= steps:
                    after_mass, after_temperature = beyond_mass, beyond_temperature
                ahead = linked(m, next_mass, link)
                pull += behind * (y - sigma * drop)
                conductance = c * m + leak + behind * sigma
                if not conductance > zero:
                    conductance = one
                inverse = one / (conductance + ahead)
                sigma = conductance * inverse
                factor = ahead * inverse
                y = pull * inverse
                drop = next_temperature - temperature
                shared[u(upper + at)] = factor
                shared[u(delta + at)] = y + factor * drop
                if periodic:
                    z = (leak + behind * z) * inverse
                    shared[u(closing + at)] = z
                    leak = zero
                behind, pull = ahead, zero
                m, temperature = next_mass, next_temperature
                next_mass, next_temperature = after_mass, after_temperature
                at += move
            shared[u(mine)] = sigma
            shared[u(mine + word)] = y
            if periodic:
                shared[u(mine + word + word)] = z
        cuda.syncthreads()

        reached = lost = zero
        if walks:
            at = origin + (steps - int32(1)) * move
            if not solo:
                # 1 − (own factor)·(other factor), from positive terms
                scale = one / (sigma + factor * shared[u(theirs)])
                y = (y + factor * (shared[u(theirs + word)] + shared[u(theirs)] * drop)) * scale
                if periodic:
                    z = (z + factor * shared[u(theirs + word + word)]) * scale
            shared[u(delta + at)] = y
            if periodic:
                shared[u(closing + at)] = z
                reached += c * shared[u(held + at)] * z
                lost += c * shared[u(held + at)] * y
            factor, y_here = shared[u(upper + at - move)], shared[u(delta + at - move)]
            for _ in range(steps - int32(1)):
                at -= move
                y = y_here + factor * y
                if periodic:
                    z = shared[u(closing + at)] + factor * z
                    shared[u(closing + at)] = z
                    reached += c * shared[u(held + at)] * z
                    lost += c * shared[u(held + at)] * y
                factor, y_here = shared[u(upper + at - move)], shared[u(delta + at - move)]
                shared[u(delta + at)] = y
        if periodic:
            cuda.syncthreads()
            if side < int32(2):
                shared[u(mine)] = reached
                shared[u(mine + word)] = lost
            cuda.syncthreads()
            if side == 0 and lane < here:
                reached += shared[u(theirs)]
                lost += shared[u(theirs + word)]
                weight = c * end_mass + reached
                shared[u(delta + (n - int32(1)) * pitch + lane)] = -lost / weight if reached > zero else zero
                shared[u(closing + (n - int32(1)) * pitch + lane)] = zero
        cuda.syncthreads()

        m0 = m1 = m2 = m3 = h0 = h1 = h2 = h3 = zero
        beside = beside_first
        while beside < beside_end:
            p = p_first + beside * p_beside + along_first * p_along
            at = beside * at_beside + along_first * at_along
            along = along_first
            while along < along_end:
                left = along_end - along
                p1 = p + p_step if left > along_step else p
                p2 = p1 + p_step if left > int32(2) * along_step else p
                p3 = p2 + p_step if left > int32(3) * along_step else p
                if not first:
                    k0, k1, k2, k3 = keep[u(p)], keep[u(p1)], keep[u(p2)], keep[u(p3)]
                if last:
                    m0, m1, m2, m3 = mass[u(p)], mass[u(p1)], mass[u(p2)], mass[u(p3)]
                    h0, h1, h2, h3 = heat[u(p)], heat[u(p1)], heat[u(p2)], heat[u(p3)]
                lane = along if last else beside
                k0 += change_of(shared, delta, closing, at, lane, n, pitch)
                finish(p, m0, h0, k0, share, keep, c, beta, rest)
                if left > along_step:
                    lane += along_step if last else int32(0)
                    k1 += change_of(shared, delta, closing, at + at_step, lane, n, pitch)
                    finish(p1, m1, h1, k1, share, keep, c, beta, rest)
                if left > int32(2) * along_step:
                    lane += along_step if last else int32(0)
                    k2 += change_of(shared, delta, closing, at + int32(2) * at_step, lane, n, pitch)
                    finish(p2, m2, h2, k2, share, keep, c, beta, rest)
                if left > int32(3) * along_step:
                    lane += along_step if last else int32(0)
                    k3 += change_of(shared, delta, closing, at + int32(3) * at_step, lane, n, pitch)
                    finish(p3, m3, h3, k3, share, keep, c, beta, rest)
                p += int32(4) * p_step
                at += int32(4) * at_step
                along += int32(4) * along_step
                if first:
                    k0 = k1 = k2 = k3 = zero
            beside += width

    return conduct


def run(node_mass, node_heat, grid, share, keep, scratch, link, specific_heat, relaxation):
    del scratch
    flat = [device_array(a.reshape(-1)) for a in (node_mass, node_heat, share, keep)]
    dtype = dtype_name(node_mass)
    number = flat[0].dtype.type
    real = float32 if dtype == "float32" else float64
    stream = stream_of(node_mass)
    nx, ny, nz = grid.shape
    # Lines along an axis: their length, how many lie side by side, step along them, sheets of lines and their distance.
    axes = ((nx, ny * nz, ny * nz, 1, 0), (ny, nz, nz, nx, ny * nz), (nz, nx * ny, 1, 1, 0))
    settings = [number(v) for v in (link, specific_heat, relaxation, 1.0 - relaxation)]
    for axis in range(3) if link > 0 else (2,):
        n, lines, stride, sheets, sheet = axes[axis]
        lanes = lanes_for(n, grid.periodic, dtype)
        threads = SHORT_THREADS if n <= SHORT else THREADS
        bits = (min(threads, n) - 1 if axis == 2 else lanes - 1).bit_length()
        kernel = conduct_kernel(real, grid.periodic, axis == 0 or not link > 0, axis == 2)
        shared = shared_bytes(n, lanes, grid.periodic, dtype)
        blocks = (-(-lines // lanes), sheets)
        kernel[blocks, threads, stream, shared](*flat, n, lines, lanes, bits, stride, sheet, *settings)
