#include <doctest/doctest.h>

#include <algorithm>
#include <attractornet/scan/feedback_cuda.hpp>
#include <cmath>
#include <optional>
#include <string>
#include <vector>

#include "runtime.hpp"

using namespace attractornet;
using feedback::Distribution;
using feedback::Ensemble;
using scan::Options;
using scan::Precision;

namespace {

std::vector<Ensemble> networks(std::int64_t neurons, std::int64_t inputs, Distribution how,
                               int count = 11) {
  std::vector<Ensemble> points;
  for (int i = 0; i < count; ++i)
    points.push_back({neurons, inputs, 0.7 + 0.25 * (i % 8), 100 + i, how});
  return points;
}

template <class Source>
scan::Table measured(const std::vector<Ensemble>& points, const std::vector<std::string>& names,
                     const Options& options, const double* initial = nullptr) {
  Monitor monitor;
  return scan::measure(Source(points, initial), names, options, 1, monitor);
}

/// Largest difference of a column's values, those of infinite ones apart.
double apart(const scan::Table& a, const scan::Table& b, std::string_view name) {
  double worst = 0;
  for (std::size_t c = 0; c < a.columns().size(); ++c)
    for (std::size_t i = 0; a.columns()[c].name == name && i < a.values(c).size(); ++i) {
      const double x = a.values(c)[i], y = b.values(c)[i];
      if (bits(x) == bits(y) || (std::isnan(x) && std::isnan(y))) continue;
      worst = std::isfinite(x - y) ? std::max(worst, std::abs(x - y)) : INFINITY;
    }
  return worst;
}

struct Size {
  std::int64_t neurons, inputs;
};
constexpr Size sizes[] = {{1, 1}, {2, 5}, {4, 32}, {5, 9}, {3, 64}, {17, 33}, {32, 12}};
constexpr Distribution ways[] = {Distribution::uniform, Distribution::gaussian};

}  // namespace

TEST_CASE("device: orbits have the bits of the CPU's, and see the same cells") {
  for (const Size size : sizes)
    for (const auto how : ways)
      for (const auto dtype : {Precision::float64, Precision::float32}) {
        CAPTURE(size.neurons);
        CAPTURE(size.inputs);
        const auto points = networks(size.neurons, size.inputs, how);
        const Options options{.steps = 60, .discard = 7, .dtype = dtype};
        const auto here =
            measured<feedback::Ensembles>(points, {"final_state", "occupied"}, options);
        const auto there = measured<cuda::Ensembles>(points, {"final_state", "occupied"}, options);
        CHECK(apart(here, there, "final_state") == 0);
        CHECK(apart(here, there, "occupied") == 0);
        CHECK(here.status() == there.status());
      }
}

TEST_CASE("device: exponents are those of the CPU, to rounding") {
  for (const Size size : sizes)
    for (const auto dtype : {Precision::float64, Precision::float32}) {
      CAPTURE(size.neurons);
      CAPTURE(size.inputs);
      const double rounding = dtype == Precision::float64 ? 1e-14 : 1e-5;
      const auto points = networks(size.neurons, size.inputs, Distribution::gaussian);
      const Options options{.steps = 40, .discard = 3, .k = 3, .blocks = 4, .dtype = dtype};
      const std::vector<std::string> names{"exponent", "spectrum"};
      const auto here = measured<feedback::Ensembles>(points, names, options);
      const auto there = measured<cuda::Ensembles>(points, names, options);
      CHECK(apart(here, there, "exponent") < rounding);
      CHECK(apart(here, there, "exponent_error") < rounding);
      CHECK(apart(here, there, "spectrum") < 10 * rounding);
      CHECK(apart(here, there, "spectrum_error") < 10 * rounding);
    }
}

TEST_CASE("device: complete spectra, as far as contraction leaves their digits") {
  const auto points = networks(4, 8, Distribution::uniform);
  const Options options{.steps = 120, .discard = 10, .blocks = 3};
  const std::vector<std::string> names{"spectrum", "kaplan_yorke_dimension"};
  const auto here = measured<feedback::Ensembles>(points, names, options);
  const auto there = measured<cuda::Ensembles>(points, names, options);
  CHECK(apart(here, there, "spectrum") < 1e-9);
  CHECK(apart(here, there, "kaplan_yorke_dimension") < 1e-9);
}

