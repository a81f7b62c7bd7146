#include <doctest/doctest.h>

#include <attractornet/learn/losses.hpp>
#include <cmath>
#include <vector>

#include "../contract.hpp"

using namespace attractornet;
using namespace attractornet::learn;
using contract::wave;

namespace {

constexpr std::int64_t nodes = 19, classes = 4;

std::vector<double> patterns() { return wave(nodes * classes, 0.7); }

double squared_distance(const double* a, const double* b) {
  double sum = 0;
  for (std::int64_t i = 0; i < nodes; ++i) sum += (a[i] - b[i]) * (a[i] - b[i]);
  return sum;
}
double length(const double* a) {
  const std::vector<double> zero(nodes);
  return std::sqrt(squared_distance(a, zero.data()));
}

/// As the paper writes it.
double by_definition(Loss kind, const std::vector<double>& x, std::size_t label) {
  const auto t = patterns();
  std::vector<double> d, m;
  for (std::int64_t k = 0; k < classes; ++k) {
    d.push_back(squared_distance(x.data(), t.data() + k * nodes));
    m.push_back(d.back() / (length(x.data()) * length(t.data() + k * nodes)));
  }
  double inverse = 0, loss = 0;
  for (const double one : m) inverse += 1 / one;
  switch (kind) {
    case Loss::mean_square:
      return d[label] / nodes;
    case Loss::sum_of_squares:
      return d[label];
    case Loss::cross_entropy:
      return -std::log(1 / m[label] / inverse);
    case Loss::binary_cross_entropy:
      for (std::size_t k = 0; k < m.size(); ++k) {
        const double q = 1 / m[k] / inverse;
        loss -= std::log(k == label ? q : 1 - q) / classes;
      }
      return loss;
  }
  return NAN;
}

constexpr Loss all[] = {Loss::mean_square, Loss::sum_of_squares, Loss::cross_entropy,
                        Loss::binary_cross_entropy};

}  // namespace

TEST_CASE("losses are what their definitions say, and dx their derivatives") {
  const Targets<double> targets(patterns(), nodes);
  std::vector<double> x = wave(nodes, 1.9);
  for (const Loss loss : all) {
    std::vector<double> dx(nodes), ignored(nodes);
    const auto judged = targets.judge(loss, x.data(), 2, 0.5, dx.data());
    CAPTURE(name_of(loss));
    CHECK(judged.loss == doctest::Approx(by_definition(loss, x, 2)).epsilon(1e-12));
    for (const std::size_t i : {0, 7, 18}) {
      constexpr double h = 1e-5;
      const double at = x[i];
      x[i] = at + h;
      const double above = by_definition(loss, x, 2);
      x[i] = at - h;
      const double below = by_definition(loss, x, 2);
      x[i] = at;
      CHECK(dx[i] == doctest::Approx(0.5 * (above - below) / (2 * h)).epsilon(1e-7));
    }
  }
}

TEST_CASE("losses: the class is that of the nearest pattern, by eq. 12") {
  const auto t = patterns();
  const Targets<float> targets(t, nodes);
  std::vector<double> q(classes);
  for (std::int64_t k = 0; k < classes; ++k) {
    std::vector<float> x(t.begin() + k * nodes, t.begin() + (k + 1) * nodes);
    x[3] += 0.1f;
    CHECK(targets.probabilities(x.data(), q.data()) == k);
    CHECK(std::abs(q[0] + q[1] + q[2] + q[3] - 1) < 1e-12);
  }
}

TEST_CASE("losses stay finite on a pattern itself") {
  const auto t = patterns();
  const Targets<double> targets(t, nodes);
  for (const Loss loss : all)
    for (const std::int64_t label : {1, 3}) {
      std::vector<double> dx(nodes);
      const auto judged = targets.judge(loss, t.data() + nodes, label, 1, dx.data());
      CAPTURE(name_of(loss));
      CHECK(std::isfinite(judged.loss));
      CHECK(judged.correct == (label == 1));
      for (const double value : dx) CHECK(std::isfinite(value));
      if (label == 1) CHECK(judged.loss < 1e-9);
    }
}

TEST_CASE("losses of a single class") {
  const auto t = wave(nodes, 0.2);
  const Targets<double> targets(t, nodes);
  const std::vector<double> x = wave(nodes, 1.2);
  for (const Loss loss : all) {
    std::vector<double> dx(nodes);
    const auto judged = targets.judge(loss, x.data(), 0, 1, dx.data());
    CHECK(std::isfinite(judged.loss));
    CHECK(judged.correct);
  }
}
