#include <doctest/doctest.h>

#include <attractornet/dynamics/wilson_cowan_adjoint.hpp>
#include <attractornet/systems/wilson_cowan_network.hpp>
#include <cmath>
#include <cstring>
#include <vector>

#include "../contract.hpp"
#include "../wilson_cowan.hpp"

using namespace attractornet;
using namespace attractornet::wilson_cowan;
using contract::Vector;
using contract::wave;

namespace {

constexpr Scheme schemes[] = {Scheme::euler, Scheme::runge_kutta_4, Scheme::exponential_euler};

/// All that a loss depends on.
struct Case {
  std::int64_t nodes, samples;
  Params params = general;
  double scale = 0.4;
  Vector a, input_e, input_i, x, y;

  Case(std::int64_t n, std::int64_t s)
      : nodes(n),
        samples(s),
        a(wave(static_cast<std::size_t>(n * n), 0.3)),
        input_e(wave(static_cast<std::size_t>(n), 1.1)),
        input_i(wave(static_cast<std::size_t>(n), 2.3)),
        x(wave(static_cast<std::size_t>(n * s), 0.7)),
        y(wave(static_cast<std::size_t>(n * s), 1.9)) {}

  template <class T>
  Model<T> model() const {
    return {params, nodes, a.data(), scale, input_e.data(), input_i.data()};
  }
};

template <class T>
AlignedVector<T> padded(const Vector& values, std::int64_t rows, std::int64_t columns,
                        std::int64_t stride) {
  AlignedVector<T> result(static_cast<std::size_t>(rows * stride));
  for (std::int64_t r = 0; r < rows; ++r)
    for (std::int64_t c = 0; c < columns; ++c)
      result[static_cast<std::size_t>(r * stride + c)] =
          static_cast<T>(values[static_cast<std::size_t>(r * columns + c)]);
  return result;
}

template <class T>
struct End {
  AlignedVector<T> x, y;
  Gradient<T> gradient;
};

/// The loss is the sum of the last state times waves.
template <class T>
End<T> run(const Case& some, const RunOptions& options, Memory memory, int threads) {
  const auto model = some.model<T>();
  Monitor monitor;
  Tape<T> tape(model, some.samples, options, memory, threads);
  const auto state = [&](const Vector& values) {
    return padded<T>(values, some.samples, some.nodes, model.stride);
  };
  End<T> end{state(some.x), state(some.y), {}};
  tape.forward(end.x.data(), end.y.data(), monitor);
  const auto dx = state(wave(some.x.size(), 0.1)), dy = state(wave(some.x.size(), 0.9));
  end.gradient = tape.reverse(dx.data(), dy.data(), monitor);
  return end;
}

double loss(const Case& some, const RunOptions& options) {
  const auto model = some.model<double>();
  const auto end = run<double>(some, options, Memory::store, 1);
  const Vector dx = wave(some.x.size(), 0.1), dy = wave(some.x.size(), 0.9);
  double sum = 0;
  for (std::int64_t b = 0; b < some.samples; ++b)
    for (std::int64_t i = 0; i < some.nodes; ++i) {
      const auto k = static_cast<std::size_t>(b * some.nodes + i);
      const auto at = static_cast<std::size_t>(b * model.stride + i);
      sum += dx[k] * end.x[at] + dy[k] * end.y[at];
    }
  return sum;
}

/// The loss's derivative by a number of the case.
double difference(Case some, const RunOptions& options, double& (*number)(Case&)) {
  constexpr double h = 1e-5;
  double& value = number(some);
  const double at = value;
  value = at + h;
  const double above = loss(some, options);
  value = at - h;
  return (above - loss(some, options)) / (2 * h);
}

bool same(const AlignedVector<float>& a, const AlignedVector<float>& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof a[0]) == 0;
}

}  // namespace

