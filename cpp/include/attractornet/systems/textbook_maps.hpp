/// @file
/// Maps that every textbook knows, regular and chaotic, dimensionless: what analyses are measured
/// on.
///
/// Exponents are natural logarithms per iteration at the default parameters; those without a source
/// of their own are from J. C. Sprott, Chaos and Time-Series Analysis (Oxford 2003), appendix A,
/// and agree with ours. Maps on angles also have `observe`, a smooth function on their circle or
/// torus.
///
/// NOTE: rounding closes the orbits in one dimension after 10^7 to 10^8 steps (Logistic ends in a
/// cycle of 5638349), beyond which a longer run learns nothing: take several starts.
#pragma once

#include <attractornet/core/concepts.hpp>
#include <attractornet/core/fields.hpp>
#include <attractornet/core/math.hpp>
#include <attractornet/systems/textbook.hpp>
#include <cmath>

namespace attractornet::textbook {

// ---------------------------------------------------------------------------------- one dimension

/// x' = r x (1 - x): R. M. May, Nature 261 (1976) 459. At r = 4 the exponent is ln 2 (S. M. Ulam,
/// J. von Neumann, Bull. Am. Math. Soc. 53 (1947) 1120).
struct Logistic {
  double r = 4;

  static constexpr std::string_view label = "Logistic";
  static constexpr auto fields() {
    return std::tuple{field("r", &Logistic::r, finite(), "", "growth rate")};
  }

  int dimension() const { return 1; }
  void step(const double* x, double* next) const { next[0] = r * x[0] * (1 - x[0]); }
  void jvp(const double* x, const double* v, int columns, double* next, double* images) const {
    step(x, next);
    multiply({{r * (1 - 2 * x[0])}}, v, columns, images);
  }
  void start(double* x) const { x[0] = 0.1; }
};

/// x' = a sin(pi x): N. Metropolis, M. L. Stein, P. R. Stein, J. Comb. Theory A 15 (1973) 25.
/// Exponent 0.689067.
struct SineMap {
  double a = 1;

  static constexpr std::string_view label = "SineMap";
  static constexpr auto fields() {
    return std::tuple{field("a", &SineMap::a, finite(), "", "height of the arch")};
  }

  int dimension() const { return 1; }
  void step(const double* x, double* next) const { next[0] = a * std::sin(pi * x[0]); }
  void jvp(const double* x, const double* v, int columns, double* next, double* images) const {
    step(x, next);
    multiply({{a * pi * std::cos(pi * x[0])}}, v, columns, images);
  }
  void start(double* x) const { x[0] = 0.1; }
};

/// x' = a x (1 - x^2): T. D. Rogers, D. C. Whitley, Math. Modelling 4 (1983) 9. At a = 3 the
/// exponent is ln 3, since x = 2 sin(t) / sqrt(3) turns the map into t' = 3 t.
struct CubicMap {
  double a = 3;

  static constexpr std::string_view label = "CubicMap";
  static constexpr auto fields() {
    return std::tuple{field("a", &CubicMap::a, finite(), "", "growth rate")};
  }

  int dimension() const { return 1; }
  void step(const double* x, double* next) const { next[0] = a * x[0] * (1 - x[0] * x[0]); }
  void jvp(const double* x, const double* v, int columns, double* next, double* images) const {
    step(x, next);
    multiply({{a * (1 - 3 * x[0] * x[0])}}, v, columns, images);
  }
  void start(double* x) const { x[0] = 0.1; }
};

/// x' = a x exp(-x): W. E. Ricker, J. Fish. Res. Board Can. 11 (1954) 559. Exponent 0.384846.
struct Ricker {
  double a = 20;

  static constexpr std::string_view label = "Ricker";
  static constexpr auto fields() {
    return std::tuple{field("a", &Ricker::a, finite(), "", "growth rate")};
  }