TEST_CASE("device: a start of one's own, and networks whose vectors die") {
  const std::vector<double> initial{0.3, -0.2, 0.5, 0.1, 0.7};
  const auto points = networks(4, 5, Distribution::uniform);
  const Options options{.steps = 30, .discard = 0, .blocks = 3};
  const std::vector<std::string> names{"final_state", "exponent", "spectrum"};
  for (const auto& name : names)
    CHECK(apart(measured<feedback::Ensembles>(points, names, options, initial.data()),
                measured<cuda::Ensembles>(points, names, options, initial.data()), name) < 1e-9);
  std::vector<Ensemble> flat = points;
  for (auto& point : flat) point.scale = 0;  // nothing is fed back
  for (const auto& name : names)
    CHECK(apart(measured<feedback::Ensembles>(flat, names, options),
                measured<cuda::Ensembles>(flat, names, options), name) == 0);
}

TEST_CASE("device: results do not depend on the order of threads, nor on other networks") {
  const auto points = networks(3, 10, Distribution::uniform, 9);
  const Options options{.steps = 50, .discard = 5, .k = 2, .blocks = 2};
  const std::vector<std::string> names{"final_state", "occupied", "exponent", "spectrum"};
  const auto whole = measured<cuda::Ensembles>(points, names, options);
  for (const int order : {1, 2, 3}) {
    emulator::machine.order = order;
    const auto other = measured<cuda::Ensembles>(points, names, options);
    for (const auto& column : whole.columns()) {
      CAPTURE(std::string(column.name));
      CHECK(apart(whole, other, column.name) == 0);
    }
  }
  emulator::machine.order = 0;
  auto one = measured<cuda::Ensembles>({points[4]}, names, options);
  auto all = whole;
  for (const auto& column : whole.columns())
    for (std::size_t i = 0; i < one.at(column.name, 0).size(); ++i)
      CHECK(bits(one.at(column.name, 0)[i]) == bits(all.at(column.name, 4)[i]));
}

TEST_CASE("device: what is too large for a warp is measured on the CPU") {
  const std::vector<std::string> names{"final_state", "exponent"};
  const Options options{.steps = 20, .discard = 5, .blocks = 2};
  for (const Size size : {Size{33, 4}, Size{4, 65}}) {
    const auto points = networks(size.neurons, size.inputs, Distribution::gaussian, 3);
    const auto launches = emulator::machine.launches.load();
    const auto there = measured<cuda::Ensembles>(points, names, options);
    CHECK(emulator::machine.launches == launches);
    CHECK(apart(measured<feedback::Ensembles>(points, names, options), there, "exponent") == 0);
  }
}

TEST_CASE("device: classes are those of the CPU, with the bits of their numbers") {
  // Few networks go on the CPU; large scales make some of them chaotic, which are looked at again.
  for (const int count : {3, 80}) {
    auto points = networks(4, 8, Distribution::uniform, count);
    for (std::size_t i = 0; i < points.size(); ++i)
      points[i].scale = 0.5 + 0.125 * static_cast<double>(i);
    const Options options{.horizon = 6000, .max_period = 100};
    const auto launches = emulator::machine.launches.load();
    const auto there = measured<cuda::Ensembles>(points, {"kind"}, options);
    CHECK((emulator::machine.launches > launches) == (count > 16));
    const auto here = measured<feedback::Ensembles>(points, {"kind"}, options);
    for (const auto name : {"kind", "period", "rotation_number"}) {
      CAPTURE(std::string(name));
      CHECK(apart(here, there, name) == 0);
    }
    const auto kinds = here.values(0);
    if (count > 16) CHECK(*std::max_element(kinds.begin(), kinds.end()) >= 3);
  }
}

TEST_CASE("device: memory that runs out is an error, and none is lost") {
  auto& machine = emulator::machine;
  const auto points = networks(4, 16, Distribution::uniform);
  const Options options{.steps = 10, .discard = 0, .blocks = 2};
  const std::size_t enough = machine.memory;
  for (const std::size_t little : {std::size_t{100}, std::size_t{1700}, std::size_t{2500}}) {
    machine.memory = little;
    CHECK_THROWS_AS(measured<cuda::Ensembles>(points, {"exponent"}, options), MemoryLimit);
    CHECK(machine.used == 0);
  }
  machine.memory = enough;
  measured<cuda::Ensembles>(points, {"exponent"}, options);
  CHECK(machine.used == 0);
}
