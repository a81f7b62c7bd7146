#include <doctest/doctest.h>

#include <algorithm>
#include <attractornet/analysis/attractors.hpp>
#include <attractornet/dynamics/integrate.hpp>
#include <attractornet/systems/feedback_network.hpp>
#include <attractornet/systems/feedback_orbit.hpp>
#include <attractornet/systems/textbook_flows.hpp>
#include <attractornet/systems/textbook_maps.hpp>
#include <cmath>
#include <initializer_list>
#include <numeric>
#include <stdexcept>
#include <vector>

using namespace attractornet;
using namespace attractornet::textbook;

namespace {

/// Attractors of starts that are listed one after the other.
template <Map R>
AttractorSet attractors(const R& rule, const std::vector<double>& starts,
                        const AttractorsOptions& options = {}, int threads = 2) {
  const auto n = static_cast<std::size_t>(rule.dimension());
  Monitor monitor;
  return attractors_of(
      RuleSubject<R>{rule}, static_cast<std::int64_t>(starts.size() / n),
      [&](std::int64_t i, double* state) {
        std::copy_n(starts.data() + static_cast<std::size_t>(i) * n, n, state);
      },
      options, threads, monitor);
}

/// Uniform in a box around 0.
std::vector<double> uniform_starts(std::size_t count, double half_width) {
  const Stream stream(11, Purpose::sampling);
  std::vector<double> starts(count);
  for (std::size_t i = 0; i < count; ++i)
    starts[i] = half_width * (2 * stream.uniform(static_cast<std::uint32_t>(i)) - 1);
  return starts;
}

/// x' = tanh(a x): for a > 1 two fixed points, and the sign of x decides.
struct Pitchfork {
  double a = 2;
  int dimension() const { return 1; }
  void step(const double* x, double* next) const { next[0] = attractornet::tanh(a * x[0]); }
  void jvp(const double* x, const double* v, int columns, double* next, double* images) const {
    step(x, next);
    multiply({{a * tanh_sech2(a * x[0]).sech2}}, v, columns, images);
  }
};

/// x' = x - x^3, y' = -y.
struct DoubleWell {
  int dimension() const { return 2; }
  void rhs(const double* s, double* d) const {
    d[0] = s[0] - s[0] * s[0] * s[0];
    d[1] = -s[1];
  }
  void jvp(const double* s, const double* v, int columns, double* d, double* images) const {
    rhs(s, d);
    multiply({{1 - 3 * s[0] * s[0], 0}, {0, -1}}, v, columns, images);
  }
};

void check_same(const AttractorSet& a, const AttractorSet& b) {
  CHECK(a.labels == b.labels);
  CHECK(a.diverged_share == b.diverged_share);
  REQUIRE(a.attractors.size() == b.attractors.size());
  for (std::size_t i = 0; i < a.attractors.size(); ++i) {
    const auto &one = a.attractors[i], &other = b.attractors[i];
    CHECK(one.share == other.share);
    CHECK(one.mean == other.mean);
    CHECK(one.points == other.points);
    CHECK(one.classification.kind == other.classification.kind);
    CHECK(one.classification.exponent == other.classification.exponent);
  }
}
/// Shares and labels belong together, and add up.
void check_consistent(const AttractorSet& set) {
  double sum = set.diverged_share;
  for (std::size_t a = 0; a < set.attractors.size(); ++a) {
    const double count = static_cast<double>(
        std::count(set.labels.begin(), set.labels.end(), static_cast<std::int64_t>(a)));
    CHECK(set.attractors[a].share ==
          doctest::Approx(count / static_cast<double>(set.labels.size())));
    if (a > 0) CHECK(set.attractors[a].share <= set.attractors[a - 1].share);
    sum += set.attractors[a].share;
  }
  CHECK(sum == doctest::Approx(1));
}

}  // namespace