  int dimension() const { return 1; }
  void step(const double* x, double* next) const { next[0] = a * x[0] * std::exp(-x[0]); }
  void jvp(const double* x, const double* v, int columns, double* next, double* images) const {
    step(x, next);
    multiply({{a * (1 - x[0]) * std::exp(-x[0])}}, v, columns, images);
  }
  void start(double* x) const { x[0] = 0.1; }
};

/// x' = 1/x mod 1, the tail of a continued fraction: R. M. Corless, G. W. Frank, J. G. Monroe,
/// Physica D 46 (1990) 241. Exponent pi^2 / (6 ln 2) (P. Levy, Compos. Math. 3 (1936) 286).
struct GaussMap {
  static constexpr std::string_view label = "GaussMap";
  static constexpr auto fields() { return std::tuple{}; }

  int dimension() const { return 1; }
  void step(const double* x, double* next) const { next[0] = wrap(1 / x[0]); }
  void jvp(const double* x, const double* v, int columns, double* next, double* images) const {
    step(x, next);
    multiply({{-1 / (x[0] * x[0])}}, v, columns, images);
  }
  /// NOTE: not a short decimal, whose reciprocals soon round to a whole number.
  void start(double* x) const { x[0] = pi - 3; }
};

/// x' = 1 - a sqrt|x|: P. C. Hemmer, J. Phys. A 17 (1984) L247. At a = 2 the density is (1 - x)/2
/// and the exponent 1/2; orbits linger at the neutral fixed point -1.
struct CuspMap {
  double a = 2;

  static constexpr std::string_view label = "CuspMap";
  static constexpr auto fields() {
    return std::tuple{field("a", &CuspMap::a, finite(), "", "depth below the cusp")};
  }

  int dimension() const { return 1; }
  void step(const double* x, double* next) const { next[0] = 1 - a * std::sqrt(std::abs(x[0])); }
  void jvp(const double* x, const double* v, int columns, double* next, double* images) const {
    step(x, next);
    multiply({{(x[0] < 0 ? a : -a) / (2 * std::sqrt(std::abs(x[0])))}}, v, columns, images);
  }
  void start(double* x) const { x[0] = 0.5; }
};

/// x' = |tanh(s (x - c))|, two saturating neurons: A. Potapov, M. K. Ali, Phys. Lett. A 277 (2000)
/// 310. Exponent 0.467944.
struct PinchersMap {
  double s = 2, c = 0.5;

  static constexpr std::string_view label = "PinchersMap";
  static constexpr auto fields() {
    return std::tuple{field("s", &PinchersMap::s, finite(), "", "steepness"),
                      field("c", &PinchersMap::c, finite(), "", "where the pinchers close")};
  }

  int dimension() const { return 1; }
  void step(const double* x, double* next) const { next[0] = std::abs(tanh(s * (x[0] - c))); }
  void jvp(const double* x, const double* v, int columns, double* next, double* images) const {
    step(x, next);
    const double drive = s * (x[0] - c);
    multiply({{(drive < 0 ? -s : s) * tanh_sech2(drive).sech2}}, v, columns, images);
  }
  void start(double* x) const { x[0] = 0; }
};

/// x' = b tanh(a x) + c x, a tanh and a linear unit fitted to the logistic map: J. C. Sprott,
/// Neural net model of logistic map (2004), sprott.physics.wisc.edu/chaos/nnmap.htm. Exponent
/// 0.690714(17), from there.
struct TwoNeurons {
  double a = 1.42668906710772, b = 5.97811605717192, c = -5.32641819604181;

  static constexpr std::string_view label = "TwoNeurons";
  static constexpr auto fields() {
    return std::tuple{field("a", &TwoNeurons::a, finite(), "", "input weight of the tanh unit"),
                      field("b", &TwoNeurons::b, finite(), "", "output weight of the tanh unit"),
                      field("c", &TwoNeurons::c, finite(), "", "weight of the linear unit")};
  }

