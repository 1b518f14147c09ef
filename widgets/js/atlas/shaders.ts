/** What the programs share: the way to the screen, the codes of a frame, and the colour of a value. */
const SHARED = `#version 300 es
precision highp float;
uniform mat4 clip;
uniform vec2 shift;
const float LOST = 0.99999;
vec4 put(vec3 p) {
  vec2 u = p.xy - shift;
  vec2 d = vec2(1.0 - dot(shift, p.xy), shift.y * p.x - shift.x * p.y);
  p.xy = vec2(dot(u, d), u.y * d.x - u.x * d.y) / dot(d, d);
  return clip * vec4(p, 1.0);
}
`;

const MOVING = `${SHARED}
in vec3 a; in vec3 b; in float p; in float q;
uniform vec3 lowA, spanA, lowB, spanB, half_;
uniform vec2 valueA, valueB, shown;
uniform float mixing, coloured;
bool apart; vec3 from; vec3 to;
void decode() {
  to = lowB + b * spanB;
  from = a.x > LOST ? to : lowA + a * spanA;
  apart = any(greaterThan(abs(to - from), half_));
}
float hueOf() {
  float last = valueB.x + q * valueB.y;
  float value = mix(p > LOST ? last : valueA.x + p * valueA.y, last, mixing);
  return coloured < 0.5 ? 0.58 : q > LOST ? -1.0 : clamp((value - shown.x) * shown.y, 0.0, 1.0);
}
`;

export const DOTS = `${MOVING}
in float picked;
uniform float size, least, near, far, picking;
out float hue; out float depth; out float pixels; out float dim;
void main() {
  decode();
  vec4 place = put(mix(apart ? to : from, to, mixing));
  hue = hueOf();
  depth = clamp((place.w - near) / (far - near), 0.0, 1.0);
  dim = picking * (1.0 - picked);
  pixels = clamp(size / place.w * (1.0 + picking * (picked * 0.6 - 0.2)), least, 120.0);
  gl_PointSize = pixels;
  gl_Position = b.x > LOST ? vec4(2.0, 2.0, 2.0, 1.0) : place;
}`;

const COLOUR = `#version 300 es
precision highp float;
uniform sampler2D table;
uniform vec3 blank, ground;
out vec4 colour;
vec3 paint(float hue) { return hue < 0.0 ? blank : texture(table, vec2(hue, 0.5)).rgb; }
`;

export const DISC = `${COLOUR}
in float hue; in float depth; in float pixels; in float dim;
uniform float fog, strength, rim;
void main() {
  vec2 at = 2.0 * gl_PointCoord - 1.0;
  float away = length(at);
  float cover = 1.0 - smoothstep(1.0 - 3.0 / pixels, 1.0, away);
  if (cover < rim) discard;
  vec3 normal = vec3(at.x, -at.y, sqrt(max(0.0, 1.0 - away * away)));
  float light = 0.70 + 0.34 * dot(normal, normalize(vec3(-0.45, 0.65, 0.62)));
  vec3 lit = paint(hue) * mix(1.0, light, smoothstep(3.0, 8.0, pixels));
  colour = vec4(mix(lit, ground, max(fog * depth, 0.82 * dim)), 1.0) * cover * strength;
}`;

/** One unit of red per particle, to be added up. */
export const ONE = `#version 300 es
precision highp float;
in float dim;
out vec4 colour;
void main() { colour = vec4(1.0 - 0.95 * dim, 0.0, 0.0, 1.0); }`;

/** A triangle that covers the picture, and the mean of the fullest of some coarse blocks of it. */
export const WHOLE = `#version 300 es
precision highp float;
uniform sampler2D sums;
uniform float level;
out vec2 at; flat out float peak;
void main() {
  ivec2 blocks = textureSize(sums, int(level));
  peak = 0.0;
  for (int i = 0; i < blocks.x; i++)
    for (int j = 0; j < blocks.y; j++) peak = max(peak, texelFetch(sums, ivec2(i, j), int(level)).r);
  at = vec2(gl_VertexID & 1, gl_VertexID >> 1) * 2.0;
  gl_Position = vec4(at * 2.0 - 1.0, 0.0, 1.0);
}`;

export const TONE = `${COLOUR}
in vec2 at; flat in float peak;
uniform sampler2D sums;
void main() {
  float number = texture(sums, at).r;
  if (number < 0.01) discard;
  colour = vec4(paint(min(1.0, log(1.0 + number) / log(1.0 + 6.0 * peak))), 1.0) * min(1.0, 0.35 + number);
}`;

export const TRAIL = `${MOVING}
out float hue;
void main() {
  decode();
  hue = hueOf();
  bool gone = a.x > LOST || b.x > LOST || apart;
  gl_Position = gone ? vec4(2.0, 2.0, 2.0, 1.0) : put(gl_VertexID == 0 ? from : mix(from, to, mixing));
}`;

export const FADING = `${COLOUR}
in float hue;
uniform float strength;
void main() { colour = vec4(paint(hue), 1.0) * strength; }`;

/** A plane in cells, so that the disk can bend it; no buffer, only numbers of vertices. */
export const PLANE = `${SHARED}
uniform vec3 corner, along, across;
out vec2 at; out vec2 flat_;
const float CELLS = 48.0;
void main() {
  int cell = gl_VertexID / 6; int k = gl_VertexID % 6;
  vec2 step_ = vec2(k == 1 || k == 3 || k == 4, k == 2 || k == 4 || k == 5);
  at = (vec2(cell % 48, cell / 48) + step_) / CELLS;
  vec3 place = corner + at.x * along + at.y * across;
  flat_ = place.xy;
  gl_Position = put(place);
}`;

export const SHEET = `${COLOUR}
in vec2 at; in vec2 flat_;
uniform sampler2D codes;
uniform float strength, disk;
void main() {
  float code = texture(codes, at.yx).r * 255.0;
  if (code > 254.5 || disk * dot(flat_, flat_) > 1.0) discard;
  colour = vec4(paint(code / 254.0), 1.0) * strength;
}`;
