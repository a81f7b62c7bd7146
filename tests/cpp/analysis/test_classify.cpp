#include <doctest/doctest.h>

#include <attractornet/analysis/classify.hpp>
#include <attractornet/dynamics/integrate.hpp>
#include <attractornet/systems/feedback_network.hpp>
#include <attractornet/systems/feedback_orbit.hpp>
#include <attractornet/systems/textbook_flows.hpp>
#include <attractornet/systems/textbook_maps.hpp>
#include <cmath>
#include <initializer_list>
#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

using namespace attractornet;
using namespace attractornet::textbook;

namespace {

constexpr double golden = 0.6180339887498949;

template <Map R>
Classification verdict(const R& rule, std::vector<double> initial,
                       const ClassifyOptions& options = {}) {
  Monitor monitor;
  return classify(rule, initial.data(), options, monitor);
}
template <Map R>
  requires HasStart<R>
Classification own_verdict(const R& rule, const ClassifyOptions& options = {}) {
  std::vector<double> start(rule.dimension());
  rule.start(start.data());
  return verdict(rule, start, options);
}
bool says(const Classification& c, const char* words) {
  return c.reason.find(words) != std::string::npos;
}
/// By frequency: 1 - f is f, and so is f + 1.
double folded(double f) {
  f -= std::floor(f);
  return std::min(f, 1 - f);
}

/// Area-preserving: y' = y + k sin x, x' = x + y' (B. V. Chirikov, Phys. Rep. 52 (1979) 263).
struct Standard {
  double k;
  int dimension() const { return 2; }
  void step(const double* s, double* next) const {
    next[1] = s[1] + k * std::sin(s[0]);
    next[0] = wrap(s[0] + next[1], turn);
  }
  void jvp(const double* s, const double* v, int columns, double* next, double* images) const {
    step(s, next);
    const double kick = k * std::cos(s[0]);
    multiply({{1 + kick, 1}, {kick, 1}}, v, columns, images);
  }
  double observe(const double* s) const { return std::cos(s[0]) + 0.6 * std::cos(s[1] + 1); }
};

/// The turn of the plane by an angle, with growth: a linear map, in dimension 2.
struct Turn {
  double turns, growth = 1;
  int dimension() const { return 2; }
  void step(const double* s, double* next) const {
    const double c = growth * std::cos(turn * turns), d = growth * std::sin(turn * turns);
    next[0] = c * s[0] - d * s[1];
    next[1] = d * s[0] + c * s[1];
  }
  void jvp(const double* s, const double* v, int columns, double* next, double* images) const {
    step(s, next);
    const double c = growth * std::cos(turn * turns), d = growth * std::sin(turn * turns);
    multiply({{c, -d}, {d, c}}, v, columns, images);
  }
};

/// A rule of one variable in other units: x' = unit f(x / unit).
template <class R>
struct Scaled {
  R rule;
  double unit;
  int dimension() const { return 1; }
  void step(const double* x, double* next) const {
    const double y = x[0] / unit;
    rule.step(&y, next);
    next[0] *= unit;
  }
  void jvp(const double* x, const double* v, int columns, double* next, double* images) const {
    const double y = x[0] / unit;
    rule.jvp(&y, v, columns, next, images);
    next[0] *= unit;
  }
};

}  // namespace