TEST_CASE("a pitchfork: the sign of the start decides, however wide the starts lie") {
  const double fixed_point = 0.95750402407728;  // x = tanh 2 x
  for (const double width : {0.5, 1.0, 10.0, 1e3, 1e5}) {
    CAPTURE(width);
    const auto starts = uniform_starts(200, width);
    const auto set = attractors(Pitchfork{}, starts);
    check_consistent(set);
    REQUIRE(set.attractors.size() == 2);
    for (std::size_t i = 0; i < starts.size(); ++i) {
      const auto& attractor = set.attractors[static_cast<std::size_t>(set.labels[i])];
      CHECK(attractor.mean[0] == doctest::Approx(std::copysign(fixed_point, starts[i])));
    }
    for (const auto& attractor : set.attractors) {
      CHECK(attractor.classification.kind == Kind::fixed_point);
      CHECK(attractor.points.size() == 1024);
    }
  }
  CHECK(attractors(Pitchfork{.a = 0.5}, uniform_starts(50, 3)).attractors.size() == 1);
  // Far from 0, the same.
  struct Moved : Pitchfork {
    void step(const double* x, double* next) const {
      const double y = x[0] - 1000;
      Pitchfork::step(&y, next);
      next[0] += 1000;
    }
    void jvp(const double* x, const double* v, int columns, double* next, double* images) const {
      const double y = x[0] - 1000;
      Pitchfork::jvp(&y, v, columns, next, images);
      next[0] += 1000;
    }
  };
  auto starts = uniform_starts(50, 2);
  for (double& x : starts) x += 1000;
  CHECK(attractors(Moved{}, starts).attractors.size() == 2);
}

TEST_CASE("a slow approach founds one attractor, not one for every start") {
  const auto set = attractors(Pitchfork{.a = 1.0001}, uniform_starts(40, 1), {.discard = 100});
  CHECK(set.attractors.size() == 2);
  const auto well =
      attractors(RungeKutta4<DoubleWell>{{}, 0.01}, uniform_starts(400, 3), {.discard = 300});
  CHECK(well.attractors.size() == 2);
  check_consistent(well);
  for (const auto& attractor : well.attractors) {
    CHECK(std::abs(attractor.mean[0]) == doctest::Approx(1));
    CHECK(std::abs(attractor.mean[1]) < 1e-6);
  }
}