  int dimension() const { return 1; }
  void step(const double* x, double* next) const { next[0] = b * tanh(a * x[0]) + c * x[0]; }
  void jvp(const double* x, const double* v, int columns, double* next, double* images) const {
    step(x, next);
    multiply({{a * b * tanh_sech2(a * x[0]).sech2 + c}}, v, columns, images);
  }
  void start(double* x) const { x[0] = 0.1; }
};

/// x' = x + omega - k sin(2 pi x) / (2 pi) mod 1: V. I. Arnold, Izv. Akad. Nauk SSSR Mat. 25 (1961)
/// 21. Exponent 0.353863; for |k| < 1 the map is invertible and the exponent is not positive.
struct SineCircle {
  double omega = 0.5, k = 2;

  static constexpr std::string_view label = "SineCircle";
  static constexpr auto fields() {
    return std::tuple{field("omega", &SineCircle::omega, finite(), "", "turns an iteration"),
                      field("k", &SineCircle::k, finite(), "", "strength of the sine")};
  }

  int dimension() const { return 1; }
  void step(const double* x, double* next) const {
    next[0] = wrap(x[0] + omega - k / turn * std::sin(turn * x[0]));
  }
  void jvp(const double* x, const double* v, int columns, double* next, double* images) const {
    step(x, next);
    multiply({{1 - k * std::cos(turn * x[0])}}, v, columns, images);
  }
  void start(double* x) const { x[0] = 0.1; }
  double observe(const double* x) const { return std::cos(turn * x[0]); }
};

// --------------------------------------------------------------------------------- two dimensions

/// x' = 1 - a x^2 + y, y' = b x: M. Henon, Commun. Math. Phys. 50 (1976) 69. Exponents 0.41922 and
/// -1.62319; their sum is ln|b|.
struct Henon {
  double a = 1.4, b = 0.3;

  static constexpr std::string_view label = "Henon";
  static constexpr auto fields() {
    return std::tuple{field("a", &Henon::a, finite(), "", "strength of the fold"),
                      field("b", &Henon::b, finite(), "", "contraction of areas")};
  }

  int dimension() const { return 2; }
  void step(const double* s, double* next) const {
    next[0] = 1 - a * s[0] * s[0] + s[1];
    next[1] = b * s[0];
  }
  void jvp(const double* s, const double* v, int columns, double* next, double* images) const {
    step(s, next);
    multiply({{-2 * a * s[0], 1}, {b, 0}}, v, columns, images);
  }
  void start(double* s) const { s[0] = s[1] = 0.1; }
};

/// x' = 1 - a |x| + y, y' = b x: R. Lozi, J. Phys. Colloques 39 (1978) C5-9. Exponents 0.47023 and
/// -1.16338; their sum is ln|b|.
struct Lozi {
  double a = 1.7, b = 0.5;

  static constexpr std::string_view label = "Lozi";
  static constexpr auto fields() {
    return std::tuple{field("a", &Lozi::a, finite(), "", "strength of the fold"),
                      field("b", &Lozi::b, finite(), "", "contraction of areas")};
  }

  int dimension() const { return 2; }
  void step(const double* s, double* next) const {
    next[0] = 1 - a * std::abs(s[0]) + s[1];
    next[1] = b * s[0];
  }
  void jvp(const double* s, const double* v, int columns, double* next, double* images) const {
    step(s, next);
    multiply({{s[0] < 0 ? a : -a, 1}, {b, 0}}, v, columns, images);
  }
  void start(double* s) const { s[0] = s[1] = 0.1; }
};

/// x' = a x (1 - y), y' = x: D. G. Aronson, M. A. Chory, G. R. Hall, R. P. McGehee, Commun. Math.
/// Phys. 83 (1982) 303. Exponents 0.18312 and -1.24199; an invariant circle for a little above 2.
struct DelayedLogistic {
  double a = 2.27;

  static constexpr std::string_view label = "DelayedLogistic";
  static constexpr auto fields() {
    return std::tuple{field("a", &DelayedLogistic::a, finite(), "", "growth rate")};
  }

