#include <doctest/doctest.h>

#include <algorithm>
#include <attractornet/analysis/lyapunov.hpp>
#include <attractornet/dynamics/integrate.hpp>
#include <attractornet/systems/feedback_network.hpp>
#include <attractornet/systems/feedback_orbit.hpp>
#include <attractornet/systems/textbook_flows.hpp>
#include <attractornet/systems/textbook_maps.hpp>
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

using namespace attractornet;
using namespace attractornet::textbook;

namespace {

template <class R>
LyapunovSpectrum spectrum(const R& rule, std::vector<double> initial, LyapunovOptions options) {
  Monitor monitor;
  return lyapunov_spectrum(rule, initial.data(), options, monitor);
}

LyapunovSpectrum spectrum(const feedback::Network& net, LyapunovOptions options) {
  std::vector<double> start(net.inputs());
  net.rule().start(start.data());
  return spectrum(net.rule(), start, options);
}

double sum(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0);
}

/// Within 4 of the result's own standard errors of the published value.
void check_within_error(double exponent, double error, double truth) {
  CAPTURE(exponent);
  CAPTURE(error);
  CHECK(std::abs(exponent - truth) < 4 * error + 1e-12);
}

}  // namespace

TEST_CASE("logistic map at r = 4: ln 2") {
  const auto s = spectrum(Logistic{}, {0.123}, {.steps = 200'000, .discard = 1000});
  check_within_error(s.exponents[0], s.standard_error[0], std::log(2.0));
  CHECK(s.standard_error[0] < 1e-3);
  CHECK(s.kaplan_yorke_dimension == 1);
  CHECK(s.entropy == s.exponents[0]);
}

TEST_CASE("Sprott's two neurons: 0.690714") {
  const auto s = spectrum(TwoNeurons{}, {0.3}, {.steps = 400'000, .discard = 1000});
  check_within_error(s.exponents[0], s.standard_error[0], 0.690714);
}

TEST_CASE("Henon map: the sum is ln b to rounding, the largest 0.4192") {
  const auto s = spectrum(Henon{}, {0.1, 0.1}, {.steps = 300'000, .discard = 1000});
  CHECK(sum(s.exponents) == doctest::Approx(std::log(0.3)).epsilon(1e-9));
  check_within_error(s.exponents[0], s.standard_error[0], 0.41922);
  CHECK(s.kaplan_yorke_dimension == doctest::Approx(1.258).epsilon(0.002));
  CHECK(s.mean_interval > 2);
}

TEST_CASE("Lorenz flow: 0.9056, 0, and the trace") {
  const RungeKutta4<Lorenz> map{{}, 0.01};
  const auto s = spectrum(map, {1, 1, 1}, {.steps = 300'000, .discard = 5000});
  check_within_error(s.exponents[0], s.standard_error[0], 0.9056);
  CHECK(std::abs(s.exponents[1]) < 2e-3);
  CHECK(sum(s.exponents) == doctest::Approx(-(10 + 1 + 8.0 / 3)).epsilon(1e-5));
  CHECK(s.kaplan_yorke_dimension == doctest::Approx(2.062).epsilon(0.002));
}

TEST_CASE("a state that escapes is a status, and the exponents are NaN") {
  const auto s = spectrum(Henon{}, {10, 10}, {.steps = 1000, .discard = 0});
  CHECK(s.status == Status::diverged);
  CHECK(std::isnan(s.exponents[0]));
  CHECK(std::isnan(s.kaplan_yorke_dimension));
}

TEST_CASE("quasi-periodic network: one zero exponent, dimension 1, and the mean of ln|g_D|") {
  const auto s = spectrum(feedback::Network::random({4, 16, 1.4, 174658140}), {.steps = 200'000});
  CHECK(std::abs(s.exponents[0]) < 2e-5);
  CHECK(s.exponents[1] == doctest::Approx(-0.02102).epsilon(2e-3));
  CHECK(s.exponents[15] == doctest::Approx(-0.186446).epsilon(1e-3));
  CHECK(sum(s.exponents) == doctest::Approx(-1.276550482).epsilon(1e-5));
  CHECK(s.kaplan_yorke_dimension == 1);
  CHECK(s.entropy == 0);
  CHECK(s.status == Status::ok);
  CHECK(s.volume_defect < 1e-9);
}

TEST_CASE(
    "chaotic network: the automatic interval agrees with one step between orthonormalisations") {
  const auto net = feedback::Network::random({4, 16, 6.0, 174658140});
  const auto automatic = spectrum(net, {.steps = 30'000});
  const auto every = spectrum(net, {.steps = 30'000, .interval = 1});
  CHECK(automatic.mean_interval > 2);
  CHECK(every.mean_interval == 1);
  for (std::size_t i = 0; i < 12; ++i)
    CHECK(automatic.exponents[i] == doctest::Approx(every.exponents[i]).epsilon(1e-5));
  CHECK(sum(automatic.exponents) == doctest::Approx(sum(every.exponents)).epsilon(1e-9));
}

TEST_CASE("an interval that is too long is shortened, whoever asked for it") {
  const auto net = feedback::Network::random({4, 32, 0.55, 3160697950});
  const auto reference = spectrum(net, {.steps = 20'000, .interval = 1});
  const auto asked = spectrum(net, {.steps = 20'000, .interval = 1024});
  CHECK(asked.mean_interval < 100);
  for (std::size_t i = 0; i < 32; ++i)
    CHECK(asked.exponents[i] == doctest::Approx(reference.exponents[i]).epsilon(1e-6));
}

TEST_CASE("the k largest exponents are those of the full spectrum") {
  const auto net = feedback::Network::random({4, 16, 1.4, 174658140});
  const auto full = spectrum(net, {.steps = 50'000}),
             few = spectrum(net, {.k = 3, .steps = 50'000});
  for (std::size_t i = 0; i < 3; ++i)
    CHECK(std::abs(full.exponents[i] - few.exponents[i]) <
          4 * (full.standard_error[i] + few.standard_error[i]));
  CHECK(few.exponents.size() == 3);
  CHECK(few.kaplan_yorke_dimension == 1);
}

TEST_CASE("a column of zeros adds one exponent, -inf") {
  const auto net = feedback::Network::random({4, 9, 0.9, 174658140});
  std::vector<double> w;
  for (int i = 0; i < 4; ++i) {
    w.insert(w.end(), net.w().begin() + i * 9, net.w().begin() + (i + 1) * 9);
    w.push_back(0);
  }
  const auto narrow = spectrum(net, {.steps = 20'000});
  const auto wide =
      spectrum(feedback::Network(w, {net.b().begin(), net.b().end()}, 10), {.steps = 20'000});
  CHECK(std::isinf(wide.exponents[9]));
  CHECK(wide.exponents[9] < 0);
  CHECK(wide.status == Status::ok);
  for (std::size_t i = 0; i < 9; ++i)
    CHECK(std::abs(wide.exponents[i] - narrow.exponents[i]) < 1e-4 + 5 * narrow.standard_error[i]);
}

TEST_CASE(
    "saturated units do not end in log(0): superstable orbits have -inf or very negative "
    "exponents") {
  for (const double scale : {8.0, 16.0, 1e3, 1e6}) {
    const auto s = spectrum(feedback::Network::random({4, 4, scale, 7}),
                            {.steps = 2000, .discard = 500, .blocks = 4});
    CAPTURE(scale);
    for (const double e : s.exponents) CHECK(!std::isnan(e));
    CHECK(s.exponents[0] < std::log(1e7));
  }
}

TEST_CASE("blocks and history are consistent, whatever the division") {
  const auto s = spectrum(Henon{}, {0.1, 0.1}, {.steps = 1003, .discard = 10, .blocks = 7});
  CHECK(s.history_steps.back() == 1003);
  CHECK(s.history.size() == 14);
  CHECK(s.history[12] == doctest::Approx(s.exponents[0]).epsilon(1e-14));
  CHECK(s.steps == 1003);
}

TEST_CASE("Kaplan-Yorke dimension: partial sums within the tolerance count as zero") {
  using V = std::vector<double>;
  const V none{0, 0, 0}, some{1e-6, 1e-6, 1e-6};
  CHECK(kaplan_yorke_dimension(V{0.9, 0, -14.5}, none, true) == doctest::Approx(2 + 0.9 / 14.5));
  CHECK(kaplan_yorke_dimension(V{-1e-9, -0.1, -0.2}, some, true) == 1);
  CHECK(kaplan_yorke_dimension(V{1e-9, -0.1, -0.2}, some, true) == 1);
  CHECK(kaplan_yorke_dimension(V{-0.1, -0.2, -0.3}, some, true) == 0);
  CHECK(kaplan_yorke_dimension(V{0.3, 0.2, 0.1}, some, true) == 3);
  CHECK(std::isnan(kaplan_yorke_dimension(V{0.3, 0.2, 0.1}, some, false)));
}

TEST_CASE("bad options are refused by name") {
  CHECK_THROWS_WITH_AS(spectrum(Henon{}, {0, 0}, {.k = 3}),
                       "lyapunov_spectrum: k = 3: expected 1 to the dimension 2", InvalidValue);
  CHECK_THROWS_AS(spectrum(Henon{}, {0, 0}, {.steps = 0}), InvalidValue);
  CHECK_THROWS_AS(spectrum(Henon{}, {0, 0}, {.steps = 10, .blocks = 11}), InvalidValue);
}
