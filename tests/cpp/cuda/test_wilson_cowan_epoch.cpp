#include <cuda_runtime.h>
#include <doctest/doctest.h>

#include <attractornet/learn/wilson_cowan_cuda.hpp>
#include <cmath>
#include <numeric>
#include <random>
#include <vector>

using namespace attractornet;
using learn::Loss;

namespace {

constexpr std::int64_t nodes = 22, classes = 3, examples = 34;

/// Examples around patterns, and a setting.
struct Problem {
  std::vector<double> patterns;
  std::vector<float> x;
  std::vector<std::int32_t> labels;
  std::vector<std::int64_t> order = std::vector<std::int64_t>(examples);
  std::vector<double> rates;
  learn::Setting setting;
  Loss loss = Loss::cross_entropy;

  explicit Problem(double rate = 0.01) {
    std::mt19937 random(5);
    std::uniform_real_distribution<float> uniform;
    for (std::int64_t k = 0; k < classes; ++k)
      for (std::int64_t i = 0; i < nodes; ++i) patterns.push_back(i % classes == k ? 0.35 : 0.05);
    for (std::int64_t e = 0; e < examples; ++e) {
      labels.push_back(static_cast<std::int32_t>(e % classes));
      for (std::int64_t i = 0; i < nodes; ++i)
        x.push_back(0.3f * uniform(random) + (i % classes == e % classes ? 0.2f : 0.0f));
    }
    std::iota(order.begin(), order.end(), 0);
    std::shuffle(order.begin(), order.end(), random);
    setting.params.gamma = 0.9;
    setting.scale = 0.2;
    setting.run = {.steps = 5, .dt = 0.1};
    setting.batch_size = 10;
    for (int b = 0; b < 4; ++b) rates.insert(rates.end(), {rate, 10 * rate, rate});
  }
};

wilson_cowan::Matrix<float> random_matrix(std::int64_t columns, unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal;
  wilson_cowan::Matrix<float> result{nodes, columns};
  for (std::int64_t i = 0; i < nodes; ++i)
    for (std::int64_t j = 0; j < columns; ++j) result.row(i)[j] = normal(random);
  return result;
}

learn::SpectralWeights<float> spectral_weights(double orthogonality = 0) {
  wilson_cowan::SpectralTraining training;
  training.columns.assign(nodes, true);
  training.columns[0] = training.columns[4] = false;
  training.eigenvalues = training.columns;
  training.high = 1.5;
  return {nodes, training, orthogonality};
}
learn::Trained<float> spectral_numbers(const Problem& problem) {
  learn::Trained<float> trained(nodes * nodes + nodes + 1);
  const auto phi = random_matrix(nodes, 7);
  phi.write(trained.values.data(), nodes);
  for (std::int64_t k = 0; k < nodes; ++k)
    trained.values[static_cast<std::size_t>(nodes * nodes + k)] = 0.1f * static_cast<float>(k) - 1;
  trained.values[static_cast<std::size_t>(trained.count - 1)] =
      static_cast<float>(problem.setting.params.gamma);
  return trained;
}
learn::ProjectedWeights<float> projected_weights() {
  auto q = random_matrix(2, 9);
  for (int k = 0; k < 2; ++k) {  // orthonormal ones
    float along = 0, square = 0;
    for (int i = 0; i < nodes; ++i) along += k * q.row(i)[0] * q.row(i)[k];
    for (int i = 0; i < nodes; ++i) q.row(i)[k] -= static_cast<float>(k) * along * q.row(i)[0];
    for (int i = 0; i < nodes; ++i) square += q.row(i)[k] * q.row(i)[k];
    for (int i = 0; i < nodes; ++i) q.row(i)[k] /= std::sqrt(square);
  }
  return learn::ProjectedWeights<float>(q);
}
learn::Trained<float> projected_numbers(const Problem& problem) {
  learn::Trained<float> trained(nodes * nodes + 1);
  random_matrix(nodes, 8).write(trained.values.data(), nodes);
  trained.values[static_cast<std::size_t>(trained.count - 1)] =
      static_cast<float>(problem.setting.params.gamma);
  return trained;
}

template <class Weights>
learn::EpochResult on_cpu(const Problem& p, const Weights& weights,
                          learn::Trained<float>& trained) {
  const learn::Targets<float> targets(p.patterns, nodes);
  Monitor monitor;
  learn::Trainer<float, Weights> trainer(p.setting, weights, trained, 1);
  return trainer.epoch({p.x.data(), p.labels.data(), p.order.data(), examples},
                       learn::judge_of(targets, p.loss, 1), p.rates.data(), monitor);
}
template <class Weights>
learn::EpochResult on_device(const Problem& p, const Weights& weights,
                             learn::Trained<float>& trained,
                             cuda::Products products = cuda::Products::float32) {
  const learn::Targets<float> targets(p.patterns, nodes);
  const cuda::Examples there(p.x.data(), examples, nodes);
  Monitor monitor;
  return cuda::TrainedEpoch{p.setting,       targets,        p.loss,   products,       there,
                            p.labels.data(), p.order.data(), examples, p.rates.data(), 1}
      .run(weights, trained, monitor);
}

/// Largest difference of what is trained, over how far it has moved.
double apart(const learn::Trained<float>& a, const learn::Trained<float>& b,
             const learn::Trained<float>& start) {
  double worst = 0, moved = 0;
  for (std::size_t k = 0; k < static_cast<std::size_t>(a.count); ++k) {
    const double difference = std::abs(a.values[k] - b.values[k]);
    worst = std::isnan(difference) ? INFINITY : std::max(worst, difference);
    moved = std::max(moved, static_cast<double>(std::abs(a.values[k] - start.values[k])));
  }
  return worst / moved;
}

/// An epoch here and there.
template <class Weights>
void compare(const Problem& p, const Weights& weights, const learn::Trained<float>& start,
             double rounding, cuda::Products products = cuda::Products::float32) {
  learn::Trained<float> here = start, there = start;
  const auto a = on_cpu(p, weights, here), b = on_device(p, weights, there, products);
  CHECK(a.status == Status::ok);
  CHECK(b.status == Status::ok);
  CHECK(b.loss == doctest::Approx(a.loss).epsilon(rounding));
  CHECK(b.penalty == doctest::Approx(a.penalty).epsilon(rounding));
  CHECK(b.correct == a.correct);
  CHECK(b.examples == examples);
  CHECK(there.steps == here.steps);
  CHECK(apart(here, there, start) < rounding);
}

}  // namespace