  int dimension() const { return 2; }
  void step(const double* s, double* next) const {
    next[0] = a * s[0] * (1 - s[1]);
    next[1] = s[0];
  }
  void jvp(const double* s, const double* v, int columns, double* next, double* images) const {
    step(s, next);
    multiply({{a * (1 - s[1]), -a * s[0]}, {1, 0}}, v, columns, images);
  }
  void start(double* s) const { s[0] = s[1] = 0.1; }
};

/// x' = x^2 - y^2 + a x + b y, y' = 2 x y + c x + d y: H. E. Nusse, J. A. Yorke, Dynamics:
/// Numerical Explorations (Springer 1994). Exponents 0.18997 and -0.52091.
struct Tinkerbell {
  double a = 0.9, b = -0.6, c = 2, d = 0.5;

  static constexpr std::string_view label = "Tinkerbell";
  static constexpr auto fields() {
    return std::tuple{field("a", &Tinkerbell::a, finite(), "", "x in x'"),
                      field("b", &Tinkerbell::b, finite(), "", "y in x'"),
                      field("c", &Tinkerbell::c, finite(), "", "x in y'"),
                      field("d", &Tinkerbell::d, finite(), "", "y in y'")};
  }

  int dimension() const { return 2; }
  void step(const double* s, double* next) const {
    const double x = s[0], y = s[1];
    next[0] = x * x - y * y + a * x + b * y;
    next[1] = 2 * x * y + c * x + d * y;
  }
  void jvp(const double* s, const double* v, int columns, double* next, double* images) const {
    step(s, next);
    const double x = s[0], y = s[1];
    multiply({{2 * x + a, b - 2 * y}, {2 * y + c, 2 * x + d}}, v, columns, images);
  }
  void start(double* s) const {
    s[0] = 0;
    s[1] = 0.5;
  }
};

/// x' = a x - y^2, y' = b y + x y: R. R. Whitehead, N. Macdonald, Physica D 13 (1984) 401.
/// Exponents 0.12076 and -0.22136.
struct Burgers {
  double a = 0.75, b = 1.75;

  static constexpr std::string_view label = "Burgers";
  static constexpr auto fields() {
    return std::tuple{field("a", &Burgers::a, finite(), "", "what is left of x"),
                      field("b", &Burgers::b, finite(), "", "growth of y")};
  }

  int dimension() const { return 2; }
  void step(const double* s, double* next) const {
    next[0] = a * s[0] - s[1] * s[1];
    next[1] = (b + s[0]) * s[1];
  }
  void jvp(const double* s, const double* v, int columns, double* next, double* images) const {
    step(s, next);
    multiply({{a, -2 * s[1]}, {s[1], b + s[0]}}, v, columns, images);
  }
  void start(double* s) const {
    s[0] = -0.1;
    s[1] = 0.1;
  }
};

/// x' = y, y' = -b x + d y - y^3: P. Holmes, Phil. Trans. R. Soc. A 292 (1979) 419. Exponents
/// 0.59458 and -2.20402; their sum is ln|b|.
struct HolmesCubic {
  double b = 0.2, d = 2.77;

  static constexpr std::string_view label = "HolmesCubic";
  static constexpr auto fields() {
    return std::tuple{field("b", &HolmesCubic::b, finite(), "", "contraction of areas"),
                      field("d", &HolmesCubic::d, finite(), "", "growth of y")};
  }

  int dimension() const { return 2; }
  void step(const double* s, double* next) const {
    next[0] = s[1];
    next[1] = -b * s[0] + (d - s[1] * s[1]) * s[1];
  }
  void jvp(const double* s, const double* v, int columns, double* next, double* images) const {
    step(s, next);
    multiply({{0, 1}, {-b, d - 3 * s[1] * s[1]}}, v, columns, images);
  }
  void start(double* s) const {
    s[0] = 1.6;
    s[1] = 0;
  }
};

/// y' = b y + k sin x, x' = x + y', both mod 2 pi: G. Schmidt, B. W. Wang, Phys. Rev. A 32 (1985)
/// 2994. Exponents 1.46995 and -3.77254; their sum is ln|b|.
struct DissipativeStandard {
  double b = 0.1, k = 8.8;

