#include <doctest/doctest.h>

#include <attractornet/dynamics/wilson_cowan_adjoint.hpp>
#include <attractornet/dynamics/wilson_cowan_cuda.hpp>
#include <cmath>
#include <random>
#include <span>
#include <vector>

#include "wilson_cowan_run.cuh"

using namespace attractornet;

namespace {

constexpr int nodes = 37, samples = 21, steps = 6;
constexpr double dt = 0.1;

using Floats = std::vector<float>;

/// A network, states that it starts from, and derivatives of a loss by where it ends; all random.
struct Problem {
  std::int64_t stride = wilson_cowan::batch_stride<float>(nodes);
  std::size_t size = static_cast<std::size_t>(samples * stride);
  Floats a = Floats(nodes * nodes), rows = Floats(static_cast<std::size_t>(nodes * stride));
  AlignedVector<float> x = AlignedVector<float>(size), y = x, dx = x, dy = x;
  wilson_cowan::Params params{.w_ie = 0.3, .gamma = 0.7};
  double scale = 0.2;

  Problem() {
    std::mt19937 random(3);
    std::normal_distribution<float> normal;
    std::uniform_real_distribution<float> uniform;
    for (int i = 0; i < nodes; ++i)
      for (int j = 0; j < nodes; ++j)
        rows[static_cast<std::size_t>(i * stride + j)] =
            a[static_cast<std::size_t>(i * nodes + j)] = normal(random) - float(i == j);
    for (int b = 0; b < samples; ++b)
      for (int j = 0; j < nodes; ++j) {
        const auto k = static_cast<std::size_t>(b * stride + j);
        x[k] = uniform(random);
        y[k] = uniform(random);
        dx[k] = normal(random);
        dy[k] = normal(random);
      }
  }
  wilson_cowan::Model<float> model() const {
    return {params, {a.data(), nodes, nodes}, scale, nullptr, nullptr};
  }
};

/// What a run there and back comes to.
struct Found {
  Floats x, y, da, dx, dy;
  double dgamma = 0;
};

Found on_cpu(Problem p) {
  const auto model = p.model();
  Monitor monitor;
  wilson_cowan::Tape<float> tape(model, samples, {steps, dt}, wilson_cowan::Memory::store, 1);
  tape.forward(p.x.data(), p.y.data(), monitor);
  const auto gradient = tape.reverse(p.dx.data(), p.dy.data(), monitor);
  const auto floats = [](const auto& from) { return Floats(from.begin(), from.end()); };
  return {floats(p.x),        floats(p.y),        floats(gradient.coupling),
          floats(gradient.x), floats(gradient.y), gradient.params.gamma};
}

Found on_device(cuda::Products how, const Problem& p) {
  const auto model = p.model();
  const cuda::Stream stream;
  const auto made = [&](std::size_t count, std::span<const float> values) {
    cuda::Buffer<float> buffer(count);
    buffer.clear(stream);
    buffer.write(values, stream);
    return buffer;
  };
  const auto tau_i_value = static_cast<float>(dt / p.params.gamma);
  auto x = made((steps + 1) * p.size, p.x), y = made((steps + 1) * p.size, p.y);
  auto e = made(steps * p.size, {}), i = made(steps * p.size, {});
  auto coupling = made(p.rows.size(), p.rows), tau_i = made(1, {&tau_i_value, 1});
  auto drive_e = made(static_cast<std::size_t>(p.stride), model.drive_e);
  auto drive_i = made(static_cast<std::size_t>(p.stride), model.drive_i);
  auto dx = made(p.size, p.dx), cx = made(p.size, {}), cy = made(p.size, p.dy);
  auto by_tau = made(p.size, {}), da = made(p.rows.size(), {});
  const cuda::Network network{wilson_cowan::Node<float>(p.params),
                              static_cast<float>(p.scale),
                              static_cast<float>(dt),
                              tau_i.data(),
                              drive_e.data(),
                              drive_i.data()};
  const cuda::Record record{x.data(), y.data(), e.data(), i.data(), samples, p.stride, steps + 1};
  const cuda::Operand a{coupling.data(), p.stride};
  cuda::run_forward(stream, how, network, record, nodes, steps, a);
  cuda::run_back(stream, how, network, record, {cx.data(), cy.data(), by_tau.data()}, nodes, steps,
                 a, dx.data(), da.data());
  const auto last = [&](const cuda::Buffer<float>& rows) {
    const Floats all = rows.read(stream);
    return Floats(all.end() - static_cast<std::ptrdiff_t>(p.size), all.end());
  };
  double by_tau_in_all = 0;
  for (const float value : by_tau.read(stream)) by_tau_in_all += static_cast<double>(value);
  return {last(x),         last(y),         da.read(stream),
          cx.read(stream), cy.read(stream), -dt / p.params.gamma / p.params.gamma * by_tau_in_all};
}

/// Largest difference of rows, in what they have of nodes.
double apart(const Floats& a, const Floats& b) {
  const auto stride = static_cast<std::size_t>(wilson_cowan::batch_stride<float>(nodes));
  double worst = a.size() == b.size() ? 0 : INFINITY;
  for (std::size_t k = 0; k < a.size(); ++k) {
    const double difference = std::abs(a[k] - b[k]);
    if (k % stride >= nodes) continue;
    worst = std::isnan(difference) ? INFINITY : std::max(worst, difference);
  }
  return worst;
}

void check_all(cuda::Products how, double rounding) {
  const Problem problem;
  const Found here = on_cpu(problem), there = on_device(how, problem);
  CHECK(apart(here.x, there.x) < rounding);
  CHECK(apart(here.y, there.y) < rounding);
  CHECK(apart(here.da, there.da) < 10 * rounding);
  CHECK(apart(here.dx, there.dx) < 10 * rounding);
  CHECK(apart(here.dy, there.dy) < 10 * rounding);
  CHECK(std::abs(here.dgamma - there.dgamma) < 10 * rounding);
}

}  // namespace

TEST_CASE("device: runs of Wilson-Cowan networks have the CPU's bits, and its gradients") {
  const Problem problem;
  CHECK(apart(on_cpu(problem).x, on_device(cuda::Products::float32, problem).x) == 0);
  CHECK(apart(on_cpu(problem).y, on_device(cuda::Products::float32, problem).y) == 0);
  check_all(cuda::Products::float32, 1e-6);
  check_all(cuda::Products::tf32x3, 1e-5);
  check_all(cuda::Products::tf32, 1e-2);
}

TEST_CASE("device: where states settle has the CPU's bits") {
  Problem problem;
  problem.y = problem.x;
  for (const int length : {1, 6, 131}) {  // of several calls of the device, too
    CAPTURE(length);
    AlignedVector<float> x = problem.x, y = x;
    const auto model = problem.model();
    Monitor monitor;
    wilson_cowan::Tape<float> tape(model, samples, {length, dt}, wilson_cowan::Memory::store, 1);
    tape.forward(x.data(), y.data(), monitor);
    Floats flat;
    for (int b = 0; b < samples; ++b) {
      const auto row = problem.x.begin() + b * problem.stride;
      flat.insert(flat.end(), row, row + nodes);
    }
    const cuda::EulerRun run{problem.params,         problem.a.data(), nodes,
                             problem.scale,          length,           dt,
                             cuda::Products::float32};
    run.settle(flat.data(), samples, monitor);
    for (int b = 0; b < samples; ++b)
      for (int j = 0; j < nodes; ++j)
        CHECK(flat[static_cast<std::size_t>(b * nodes + j)] ==
              x[static_cast<std::size_t>(b * problem.stride + j)]);
  }
}
