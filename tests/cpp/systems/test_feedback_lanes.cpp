#include <doctest/doctest.h>

#include <attractornet/systems/feedback_lanes.hpp>
#include <attractornet/systems/feedback_network.hpp>
#include <cmath>
#include <cstring>
#include <vector>

using namespace attractornet;
using namespace attractornet::feedback;

namespace {

/// A network in the precision of its lane, for its Rule.
template <class T>
struct Rounded {
  std::vector<T> w, b;
  int inputs;

  explicit Rounded(const Network& net)
      : w(net.w().begin(), net.w().end()),
        b(net.b().begin(), net.b().end()),
        inputs(net.inputs()) {}
  Rule<T> rule() const { return {{w.data(), b.data(), static_cast<int>(b.size()), inputs}}; }
};

template <class T, Tangent With, int G>
struct Fixture {
  using Tested = Lanes<T, With, G>;
  std::vector<Rounded<T>> nets;
  std::vector<std::vector<T>> states;
  Tested lanes;

  Fixture(int neurons, int inputs, int k) : lanes(neurons, inputs, k) {
    for (int lane = 0; lane < Tested::count; ++lane) {
      const auto net = Network::random({neurons, inputs, 1.0 + 0.5 * lane, 100 + lane});
      nets.emplace_back(net);
      auto& y = states.emplace_back(inputs);
      nets.back().rule().start(y.data());
      lanes.set(lane, net.w().data(), net.b().data());
      lanes.load(lane, y.data());
    }
  }
  std::vector<T> state(int lane) const {
    std::vector<T> y(states[lane].size());
    lanes.state(lane, y.data());
    return y;
  }
};

template <class T>
bool same_bits(const std::vector<T>& a, const std::vector<T>& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(T)) == 0;
}

template <class T, int G>
void check_orbits(int neurons, int inputs) {
  CAPTURE(neurons);
  CAPTURE(inputs);
  Fixture<T, Tangent::none, G> f(neurons, inputs, 0);
  f.lanes.advance(150);
  for (int lane = 0; lane < f.lanes.count; ++lane) {
    std::vector<T> y = f.states[lane], next(inputs);
    for (int t = 0; t < 150; ++t) {
      f.nets[lane].rule().step(y.data(), next.data());
      y.swap(next);
    }
    CHECK(same_bits(f.state(lane), y));
  }
}

}  // namespace

TEST_CASE_TEMPLATE("lanes: orbits are the rule's to the bit", T, float, double) {
  for (const int neurons : {1, 2, 3, 4, 5, 8, 9, 13})
    for (const int inputs : {1, 2, 7, 32}) {
      check_orbits<T, 1>(neurons, inputs);
      check_orbits<T, 2>(neurons, inputs);
    }
}

TEST_CASE("lanes: what is seen of each step is its hidden units") {
  Fixture<double, Tangent::none, 2> f(3, 5, 0);
  int steps = 0;
  std::vector<double> y = f.states[1], next(5);
  f.lanes.advance(12, [&](const double* x) {
    for (int i = 0; i < 3; ++i)
      CHECK(x[i * f.lanes.count + 1] == f.nets[1].rule().hidden(i, y.data()));
    f.nets[1].rule().step(y.data(), next.data());
    y.swap(next);
    ++steps;
  });
  CHECK(steps == 12);
}

namespace {

template <class T, Tangent With, int G>
void check_tangents(int neurons, int inputs) {
  for (const int k : With == Tangent::vector ? std::vector{1} : std::vector{1, 2, 5, 9}) {
    CAPTURE(k);
    CAPTURE(neurons);
    CAPTURE(inputs);
    Fixture<T, With, G> f(neurons, inputs, k);
    std::vector<T> frame(inputs * k);  // (k, inputs)
    for (std::size_t i = 0; i < frame.size(); ++i)
      frame[i] = T(std::sin(1.0 + 2.3 * static_cast<double>(i)));
    for (int lane = 0; lane < f.lanes.count; ++lane) f.lanes.load_frame(lane, frame.data());
    constexpr int steps = 25;
    f.lanes.advance(steps);
    for (int lane = 0; lane < f.lanes.count; ++lane) {
      std::vector<T> y = f.states[lane], next(inputs), v(inputs * k), image(inputs * k);
      for (int c = 0; c < k; ++c)
        for (int j = 0; j < inputs; ++j) v[j * k + c] = frame[c * inputs + j];
      double largest = 0;  // on the way: what it has shrunk since leaves its rounding behind
      for (int t = 0; t < steps; ++t) {
        for (const T value : v) largest = std::max(largest, std::abs(static_cast<double>(value)));
        f.nets[lane].rule().jvp(y.data(), v.data(), k, next.data(), image.data());
        y.swap(next);
        v.swap(image);
      }
      std::vector<T> found(inputs * k);
      f.lanes.frame(lane, found.data());
      double worst = 0;
      for (int c = 0; c < k; ++c)
        for (int j = 0; j < inputs; ++j) {
          worst = std::max(worst, std::abs(static_cast<double>(v[j * k + c]) -
                                           static_cast<double>(found[c * inputs + j])));
        }
      CHECK(worst <= largest * 200 * std::numeric_limits<T>::epsilon());
      CHECK(same_bits(f.state(lane), y));
    }
  }
}

}  // namespace

TEST_CASE_TEMPLATE("lanes: tangent vectors are the rule's, alone or several", T, float, double) {
  for (const int neurons : {1, 3, 4, 6})
    for (const int inputs : {1, 2, 3, 4, 10}) {
      check_tangents<T, Tangent::vector, 1>(neurons, inputs);
      check_tangents<T, Tangent::vector, 2>(neurons, inputs);
      check_tangents<T, Tangent::frame, 1>(neurons, inputs);
    }
}

TEST_CASE("lanes: volumes of frames, and what a lane does whatever its neighbours do") {
  constexpr int inputs = 6, k = 3;
  Fixture<double, Tangent::frame, 1> f(4, inputs, k), other(4, inputs, k);
  for (int lane = 0; lane < f.lanes.count; ++lane) {
    std::vector<double> frame(inputs * k);
    for (std::size_t i = 0; i < frame.size(); ++i)
      frame[i] = std::cos(3.0 * static_cast<double>(i));
    f.lanes.load_frame(lane, frame.data());
    for (auto& value : frame) value *= lane == 0 ? 1 : std::nan("");
    other.lanes.load_frame(lane, frame.data());
  }
  double volume = 0;
  std::vector<double> y = f.states[0], next(inputs), g(inputs);
  for (int t = 0; t < 40; ++t) {
    f.nets[0].rule().gradient(y.data(), g.data());
    volume += std::log(std::abs(g[inputs - 1]));
    f.nets[0].rule().step(y.data(), next.data());
    y.swap(next);
  }
  f.lanes.advance(40);
  other.lanes.advance(40);
  CHECK(f.lanes.volume().logarithm(0) == doctest::Approx(volume).epsilon(1e-12));
  CHECK(f.lanes.volume().logarithm(0) == 0.0);
  std::vector<double> a(inputs * k), b(inputs * k);
  f.lanes.frame(0, a.data());
  other.lanes.frame(0, b.data());
  CHECK(same_bits(a, b));
}