TEST_CASE("device: an epoch of a spectral coupling is the CPU's") {
  const Problem problem;
  compare(problem, spectral_weights(), spectral_numbers(problem), 1e-3);
  compare(problem, spectral_weights(), spectral_numbers(problem), 1e-3, cuda::Products::tf32x3);
}

TEST_CASE("device: an epoch of a projected coupling is the CPU's") {
  const Problem problem;
  compare(problem, projected_weights(), projected_numbers(problem), 1e-3);
}

TEST_CASE("device: losses and noise are the CPU's") {
  Problem problem;
  problem.setting.noise = 0.1;
  problem.setting.noise_seed = 12;
  for (const Loss loss : {Loss::mean_square, Loss::sum_of_squares, Loss::binary_cross_entropy}) {
    problem.loss = loss;
    compare(problem, projected_weights(), projected_numbers(problem), 1e-3);
  }
}

TEST_CASE("device: the penalty on columns is the CPU's") {
  const Problem problem;
  compare(problem, spectral_weights(0.5), spectral_numbers(problem), 1e-3);
}

TEST_CASE("device: where Phi moves far, its inverse is the host's") {
  const Problem problem(0.3);
  learn::Trained<float> here = spectral_numbers(problem), there = here;
  const auto a = on_cpu(problem, spectral_weights(), here);
  const auto b = on_device(problem, spectral_weights(), there);
  CHECK(a.status == Status::ok);
  CHECK(b.status == Status::ok);
  CHECK(b.examples == examples);
  CHECK(b.loss == doctest::Approx(a.loss).epsilon(1e-2));
}

TEST_CASE("device: a training that loses its numbers has diverged, and tells") {
  Problem problem;
  problem.x[5] = NAN;
  for (int place = 0; place < 2; ++place) {
    learn::Trained<float> there = spectral_numbers(problem);
    const auto before = there.values;
    if (place == 1) std::fill_n(there.values.begin(), nodes * nodes, 0.0f);
    CHECK(on_device(problem, spectral_weights(), there).status == Status::diverged);
    CHECK((place == 1 || std::isfinite(there.values[0])));
  }
  learn::Trained<float> flat = projected_numbers(problem);
  CHECK(on_device(problem, projected_weights(), flat).status == Status::diverged);
}

TEST_CASE("device: gamma does not fall below the least") {
  Problem problem;
  problem.setting.least_gamma = 0.95;
  compare(problem, projected_weights(), projected_numbers(problem), 1e-3);
  learn::Trained<float> there = projected_numbers(problem);
  on_device(problem, projected_weights(), there);
  CHECK(there.values[static_cast<std::size_t>(there.count - 1)] >= 0.95f);
}

TEST_CASE("device: an epoch does not depend on the order of threads") {
  const Problem problem;
  learn::Trained<float> first = spectral_numbers(problem);
  on_device(problem, spectral_weights(0.5), first);
  for (const int order : {1, 3}) {
    emulator::machine.order = order;
    learn::Trained<float> other = spectral_numbers(problem);
    on_device(problem, spectral_weights(0.5), other);
    CHECK(other.values == first.values);
  }
  emulator::machine.order = 0;
}

TEST_CASE("device: a training that does not fit the device is an error, and leaves nothing there") {
  const Problem problem;
  const std::size_t used = emulator::machine.used, memory = emulator::machine.memory;
  for (const std::size_t room : {2000, 5000, 40000}) {
    emulator::machine.memory = used + room;
    learn::Trained<float> there = spectral_numbers(problem);
    CHECK_THROWS_AS(on_device(problem, spectral_weights(), there), MemoryLimit);
    CHECK(emulator::machine.used == used);
  }
  emulator::machine.memory = memory;
}