  static constexpr std::string_view label = "DissipativeStandard";
  static constexpr auto fields() {
    return std::tuple{field("b", &DissipativeStandard::b, finite(), "", "contraction of areas"),
                      field("k", &DissipativeStandard::k, finite(), "", "strength of the kicks")};
  }

  int dimension() const { return 2; }
  void step(const double* s, double* next) const {
    next[1] = wrap(b * s[1] + k * std::sin(s[0]), turn);
    next[0] = wrap(s[0] + next[1], turn);
  }
  void jvp(const double* s, const double* v, int columns, double* next, double* images) const {
    step(s, next);
    const double kick = k * std::cos(s[0]);
    multiply({{1 + kick, b}, {kick, b}}, v, columns, images);
  }
  void start(double* s) const { s[0] = s[1] = 0.1; }
  double observe(const double* s) const { return std::cos(s[0]) + 0.6 * std::cos(s[1] + 1); }
};

/// Light in a ring cavity, in real form: with phi = b - a / (1 + x^2 + y^2),
///     x' = g + m (x cos phi - y sin phi),   y' = m (x sin phi + y cos phi).
/// K. Ikeda, Opt. Commun. 30 (1979) 257; S. M. Hammel, C. K. R. T. Jones, J. V. Moloney, J. Opt.
/// Soc. Am. B 2 (1985) 552. Exponents 0.50760 and -0.71832; their sum is 2 ln|m|.
struct Ikeda {
  double a = 6, b = 0.4, g = 1, m = 0.9;

  static constexpr std::string_view label = "Ikeda";
  static constexpr auto fields() {
    return std::tuple{field("a", &Ikeda::a, finite(), "", "phase that the medium adds"),
                      field("b", &Ikeda::b, finite(), "", "phase of the empty cavity"),
                      field("g", &Ikeda::g, finite(), "", "input field"),
                      field("m", &Ikeda::m, finite(), "", "field left after a round trip")};
  }

  int dimension() const { return 2; }
  void step(const double* s, double* next) const {
    const double phi = b - a / (1 + s[0] * s[0] + s[1] * s[1]);
    const double cosine = std::cos(phi), sine = std::sin(phi);
    next[0] = g + m * (s[0] * cosine - s[1] * sine);
    next[1] = m * (s[0] * sine + s[1] * cosine);
  }
  void jvp(const double* s, const double* v, int columns, double* next, double* images) const {
    step(s, next);
    const double x = s[0], y = s[1], square = 1 + x * x + y * y;
    const double phi = b - a / square, bend = 2 * a / (square * square);
    const double cosine = m * std::cos(phi), sine = m * std::sin(phi);
    const double left = bend * -next[1], up = bend * (next[0] - g);  // by phi, once by x or y
    multiply({{cosine + left * x, left * y - sine}, {sine + up * x, cosine + up * y}}, v, columns,
             images);
  }
  void start(double* s) const { s[0] = s[1] = 0; }
};

/// Hosts and parasitoids, x' = x exp(r (1 - x/k) - a y), y' = x (1 - exp(-a y)): J. R. Beddington,
/// C. A. Free, J. H. Lawton, Nature 255 (1975) 58. Exponents 0.19664 and 0.03276, both positive.
struct PredatorPrey {
  double r = 3, k = 1, a = 5;

  static constexpr std::string_view label = "PredatorPrey";
  static constexpr auto fields() {
    return std::tuple{field("r", &PredatorPrey::r, finite(), "", "growth rate of the prey"),
                      field("k", &PredatorPrey::k, above(0), "", "prey that the habitat carries"),
                      field("a", &PredatorPrey::a, finite(), "", "reach of a predator")};
  }