TEST_CASE("logistic map: fixed points and the cascade of cycles, with their exponents") {
  for (const double r : {0.5, 1.5, 2.5, 2.9}) {
    CAPTURE(r);
    const auto c = verdict(Logistic{r}, {0.3});
    CHECK(c.kind == Kind::fixed_point);
    CHECK(c.period == 1);
    CHECK(c.torus_dimension == 0);
    CHECK(c.frequencies.empty());
    // The multiplier is r at 0, 2 - r at 1 - 1/r.
    CHECK(c.exponent == doctest::Approx(std::log(r < 1 ? r : std::abs(2 - r))).epsilon(1e-6));
    CHECK(c.state[0] == doctest::Approx(r < 1 ? 0 : 1 - 1 / r));
  }
  struct Window {
    double r;
    int period;
  };
  for (const Window& window : {Window{3.2, 2},
                               {3.5, 4},
                               {3.55, 8},
                               {3.566, 16},
                               {3.83, 3},
                               {3.845, 6},
                               {3.7389, 5},
                               {3.9605, 4}}) {
    CAPTURE(window.r);
    const auto c = verdict(Logistic{window.r}, {0.3});
    CHECK(c.kind == Kind::periodic);
    CHECK(c.period == window.period);
    CHECK(c.torus_dimension == 0);
    CHECK(c.exponent < -1e-3);
    REQUIRE(c.frequencies.size() == 1);
    const double turns = c.frequencies[0] * window.period;
    CHECK(turns == doctest::Approx(std::round(turns)).epsilon(1e-12));
    CHECK(c.digits == 16);
  }
  // Of the 2-cycle the multiplier is 4 + 2 r - r^2.
  CHECK(verdict(Logistic{3.2}, {0.3}).exponent ==
        doctest::Approx(0.5 * std::log(std::abs(4 + 2 * 3.2 - 3.2 * 3.2))).epsilon(1e-6));
}

TEST_CASE("superstable cycles have the exponent -inf, or one far below 0") {
  for (const double r : {2.0, 1 + std::sqrt(5.0)}) {
    const auto c = verdict(Logistic{r}, {0.3});
    CAPTURE(c.exponent);
    CHECK(c.kind == (r == 2 ? Kind::fixed_point : Kind::periodic));
    CHECK(c.exponent < -10);
    CHECK(!std::isnan(c.exponent_error));
  }
  const auto exact = verdict(Logistic{2}, {0.5});
  CHECK(exact.kind == Kind::fixed_point);
  CHECK(exact.exponent == -std::numeric_limits<double>::infinity());
}

TEST_CASE("logistic map: chaos, with exponents of the literature") {
  const auto full = verdict(Logistic{4}, {0.123});
  CHECK(full.kind == Kind::chaotic);
  CHECK(std::abs(full.exponent - std::log(2.0)) < 5 * full.exponent_error + 1e-6);
  CHECK(full.exponent_error < 1e-2);
  CHECK(full.torus_dimension == -1);
  CHECK(full.frequencies.empty());
  CHECK(full.period == 0);
  CHECK(full.horizon >= ClassifyOptions{}.horizon);
  CHECK(full.digits < 5);
  const auto some = verdict(Logistic{3.9}, {0.123});
  CHECK(some.kind == Kind::chaotic);
  CHECK(std::abs(some.exponent - 0.4945) < 5 * some.exponent_error + 1e-3);
  // In two bands the averages share more digits; chaos all the same.
  CHECK(verdict(Logistic{3.6}, {0.123}).kind == Kind::chaotic);
  CHECK(verdict(Logistic{3.5925}, {0.123}).kind == Kind::chaotic);
}

