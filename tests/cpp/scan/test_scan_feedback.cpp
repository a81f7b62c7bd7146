#include <doctest/doctest.h>

#include <attractornet/scan/feedback.hpp>
#include <cmath>
#include <string>
#include <vector>

using namespace attractornet;
using feedback::Ensemble;
using feedback::Ensembles;
using scan::Options;

namespace {

std::vector<Ensemble> mixture(int count, std::int64_t neurons = 4, std::int64_t inputs = 8) {
  std::vector<Ensemble> points;
  for (int i = 0; i < count; ++i)
    points.push_back({neurons, inputs, 0.3 + 0.4 * (i % 12), 10'000 + i});
  return points;
}

scan::Table measured(const std::vector<Ensemble>& points, const std::vector<std::string>& names,
                     const Options& options, int threads = 1) {
  Monitor monitor;
  return scan::measure(Ensembles(points), names, options, threads, monitor);
}

const std::vector<std::string> everything{
    "final_state", "occupied", "exponent", "spectrum", "kaplan_yorke_dimension", "kind"};
const Options brief{.steps = 1500, .discard = 700, .horizon = 3000};

void check_same(const scan::Table& a, const scan::Table& b) {
  REQUIRE(a.columns().size() == b.columns().size());
  for (std::size_t c = 0; c < a.columns().size(); ++c)
    for (std::size_t i = 0; i < a.values(c).size(); ++i)
      CHECK(bits(a.values(c)[i]) == bits(b.values(c)[i]));
  CHECK(a.status() == b.status());
}

}  // namespace

TEST_CASE("scan: every point has what the analyses say of its network") {
  const auto points = mixture(40);
  auto table = measured(points, everything, {.steps = 4000, .discard = 1000, .horizon = 5000});
  int within = 0, compared = 0;
  for (int i = 0; i < 40; ++i) {
    CAPTURE(i);
    const auto net = feedback::Network::random(points[i]);
    std::vector<double> y(8), end(8);
    net.rule().start(y.data());
    feedback::Orbit orbit(net.rule());
    orbit.load(y.data());
    orbit.advance(5000);
    orbit.state(end.data());
    for (int j = 0; j < 8; ++j) CHECK(bits(table.at("final_state", i)[j]) == bits(end[j]));

    Monitor monitor;
    const auto spectrum =
        lyapunov_spectrum(net.rule(), y.data(), {.steps = 4000, .discard = 1000}, monitor);
    for (int c = 0; c < 8; ++c) {
      const double error = std::abs(table.at("spectrum", i)[c] - spectrum.exponents[c]);
      if (!std::isfinite(error)) continue;
      ++compared;
      within += error <= 0.5 * spectrum.standard_error[c] + 1e-6;
    }
    CHECK(std::abs(table.at("exponent", i)[0] - spectrum.exponents[0]) <=
          spectrum.standard_error[0] + 1e-6);
    CHECK(table.at("kaplan_yorke_dimension", i)[0] ==
          doctest::Approx(spectrum.kaplan_yorke_dimension).epsilon(1e-3).scale(1));
    const auto found = classify(net.rule(), y.data(), {.horizon = 5000}, monitor);
    CHECK(table.at("kind", i)[0] == static_cast<double>(found.kind));
  }
  CHECK(compared > 300);
  CHECK(within >= 0.99 * compared);
}

TEST_CASE("scan: the same bits in any company, on any number of threads") {
  for (const auto precision : {scan::Precision::float64, scan::Precision::float32}) {
    Options options = brief;
    options.dtype = precision;
    std::vector<std::string> names{"final_state", "occupied", "exponent", "spectrum"};
    const auto points = mixture(61);
    auto whole = measured(points, names, options);
    check_same(whole, measured(points, names, options, 3));
    for (const int first : {0, 5, 58}) {
      const std::vector<Ensemble> part(points.begin() + first,
                                       points.begin() + std::min(61, first + 7));
      auto alone = measured(part, names, options);
      for (std::size_t i = 0; i < part.size(); ++i)
        for (const auto& column : alone.columns())
          for (int w = 0; w < column.width; ++w)
            CHECK(bits(alone.at(column.name, i)[w]) == bits(whole.at(column.name, first + i)[w]));
    }
  }
}

TEST_CASE("scan: points of several sizes, each as it is alone") {
  std::vector<Ensemble> points;
  for (int i = 0; i < 12; ++i) points.push_back({1 + i % 3, 2 + i % 4, 2.0, 50 + i});
  auto table = measured(points, {"final_state", "occupied", "spectrum"}, brief);
  for (int i = 0; i < 12; ++i) {
    CAPTURE(i);
    auto alone = measured({points[i]}, {"final_state", "occupied", "spectrum"}, brief);
    const int inputs = 2 + i % 4;
    for (int j = 0; j < 5; ++j)
      if (j < inputs) {
        CHECK(bits(table.at("final_state", i)[j]) == bits(alone.at("final_state", 0)[j]));
        CHECK(bits(table.at("spectrum", i)[j]) == bits(alone.at("spectrum", 0)[j]));
      } else {
        CHECK(std::isnan(table.at("final_state", i)[j]));
        CHECK(std::isnan(table.at("spectrum", i)[j]));
      }
    CHECK(std::isnan(table.at("occupied", i)[0]) == (points[i].neurons == 1));
  }
}

TEST_CASE("scan: networks too large for lanes are measured one by one") {
  std::vector<Ensemble> points;
  for (int i = 0; i < 3; ++i) points.push_back({60, 80, 0.4, 70 + i});
  auto table = measured(points, {"final_state", "occupied", "exponent", "spectrum"},
                        {.steps = 300, .discard = 100, .k = 2});
  for (int i = 0; i < 3; ++i) {
    const auto net = feedback::Network::random(points[i]);
    std::vector<double> y(80), end(80);
    net.rule().start(y.data());
    feedback::Orbit orbit(net.rule());
    orbit.load(y.data());
    orbit.advance(400);
    orbit.state(end.data());
    CHECK(bits(table.at("final_state", i)[79]) == bits(end[79]));
    CHECK(table.at("occupied", i)[0] > 0.005);
    Monitor monitor;
    const auto s =
        lyapunov_spectrum(net.rule(), y.data(), {.k = 2, .steps = 300, .discard = 100}, monitor);
    CHECK(bits(table.at("spectrum", i)[1]) == bits(s.exponents[1]));
  }
}

TEST_CASE("scan: exponents of orbits in float are those in double, within their errors") {
  Options options{.steps = 10'000, .discard = 2'000};
  const auto points = mixture(48, 4, 16);
  auto in_double = measured(points, {"exponent"}, options);
  options.dtype = scan::Precision::float32;
  auto in_float = measured(points, {"exponent"}, options);
  int within = 0;
  for (int i = 0; i < 48; ++i) {
    const double error =
        std::hypot(in_double.at("exponent_error", i)[0], in_float.at("exponent_error", i)[0]);
    within += std::abs(in_double.at("exponent", i)[0] - in_float.at("exponent", i)[0]) <=
              4 * error + 1e-5;
  }
  CHECK(within >= 45);  // of several attractors, rounding may choose another
}

TEST_CASE("scan: strongly contracting networks are measured with the care that they need") {
  std::vector<Ensemble> points;
  for (int i = 0; i < 16; ++i) points.push_back({4, 4, 16.0 + 8 * i, 900 + i});
  auto table = measured(points, {"exponent", "spectrum"}, brief);
  for (int i = 0; i < 16; ++i) {
    CAPTURE(i);
    const double largest = table.at("exponent", i)[0];
    CHECK_FALSE(std::isnan(largest));
    const auto net = feedback::Network::random(points[i]);
    std::vector<double> y(4);
    net.rule().start(y.data());
    Monitor monitor;
    const auto s = lyapunov_spectrum(
        net.rule(), y.data(), {.k = 1, .steps = brief.steps, .discard = brief.discard}, monitor);
    if (std::isfinite(s.exponents[0]))
      CHECK(std::abs(largest - s.exponents[0]) <= s.standard_error[0] + 1e-6);
    else
      CHECK(largest == s.exponents[0]);
  }
}

TEST_CASE("scan: an orbit beyond the numbers is a status, not an error") {
  std::vector<Ensemble> points = mixture(9);
  points[4].scale = 1e308;
  points[4].neurons = 32;  // whose sum leaves the numbers
  auto table = measured(points, everything, brief);
  CHECK(table.status()[4] == static_cast<std::int8_t>(scan::PointStatus::diverged));
  CHECK(table.status()[3] == static_cast<std::int8_t>(scan::PointStatus::ok));
}

TEST_CASE("scan: what is not in the table, or not in that precision, is refused by name") {
  CHECK_THROWS_WITH_AS(
      measured(mixture(1), {"exponents"}, brief),
      "scan: measure = 'exponents': expected one of final_state, occupied, exponent, spectrum, "
      "kaplan_yorke_dimension, kind",
      InvalidValue);
  Options options = brief;
  options.dtype = scan::Precision::float32;
  CHECK_THROWS_WITH_AS(measured(mixture(1), {"exponent", "kind"}, options),
                       "scan: dtype = 'float32': expected 'float64', which 'kind' is measured in",
                       InvalidValue);
}

TEST_CASE("scan: too few steps for the errors are refused, where there are errors") {
  CHECK_THROWS_WITH_AS(measured(mixture(1), {"exponent"}, {.steps = 31}),
                       "scan: steps = 31: expected at least blocks = 32", InvalidValue);
  CHECK(measured(mixture(1), {"final_state"}, {.steps = 31}).status()[0] == 0);
}

TEST_CASE("scan: progress counts every point of every measurement") {
  struct Told : Monitor {
    std::int64_t done = 0, total = 0;
    void report(std::int64_t d, std::int64_t t) override {
      done = d;
      total = t;
    }
  } told;
  const auto points = mixture(20);
  const std::vector<std::string> names{"final_state", "occupied", "exponent"};
  scan::measure(Ensembles(points), names, brief, 2, told);
  CHECK(told.total == 40);
  CHECK(told.done == 40);
}