  int dimension() const { return 2; }
  void step(const double* s, double* next) const {
    next[0] = s[0] * std::exp(r * (1 - s[0] / k) - a * s[1]);
    next[1] = s[0] * (1 - std::exp(-a * s[1]));
  }
  void jvp(const double* s, const double* v, int columns, double* next, double* images) const {
    step(s, next);
    const double x = s[0], growth = std::exp(r * (1 - x / k) - a * s[1]);
    const double missed = std::exp(-a * s[1]);
    multiply({{growth * (1 - r * x / k), -a * x * growth}, {1 - missed, a * x * missed}}, v,
             columns, images);
  }
  void start(double* s) const { s[0] = s[1] = 0.5; }
};

/// x' = x + y, y' = x + 2 y, both mod 1: V. I. Arnold, A. Avez, Ergodic Problems of Classical
/// Mechanics (Benjamin 1968). Exponents +-ln((3 + sqrt 5)/2).
struct ArnoldCat {
  static constexpr std::string_view label = "ArnoldCat";
  static constexpr auto fields() { return std::tuple{}; }

  int dimension() const { return 2; }
  void step(const double* s, double* next) const {
    next[0] = wrap(s[0] + s[1]);
    next[1] = wrap(s[0] + 2 * s[1]);
  }
  void jvp(const double* s, const double* v, int columns, double* next, double* images) const {
    step(s, next);
    multiply({{1, 1}, {1, 2}}, v, columns, images);
  }
  /// NOTE: sqrt(1/2), since short binary fractions have short periods.
  void start(double* s) const {
    s[0] = 0;
    s[1] = std::sqrt(0.5);
  }
  double observe(const double* s) const {
    return std::cos(turn * s[0]) + 0.6 * std::cos(turn * s[1] + 1);
  }
};

/// Two circle maps that turn each other, both mod 1:
///     x' = x + omega1 + k sin(2 pi y) / (2 pi),   y' = y + omega2 + k sin(2 pi x) / (2 pi),
/// after C. Grebogi, E. Ott, J. A. Yorke, Phys. Rev. Lett. 51 (1983) 339. At the default k orbits
/// are quasi-periodic and fill the torus: both exponents are 0.
struct CoupledCircles {
  double omega1 = 0.6180339887498949, omega2 = 0.41421356237309515, k = 0.3;

  static constexpr std::string_view label = "CoupledCircles";
  static constexpr auto fields() {
    using S = CoupledCircles;
    return std::tuple{field("omega1", &S::omega1, finite(), "", "turns of x an iteration"),
                      field("omega2", &S::omega2, finite(), "", "turns of y an iteration"),
                      field("k", &S::k, finite(), "", "strength of the coupling")};
  }

  int dimension() const { return 2; }
  void step(const double* s, double* next) const {
    next[0] = wrap(s[0] + omega1 + k / turn * std::sin(turn * s[1]));
    next[1] = wrap(s[1] + omega2 + k / turn * std::sin(turn * s[0]));
  }
  void jvp(const double* s, const double* v, int columns, double* next, double* images) const {
    step(s, next);
    multiply({{1, k * std::cos(turn * s[1])}, {k * std::cos(turn * s[0]), 1}}, v, columns, images);
  }
  void start(double* s) const { s[0] = s[1] = 0.1; }
  double observe(const double* s) const {
    return std::cos(turn * s[0]) + 0.6 * std::cos(turn * s[1] + 1);
  }
};

/// A map of this catalogue: with a tangent, a start, and its parameters by name.
template <class S>
concept TextbookMap = Map<S> && HasTangent<S> && HasStart<S> && FieldList<S>;

static_assert(TextbookMap<Logistic> && TextbookMap<SineMap> && TextbookMap<CubicMap> &&
              TextbookMap<Ricker> && TextbookMap<GaussMap> && TextbookMap<CuspMap> &&
              TextbookMap<PinchersMap> && TextbookMap<TwoNeurons> && TextbookMap<SineCircle>);
static_assert(TextbookMap<Henon> && TextbookMap<Lozi> && TextbookMap<DelayedLogistic> &&
              TextbookMap<Tinkerbell> && TextbookMap<Burgers> && TextbookMap<HolmesCubic> &&
              TextbookMap<DissipativeStandard> && TextbookMap<Ikeda> && TextbookMap<PredatorPrey> &&
              TextbookMap<ArnoldCat> && TextbookMap<CoupledCircles>);

}  // namespace attractornet::textbook
