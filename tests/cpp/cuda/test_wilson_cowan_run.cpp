#include <doctest/doctest.h>

#include <attractornet/dynamics/wilson_cowan_steps.hpp>
#include <cmath>
#include <random>
#include <vector>

#include "wilson_cowan_run.cuh"

using namespace attractornet;

namespace {

constexpr int nodes = 37, samples = 21, steps = 6;
constexpr double dt = 0.1;

/// A run of both, from the same random states: largest difference of the last states.
template <cuda::Products How>
double apart() {
  std::mt19937 random(3);
  std::normal_distribution<float> normal;
  std::uniform_real_distribution<float> uniform;
  const std::int64_t stride = wilson_cowan::batch_stride<float>(nodes);
  const auto size = static_cast<std::size_t>(samples * stride);
  std::vector<float> a(nodes * nodes), rows(static_cast<std::size_t>(nodes * stride));
  for (int i = 0; i < nodes; ++i)
    for (int j = 0; j < nodes; ++j)
      rows[static_cast<std::size_t>(i * stride + j)] = a[static_cast<std::size_t>(i * nodes + j)] =
          normal(random) - float(i == j);
  AlignedVector<float> x(size), y(size);
  for (int b = 0; b < samples; ++b)
    for (int j = 0; j < nodes; ++j) {
      x[static_cast<std::size_t>(b * stride + j)] = uniform(random);
      y[static_cast<std::size_t>(b * stride + j)] = uniform(random);
    }
  wilson_cowan::Params params;
  params.gamma = 0.7;
  params.w_ie = 0.3;
  const double scale = 0.2;
  const wilson_cowan::Model<float> model(params, {a.data(), nodes, nodes}, scale, nullptr, nullptr);

  const cuda::Stream stream;
  const auto device = [&](std::size_t count) { return cuda::Buffer<float>(count); };
  auto all_x = device((steps + 1) * size), all_y = device((steps + 1) * size);
  auto e = device(steps * size), i = device(steps * size), coupling = device(rows.size());
  auto gamma = device(1), drive_e = device(static_cast<std::size_t>(stride));
  auto drive_i = device(static_cast<std::size_t>(stride));
  for (auto* rows_of : {&all_x, &all_y}) rows_of->clear(stream);
  all_x.write({x.data(), size}, stream);
  all_y.write({y.data(), size}, stream);
  coupling.write(rows, stream);
  const float value = 0.7f;
  gamma.write({&value, 1}, stream);
  drive_e.write({model.drive_e.data(), static_cast<std::size_t>(nodes)}, stream);
  drive_i.write({model.drive_i.data(), static_cast<std::size_t>(nodes)}, stream);
  const cuda::Network network{params, gamma.data(),   static_cast<float>(scale),
                              dt,     drive_e.data(), drive_i.data()};
  const cuda::Record record{all_x.data(), all_y.data(), e.data(), i.data(), samples, stride};
  cuda::run_forward<How>(stream, network, record, nodes, steps, {coupling.data(), stride});
  const auto there = all_x.read(stream), there_y = all_y.read(stream);

  wilson_cowan::Stepper<float> stepper(model, samples);
  for (int step = 0; step < steps; ++step)
    stepper.advance(wilson_cowan::Scheme::euler, dt, {x.data(), y.data()}, {x.data(), y.data()});
  double worst = 0;
  for (int b = 0; b < samples; ++b)
    for (int j = 0; j < nodes; ++j) {
      const auto k = static_cast<std::size_t>(b * stride + j);
      for (const float difference :
           {x[k] - there[steps * size + k], y[k] - there_y[steps * size + k]})
        worst = difference == difference ? std::max<double>(worst, std::abs(difference)) : INFINITY;
    }
  return worst;
}

}  // namespace

TEST_CASE("device: runs of Wilson-Cowan networks are those of the CPU") {
  CHECK(apart<cuda::Products::float32>() == 0);
  CHECK(apart<cuda::Products::tf32x3>() < 1e-5);
  const double coarse = apart<cuda::Products::tf32>();
  CHECK(coarse < 1e-2);
  CHECK(coarse > 1e-6);
}