TEST_CASE("the article's third network: three attractors, two of them mirror images") {
  const auto net = feedback::Network::random({4, 16, 1.4, 174658140});
  // Every start and its mirror image.
  auto starts = uniform_starts(16 * 60, 2);
  const std::size_t half = starts.size();
  for (std::size_t i = 0; i < half; ++i) starts.push_back(-starts[i]);
  const auto set = attractors(net.rule(), starts, {.discard = 2000, .horizon = 500'000});
  check_consistent(set);
  REQUIRE(set.attractors.size() == 3);
  CHECK(set.diverged_share == 0);
  std::vector<double> means;
  for (const auto& attractor : set.attractors) {
    CHECK(attractor.classification.kind == Kind::quasiperiodic);
    CHECK(attractor.share > 0.01);
    for (const double mean : attractor.mean)
      CHECK(mean == doctest::Approx(attractor.mean[0]).epsilon(1e-6).scale(1));
    means.push_back(attractor.mean[0]);
  }
  for (std::size_t i = 0; i < 60; ++i) {
    const double mean = means[static_cast<std::size_t>(set.labels[i])];
    CHECK(means[static_cast<std::size_t>(set.labels[i + 60])] ==
          doctest::Approx(-mean).scale(1).epsilon(1e-6));
  }
  std::sort(means.begin(), means.end());
  CHECK(means[0] == doctest::Approx(-0.4119).epsilon(2e-4));
  CHECK(std::abs(means[1]) < 1e-6);
  CHECK(means[2] == doctest::Approx(0.4119).epsilon(2e-4));
  check_same(set, attractors(net.rule(), starts, {.discard = 2000, .horizon = 500'000}, 1));
  check_same(set, attractors(net.rule(), starts, {.discard = 2000, .horizon = 500'000}, 3));
}

TEST_CASE("Henon: one chaotic attractor, and starts that escape") {
  const auto starts = uniform_starts(2 * 400, 2);
  const auto set = attractors(Henon{}, starts, {.discard = 1000, .horizon = 200'000});
  check_consistent(set);
  REQUIRE(set.attractors.size() == 1);
  CHECK(set.attractors[0].classification.kind == Kind::chaotic);
  CHECK(set.diverged_share > 0.2);
  CHECK(set.diverged_share < 0.8);
  CHECK(set.attractors[0].mean[0] == doctest::Approx(0.2569).epsilon(0.02));
  for (std::size_t i = 0; i < 400; ++i) {
    double state[] = {starts[2 * i], starts[2 * i + 1]}, next[2];
    for (int t = 0; t < 1000 && std::abs(state[0]) < 1e3; ++t) {
      Henon{}.step(state, next);
      std::copy_n(next, 2, state);
    }
    CHECK((set.labels[i] == AttractorSet::diverged) == !(std::abs(state[0]) < 1e3));
  }
  const auto none = attractors(Logistic{4.5}, {0.3, 0.7, 0.11});
  CHECK(none.attractors.empty());
  CHECK(none.diverged_share == 1);
  CHECK(none.labels == std::vector<std::int64_t>(3, AttractorSet::diverged));
}

TEST_CASE("a cycle of an exact period is one attractor, whatever the phase; one start is enough") {
  for (const double r : {3.2, 3.5, 3.83, 3.5699}) {
    const auto set = attractors(Logistic{r}, {0.1, 0.2, 0.3, 0.4, 0.45, 0.6, 0.77});
    CHECK(set.attractors.size() == 1);
    CHECK(set.attractors[0].share == 1);
  }
  const auto one = attractors(Logistic{3.83}, {0.3});
  REQUIRE(one.attractors.size() == 1);
  CHECK(one.attractors[0].classification.period == 3);
  CHECK(one.labels == std::vector<std::int64_t>{0});
  // The mean of the 3-cycle, by hand.
  double x = 0.3, sum = 0;
  for (int t = 0; t < 3000; ++t) x = 3.83 * x * (1 - x);
  for (int t = 0; t < 3; ++t) sum += x = 3.83 * x * (1 - x);
  CHECK(one.attractors[0].mean[0] == doctest::Approx(sum / 3).epsilon(1e-9));
  const auto undiscarded = attractors(Logistic{3.83}, {0.3, 0.6}, {.discard = 0});
  CHECK(undiscarded.attractors.size() == 1);
}

TEST_CASE(
    "attractors: bad options are refused, and a monitor sees the starts pass and can stop them") {
  CHECK_THROWS_AS(attractors(Henon{}, {}), InvalidValue);
  CHECK_THROWS_AS(attractors(Henon{}, {0, 0}, {.discard = -1}), InvalidValue);
  CHECK_THROWS_AS(attractors(Henon{}, {0, 0}, {.horizon = 10}), InvalidValue);

  struct Watch : Monitor {
    bool stop = false, within = true;
    void report(std::int64_t done, std::int64_t total) override {
      if (stop) throw std::runtime_error("stop");
      within = within && done >= 0 && done <= total;
    }
  } watch;
  const RuleSubject<Logistic> subject{Logistic{}};
  const auto start = [](std::int64_t i, double* state) {
    state[0] = 0.01 * static_cast<double>(i + 1);
  };
  const AttractorsOptions slow{.horizon = 60'000'000};
  attractors_of(subject, 3, start, slow, 2, watch);
  CHECK(watch.within);
  watch.stop = true;
  CHECK_THROWS_AS(attractors_of(subject, 5, start, slow, 2, watch), std::runtime_error);
}
