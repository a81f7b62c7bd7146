#include <doctest/doctest.h>

#include <attractornet/learn/adam.hpp>
#include <cmath>
#include <vector>

#include "../contract.hpp"

using namespace attractornet;
using namespace attractornet::learn;

namespace {

/// The same by definition, number by number.
std::vector<double> by_definition(std::vector<double> w, const AdamOptions& options, double rate,
                                  int steps) {
  std::vector<double> m(w.size()), v(w.size());
  for (int t = 1; t <= steps; ++t)
    for (std::size_t k = 0; k < w.size(); ++k) {
      const double g =
          std::sin(static_cast<double>(k) + t) * std::pow(10.0, static_cast<double>(k % 7) - 3);
      m[k] = options.beta1 * m[k] + (1 - options.beta1) * g;
      v[k] = options.beta2 * v[k] + (1 - options.beta2) * g * g;
      w[k] -= rate * (m[k] / (1 - std::pow(options.beta1, t))) /
              (std::sqrt(v[k] / (1 - std::pow(options.beta2, t))) + options.epsilon);
    }
  return w;
}

template <class T>
Trained<T> moved(std::int64_t count, const AdamOptions& options, double rate, int steps,
                 int threads) {
  Trained<T> trained(count);
  const auto start = contract::wave(static_cast<std::size_t>(count), 0.3);
  std::copy(start.begin(), start.end(), trained.values.begin());
  Adam<T> adam(options, trained, threads);
  Monitor monitor;
  AlignedVector<T> gradient(trained.values.size());
  for (int t = 1; t <= steps; ++t) {
    for (std::size_t k = 0; k < static_cast<std::size_t>(count); ++k)
      gradient[k] = static_cast<T>(std::sin(static_cast<double>(k) + t) *
                                   std::pow(10.0, static_cast<double>(k % 7) - 3));
    adam.next();
    adam.move(gradient.data(), 0, 5, rate, monitor);
    adam.move(gradient.data(), 5, count, rate, monitor);
  }
  return trained;
}

}  // namespace

TEST_CASE_TEMPLATE("Adam does what its definition says, whatever the ranges", T, float, double) {
  const AdamOptions options{.beta1 = 0.8, .beta2 = 0.95, .epsilon = 1e-4};
  for (const std::int64_t count : {7, 16, 100, 70'001}) {
    const auto expected =
        by_definition(contract::wave(static_cast<std::size_t>(count), 0.3), options, 0.01, 4);
    const Trained<T> trained = moved<T>(count, options, 0.01, 4, 1);
    double worst = 0;
    for (std::size_t k = 0; k < expected.size(); ++k)
      worst = std::max(worst, std::abs(static_cast<double>(trained.values[k]) - expected[k]));
    CHECK(worst < 20 * static_cast<double>(std::numeric_limits<T>::epsilon()));
    CHECK(trained.steps == 4);
  }
}

TEST_CASE("Adam: threads leave the bits alone") {
  const AdamOptions options;
  const auto one = moved<float>(200'003, options, 0.1, 2, 1);
  const auto three = moved<float>(200'003, options, 0.1, 2, 3);
  CHECK(one.values == three.values);
  CHECK(one.mean == three.mean);
  CHECK(one.square == three.square);
}

TEST_CASE("Adam: a range without a rate stays, but remembers its gradients") {
  Trained<double> trained(20);
  AlignedVector<double> gradient(trained.values.size(), 1.0);
  Monitor monitor;
  const AdamOptions options;
  Adam<double> adam(options, trained, 1);
  adam.next();
  adam.move(gradient.data(), 0, 9, 0, monitor);
  adam.move(gradient.data(), 9, 20, 0.5, monitor);
  CHECK(trained.values[8] == 0);
  CHECK(trained.mean[8] == doctest::Approx(0.1));
  CHECK(trained.values[9] == doctest::Approx(-0.5));
}