TEST_CASE("Wilson-Cowan batches: Euler steps follow the right-hand side") {
  const Case some(17, 3);
  const Network net(some.a, some.scale, some.input_e, some.input_i);
  const auto model = some.model<double>();
  const auto end = run<double>(some, {.steps = 1, .dt = 0.1}, Memory::store, 1);
  for (std::int64_t b = 0; b < 3; ++b) {
    Vector state;
    for (const auto* part : {&some.x, &some.y})
      state.insert(state.end(), part->begin() + b * 17, part->begin() + (b + 1) * 17);
    const Vector slope = contract::image(net.rule(general), state);
    for (std::size_t i = 0; i < 17; ++i) {
      const auto at = static_cast<std::size_t>(b * model.stride) + i;
      CHECK(end.x[at] == doctest::Approx(state[i] + 0.1 * slope[i]).epsilon(1e-14));
      CHECK(end.y[at] == doctest::Approx(state[17 + i] + 0.1 * slope[17 + i]).epsilon(1e-14));
    }
  }
}

TEST_CASE("Wilson-Cowan batches: gradients are the loss's derivatives") {
  for (const Scheme scheme : schemes)
    for (const double dt : {0.1, -0.05}) {
      const Case some(5, 2);
      const RunOptions options{.steps = 4, .dt = dt, .scheme = scheme};
      const auto stride = static_cast<std::size_t>(some.model<double>().stride);
      const auto g = run<double>(some, options, Memory::store, 1).gradient;
      CAPTURE(name_of(scheme));
      const auto check = [&](double found, double& (*number)(Case&)) {
        CHECK(found == doctest::Approx(difference(some, options, number)).epsilon(1e-6));
      };
      for_each_field<Params>([&](const auto& field) {
        CAPTURE(field.name);
        Case above = some, below = some;
        above.params.*(field.member) += 1e-5;
        below.params.*(field.member) -= 1e-5;
        CHECK(g.params.*(field.member) ==
              doctest::Approx((loss(above, options) - loss(below, options)) / 2e-5).epsilon(1e-6));
      });
      check(g.scale, [](Case& c) -> double& { return c.scale; });
      check(g.coupling[stride + 3], [](Case& c) -> double& { return c.a[8]; });
      check(g.input_e[2], [](Case& c) -> double& { return c.input_e[2]; });
      check(g.input_i[4], [](Case& c) -> double& { return c.input_i[4]; });
      check(g.x[stride + 1], [](Case& c) -> double& { return c.x[6]; });
      check(g.y[stride + 1], [](Case& c) -> double& { return c.y[6]; });
    }
}

TEST_CASE("Wilson-Cowan batches: neither memory nor threads change a bit") {
  for (const Scheme scheme : schemes) {
    const Case some(61, 37);
    const RunOptions options{.steps = 7, .dt = 0.1, .scheme = scheme};
    const auto first = run<float>(some, options, Memory::store, 1);
    for (const Memory memory : {Memory::store, Memory::checkpoint, Memory::recompute})
      for (const int threads : {1, 2, 5}) {
        const auto other = run<float>(some, options, memory, threads);
        CAPTURE(name_of(scheme));
        CAPTURE(name_of(memory));
        CAPTURE(threads);
        CHECK(same(first.x, other.x));
        CHECK(same(first.y, other.y));
        CHECK(same(first.gradient.coupling, other.gradient.coupling));
        CHECK(same(first.gradient.x, other.gradient.x));
        CHECK(same(first.gradient.y, other.gradient.y));
        CHECK(first.gradient.input_e == other.gradient.input_e);
        CHECK(first.gradient.input_i == other.gradient.input_i);
        CHECK(first.gradient.scale == other.gradient.scale);
        for_each_field<Params>([&](const auto& field) {
          CHECK(first.gradient.params.*(field.member) == other.gradient.params.*(field.member));
        });
      }
  }
}

TEST_CASE("Wilson-Cowan batches: no step changes nothing") {
  const Case some(3, 2);
  const auto end = run<double>(some, {.steps = 0}, Memory::checkpoint, 2);
  CHECK(end.x == padded<double>(some.x, 2, 3, some.model<double>().stride));
  CHECK(end.gradient.params.gamma == 0);
}