TEST_CASE("other maps: chaotic, where the literature says so") {
  const ClassifyOptions quick{.horizon = 500'000};
  for (const auto& [c, value] :
       {std::pair{own_verdict(Henon{}, quick), 0.41922},
        {own_verdict(Lozi{}, quick), 0.47023},
        {own_verdict(ArnoldCat{}, quick), std::log((3 + std::sqrt(5.0)) / 2)},
        {own_verdict(TwoNeurons{}, quick), 0.690714},
        {own_verdict(Ikeda{}, quick), 0.50760},
        {own_verdict(SineCircle{}, quick), 0.353863}}) {
    const double truth = value;
    CAPTURE(truth);
    CHECK(c.kind == Kind::chaotic);
    CHECK(std::abs(c.exponent - truth) < 5 * c.exponent_error + 1e-4);
  }
  CHECK(own_verdict(Henon{.a = 1.25}, quick).kind == Kind::periodic);
  CHECK(own_verdict(Henon{.a = 1.25}, quick).period == 7);
  const auto circle = own_verdict(DelayedLogistic{.a = 2.1});
  CHECK(circle.kind == Kind::quasiperiodic);
  CHECK(circle.torus_dimension == 1);
}

TEST_CASE("circle map: quasi-periodic with its rotation number, locked inside the tongues") {
  const auto rigid = verdict(SineCircle{.omega = golden, .k = 0}, {0.1});
  CHECK(rigid.kind == Kind::quasiperiodic);
  CHECK(rigid.torus_dimension == 1);
  REQUIRE(rigid.frequencies.size() == 1);
  CHECK(std::abs(rigid.frequencies[0] - folded(golden)) < 1e-9);
  CHECK(std::abs(rigid.exponent) < 1e-9);

  // Outside the tongues the frequency is the rotation number, here by lifting the map.
  for (const double omega : {0.30, 0.44, 0.61}) {
    const SineCircle map{.omega = omega, .k = 0.8};
    const auto c = verdict(map, {0.1});
    CAPTURE(omega);
    CHECK(c.kind == Kind::quasiperiodic);
    CHECK(c.torus_dimension == 1);
    REQUIRE(c.frequencies.size() == 1);
    const auto weights = birkhoff_weights(100'000);
    double x = 0.1, rotation = 0;
    for (const double weight : weights) {
      const double advance = omega - 0.8 / turn * std::sin(turn * x);
      x = wrap(x + advance);
      rotation += weight * advance;
    }
    CHECK(std::abs(c.frequencies[0] - folded(rotation)) < 1e-8);
    CHECK(std::abs(c.exponent) < 1e-6);
  }
  // Tongues 0/1, 1/2, 1/3: |omega| < k / 2 pi for the first.
  struct Tongue {
    double omega;
    int period;
  };
  for (const Tongue& tongue : {Tongue{0.1, 1}, {0.5, 2}, {0.345, 3}}) {
    const auto c = verdict(SineCircle{.omega = tongue.omega, .k = 0.9}, {0.1});
    CAPTURE(tongue.omega);
    CHECK(c.kind == (tongue.period == 1 ? Kind::fixed_point : Kind::periodic));
    CHECK(c.period == tongue.period);
    CHECK(c.exponent < 0);
  }
}

TEST_CASE("a torus of two dimensions has both frequencies") {
  const auto free = own_verdict(CoupledCircles{.k = 0});
  CHECK(free.kind == Kind::quasiperiodic);
  CHECK(free.torus_dimension == 2);
  REQUIRE(free.frequencies.size() == 2);
  CHECK(std::abs(free.frequencies[0] - folded(golden)) < 1e-8);  // cos x is the stronger line
  CHECK(std::abs(free.frequencies[1] - 0.41421356237309515) < 1e-8);

  const auto c = own_verdict(CoupledCircles{});
  CHECK(c.kind == Kind::quasiperiodic);
  CHECK(c.torus_dimension == 2);
  CHECK(c.frequencies.size() == 2);
  CHECK(c.exponents.size() == 2);
  for (const double exponent : c.exponents) CHECK(std::abs(exponent) < 1e-6);
}

TEST_CASE("area-preserving maps: circles that slide along one another are tori, the sea is chaos") {
  const auto centre = verdict(Turn{golden}, {1, 0});
  CHECK(centre.kind == Kind::quasiperiodic);
  CHECK(centre.torus_dimension == 1);
  CHECK(std::abs(centre.frequencies.at(0) - folded(golden)) < 1e-9);

  const auto twist = verdict(Standard{0}, {1, turn * golden});
  CHECK(twist.kind == Kind::quasiperiodic);
  CHECK(twist.torus_dimension == 1);
  CHECK(std::abs(twist.frequencies.at(0) - folded(golden)) < 1e-8);
  const auto island = verdict(Standard{0.8}, {turn / 2 + 0.4, 0});
  CHECK(island.kind == Kind::quasiperiodic);
  CHECK(island.torus_dimension == 1);
  const auto sea = verdict(Standard{6.0}, {0.3, 0.2}, {.horizon = 300'000});
  CHECK(sea.kind == Kind::chaotic);
  CHECK(sea.exponent == doctest::Approx(std::log(3.0)).epsilon(0.05));  // ln(k / 2) for large k

  const auto inward = verdict(Turn{golden, 0.99}, {1, 0});
  CHECK(inward.kind == Kind::fixed_point);
  CHECK(inward.exponent == doctest::Approx(std::log(0.99)).epsilon(1e-6));
  CHECK(verdict(Turn{golden, 1.01}, {1, 0}).kind == Kind::diverged);
  const auto cycle = verdict(Turn{0.25}, {1, 0});
  CHECK(cycle.kind == Kind::periodic);
  CHECK(cycle.period == 4);
}

TEST_CASE("Lorenz flow: chaos, a resting point and a cycle of known period") {
  const auto chaos = own_verdict(RungeKutta4<Lorenz>{{}, 0.01}, {.horizon = 500'000});
  CHECK(chaos.kind == Kind::chaotic);
  CHECK(std::abs(chaos.exponent - 0.9056) < 5 * chaos.exponent_error);
  const auto rest = own_verdict(RungeKutta4<Lorenz>{{.rho = 10}, 0.01});
  CHECK(rest.kind == Kind::fixed_point);
  CHECK(rest.torus_dimension == 0);
  CHECK(std::abs(rest.state[0]) == doctest::Approx(std::sqrt(24.0)));
  // -0.5953: real part of the complex pair of the Jacobian at the resting points.
  CHECK(rest.exponent == doctest::Approx(-0.5953).epsilon(1e-3));
  const auto cycle = own_verdict(RungeKutta4<Lorenz>{{.rho = 160}, 0.001});
  CHECK(cycle.kind == Kind::periodic);
  CHECK(cycle.torus_dimension == 1);
  CHECK(cycle.period == doctest::Approx(1.153).epsilon(1e-3));
  CHECK(std::abs(cycle.exponent) < 1e-3);
}

TEST_CASE("Van der Pol: a limit cycle with the published period, however it is sampled") {
  constexpr double period = 6.6632868593231301897;  // D. Viswanath; mu = 1
  const auto fine = own_verdict(RungeKutta4<VanDerPol>{{}, 0.005});
  CHECK(fine.kind == Kind::periodic);
  CHECK(fine.torus_dimension == 1);
  CHECK(fine.period == doctest::Approx(period).epsilon(1e-8));
  CHECK(fine.frequencies.at(0) == doctest::Approx(1 / period).epsilon(1e-8));
  // Samples that meet themselves after one period, and after three.
  for (const double dt : {period / 100, 3 * period / 100}) {
    CAPTURE(dt);
    const auto c = own_verdict(DormandPrince<VanDerPol>{{}, dt, {{1e-12, 1e-13}}},
                               {.horizon = 200'000, .max_period = 1000});
    CHECK(c.kind == Kind::periodic);
    CHECK(c.torus_dimension == 1);
    CHECK(c.period == doctest::Approx(period).epsilon(1e-8));
  }
}

TEST_CASE("divergence, from the start, late, and by NaN") {
  for (const auto& c : {verdict(Logistic{4.1}, {0.3}), verdict(Henon{}, {10, 10}),
                        verdict(Logistic{4}, {std::nan("")}), verdict(Logistic{4}, {INFINITY}),
                        verdict(Turn{golden, 1.003}, {1, 0})}) {
    CHECK(c.kind == Kind::diverged);
    CHECK(says(c, "finite"));
    CHECK(!c.state.empty());
  }
}

TEST_CASE("an orbit that only grows is not chaotic, however far it gets") {
  for (const double growth : {1.00012, 1.0002}) {
    CAPTURE(growth);
    CHECK(verdict(Turn{golden, growth}, {1, 0}).kind != Kind::chaotic);
    CHECK(verdict(Turn{0, growth}, {1, 0}).kind != Kind::chaotic);
  }
}

TEST_CASE("where period doublings accumulate there is no torus") {
  const auto c = verdict(Logistic{3.569945671870944}, {0.3}, {.horizon = 200'000});
  CHECK(c.kind == Kind::undecided);
  CHECK(std::abs(c.exponent) < 1e-4);
}

TEST_CASE("a start exactly on an unstable orbit is undecided, and says why") {
  const auto c = verdict(Logistic{4}, {0.75});
  CHECK(c.kind == Kind::undecided);
  CHECK(says(c, "unstable"));
  CHECK(says(c, "started"));
  CHECK(c.exponent == doctest::Approx(std::log(2.0)));
  CHECK(c.horizon < 200'000);  // nothing more is to be learnt
  CHECK(verdict(Logistic{4}, {0}).kind == Kind::undecided);
  CHECK(verdict(RungeKutta4<Lorenz>{{}, 0.01}, {0, 0, 0}).kind == Kind::undecided);
}

TEST_CASE("a period above max_period is undecided, and says so; raised, it is found") {
  for (const std::int64_t most : {7, 8}) {
    const auto c = verdict(Logistic{3.55}, {0.3}, {.horizon = 300'000, .max_period = most});
    CAPTURE(c.reason);
    CHECK(c.kind == (most == 8 ? Kind::periodic : Kind::undecided));
    if (most < 8) CHECK(says(c, "max_period"));
    CHECK(c.exponent < -0.01);
  }
}

TEST_CASE("feedback networks: the article's three are quasi-periodic, with its spectral lines") {
  struct Case {
    feedback::Ensemble ensemble;
    double frequency;
  };
  for (const Case& article : {Case{{4, 32, 0.22, 174658140}, 0.14277308},
                              {{4, 32, 0.55, 3160697950}, 0.23713132},
                              {{4, 16, 1.4, 174658140}, 0.10332395}}) {
    CAPTURE(article.frequency);
    const auto net = feedback::Network::random(article.ensemble);
    const auto c = own_verdict(net.rule());
    CHECK(c.kind == Kind::quasiperiodic);
    CHECK(c.torus_dimension == 1);
    CHECK(c.frequencies.at(0) == doctest::Approx(article.frequency).epsilon(1e-7));
    CHECK(std::abs(c.exponent) < 1e-6);
    CHECK(c.digits > 6);
  }
}

TEST_CASE("feedback network: chaos that is a transient, and the cycle that it ends on") {
  const auto net = feedback::Network::random({4, 16, 4.0, 174658140});
  const auto chaos = own_verdict(net.rule(), {.horizon = 100'000});
  CHECK(chaos.kind == Kind::chaotic);
  CHECK(chaos.exponent > 5 * chaos.exponent_error);
  const auto later = own_verdict(net.rule(), {.horizon = 20'000'000});
  REQUIRE(later.kind == Kind::periodic);
  CHECK(later.period == 10);
  const auto sink = verdict(net.rule(), later.state);
  CHECK(sink.kind == Kind::periodic);
  CHECK(sink.period == 10);
  CHECK(sink.exponent < -1e-3);
  CHECK(sink.horizon < 100'000);
}

TEST_CASE("feedback network: rounding that circles below the normal numbers is a fixed point") {
  const auto net = feedback::Network::random({4, 16, 0.2, 174658140});
  std::vector<double> state(16);
  for (std::size_t j = 0; j < 16; ++j) state[j] = 5e-324 * static_cast<double>(j % 3);
  CHECK(verdict(net.rule(), state, {.horizon = 100'000}).kind == Kind::fixed_point);
}

TEST_CASE("the units of the state do not matter") {
  for (const double unit : {1e-300, 1e-170, 1e-30, 1e30, 1e150, 1e300}) {
    CAPTURE(unit);
    const ClassifyOptions quick{.horizon = 200'000};
    CHECK(verdict(Scaled<Logistic>{{4}, unit}, {0.123 * unit}, quick).kind == Kind::chaotic);
    CHECK(verdict(Scaled<Logistic>{{2.5}, unit}, {0.123 * unit}, quick).kind == Kind::fixed_point);
    const auto cycle = verdict(Scaled<Logistic>{{3.83}, unit}, {0.123 * unit}, quick);
    CHECK(cycle.period == 3);
    CHECK(cycle.frequencies.at(0) == doctest::Approx(1.0 / 3));
    CHECK(verdict(Turn{golden}, {unit, 0}, quick).kind == Kind::quasiperiodic);
  }
}

TEST_CASE("no more than the horizon is watched, hardly less, and it is told") {
  std::int64_t before = 0;
  for (const std::int64_t horizon : {1000, 1001, 4321, 100'000, 1'000'000}) {
    const auto c = verdict(Logistic{4}, {0.123}, {.horizon = horizon});
    CAPTURE(horizon);
    CHECK(c.kind == Kind::chaotic);
    CHECK(c.horizon >= horizon / 2);
    CHECK(c.horizon <= horizon);
    if (horizon >= 100'000) CHECK(c.horizon == horizon);
    CHECK(c.horizon >= before);
    CHECK(c.window <= c.horizon);
    before = c.horizon;
  }
  for (const std::int64_t most : {1, 100, 50'000, 1 << 18}) {
    CHECK(verdict(Logistic{3.2}, {0.3}, {.horizon = 1000, .max_period = most}).kind ==
          (most > 1 ? Kind::periodic : Kind::undecided));
    CHECK(verdict(SineCircle{.omega = golden, .k = 0.5}, {0.3},
                  {.horizon = 100'000, .max_period = most})
              .kind == Kind::quasiperiodic);
  }
  CHECK_THROWS_AS(verdict(Logistic{}, {0.3}, {.horizon = 999}), InvalidValue);
  CHECK_THROWS_AS(verdict(Logistic{}, {0.3}, {.max_period = 0}), InvalidValue);
  CHECK_THROWS_AS(verdict(Logistic{}, {0.3}, {.seed = -1}), InvalidValue);
}

TEST_CASE("the same question has the same answer; a monitor sees it come, and can stop it") {
  const auto net = feedback::Network::random({4, 16, 6.0, 174658140});
  const auto a = own_verdict(net.rule(), {.horizon = 100'000}),
             b = own_verdict(net.rule(), {.horizon = 100'000});
  CHECK(a.exponent == b.exponent);
  CHECK(a.exponents == b.exponents);
  CHECK(a.digits == b.digits);
  CHECK(a.recurrence == b.recurrence);
  CHECK(a.state == b.state);
  CHECK(a.reason == b.reason);

  struct Watch : Monitor {
    std::int64_t last = 0, calls = 0;
    bool stop = false, within = true, grows = true;
    void report(std::int64_t done, std::int64_t total) override {
      if (stop) throw std::runtime_error("stop");
      ++calls;
      within = within && done <= total;
      grows = grows && done >= last;
      last = done;
    }
  } watch;
  const double start[] = {0.3};
  classify(Logistic{4}, start, {}, watch);
  CHECK(watch.calls > 1);
  CHECK(watch.within);
  CHECK(watch.grows);
  watch.stop = true;
  CHECK_THROWS_AS(classify(Logistic{4}, start, {.horizon = 1'000'000'000'000}, watch),
                  std::runtime_error);
}
