"""The kernel of a transform in WGSL: one entry point a stage, two storage buffers, nothing shared between threads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stnb.planner.fft.schedule import FftStage, dispatch_schedule, radices

if TYPE_CHECKING:
    from stnb.planner.fft.shape import SpiralKFftPlan

__all__ = ["emit_wgsl"]

HEAD = """\
// X[m] = sum over n of x[n] * exp(-2 pi i m n / {tile}), for {segments} run(s) of {tile} complex numbers (re, im).
// Buffers 0 and 1 hold {count} vec2<f32> each; the data starts in buffer 0. Dispatch in this order, each stage with
// a bind group of its own; the dispatches of one queue wait for each other:
{order}
// The result is in buffer {result}.

const TILE: u32 = {tile}u;
const LOG2_TILE: u32 = {bits}u;
const SEGMENTS: u32 = {segments}u;
const COUNT: u32 = {count}u;
const WORKGROUP: u32 = {workgroup}u;
const TAU: f32 = 6.283185307179586;

@group(0) @binding(0) var<storage, read> source: array<vec2<f32>>;
@group(0) @binding(1) var<storage, read_write> destination: array<vec2<f32>>;
"""

REORDER = """
fn bit_reverse(thread: u32) {
    if (thread >= COUNT) {
        return;
    }
    let place = thread % TILE;
    let reversed = reverseBits(place) >> (32u - LOG2_TILE);
    destination[thread] = source[thread - place + reversed];
}
"""

COMPLEX = """
fn times(a: vec2<f32>, b: vec2<f32>) -> vec2<f32> {
    return vec2<f32>(a.x * b.x - a.y * b.y, a.x * b.y + a.y * b.x);
}

fn twiddle(e: u32, span: u32) -> vec2<f32> {
    let angle = -TAU * (f32(e) / f32(span));
    return vec2<f32>(cos(angle), sin(angle));
}
"""

BUTTERFLIES = {
    2: """
fn butterfly_2(thread: u32, span: u32) {
    if (thread >= COUNT / 2u) {
        return;
    }
    let step = span / 2u;
    let j = thread % step;
    let i0 = (thread / step) * span + j;
    let i1 = i0 + step;
    let even = source[i0];
    let odd = times(twiddle(j, span), source[i1]);
    destination[i0] = even + odd;
    destination[i1] = even - odd;
}
""",
    4: """
fn butterfly_4(thread: u32, span: u32) {
    if (thread >= COUNT / 4u) {
        return;
    }
    let step = span / 4u;
    let j = thread % step;
    let i0 = (thread / step) * span + j;
    let i1 = i0 + step;
    let i2 = i1 + step;
    let i3 = i2 + step;
    let inner = twiddle(2u * j, span);
    let outer = twiddle(j, span);
    let a = source[i0];
    let b = times(inner, source[i1]);
    let c = source[i2];
    let d = times(inner, source[i3]);
    let q2 = times(outer, c + d);
    let q3 = times(outer, c - d);
    let turned = vec2<f32>(q3.y, -q3.x);
    destination[i0] = a + b + q2;
    destination[i1] = a - b + turned;
    destination[i2] = a + b - q2;
    destination[i3] = a - b - turned;
}
""",
}

ENTRY = """
@compute @workgroup_size(WORKGROUP)
fn {name}(@builtin(global_invocation_id) id: vec3<u32>) {{
    {call};
}}
"""


def emit_wgsl(plan: SpiralKFftPlan) -> str:
    """The module of a plan; equal plans give equal texts.

    Sines and cosines are the device's own, of angles in (−π, 0]; the accuracy of the transform is theirs.
    """
    stages = dispatch_schedule(plan)
    used = sorted(set(radices(plan)))
    head = HEAD.format(
        tile=plan.tile_cols,
        bits=plan.tile_cols.bit_length() - 1,
        segments=plan.segments,
        count=plan.segments * plan.tile_cols,
        workgroup=plan.workgroup_size(),
        order="\n".join(_instruction(stage) for stage in stages),
        result=stages[-1].destination,
    )
    kernels = "".join(BUTTERFLIES[radix] for radix in used)
    return head + REORDER + COMPLEX + kernels + "".join(_entry(stage) for stage in stages)


def _instruction(stage: FftStage) -> str:
    return (
        f"//   {stage.entry_point}: {stage.workgroups} workgroup(s), "
        f"source = buffer {stage.source}, destination = buffer {stage.destination}"
    )


def _entry(stage: FftStage) -> str:
    call = (
        "bit_reverse(id.x)"
        if stage.kind == "bit_reverse"
        else f"butterfly_{stage.radix}(id.x, {stage.span}u)"
    )
    return ENTRY.format(name=stage.entry_point, call=call)
