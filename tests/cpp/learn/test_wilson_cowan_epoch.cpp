#include <doctest/doctest.h>

#include <attractornet/learn/wilson_cowan_epoch.hpp>
#include <attractornet/systems/wilson_cowan_planting.hpp>
#include <cmath>
#include <vector>

#include "../contract.hpp"

using namespace attractornet;
using namespace attractornet::learn;
using contract::wave;

namespace {

constexpr std::int64_t nodes = 11, classes = 3, examples = 14;

std::vector<double> patterns() { return wilson_cowan::block_targets(classes, nodes, 0.21, 0.37); }

/// Example b is of class b % classes, whose nodes are more active than others.
template <class T>
std::vector<T> states() {
  std::vector<T> x;
  for (const double value : wave(nodes * examples, 0.2)) {
    const auto k = static_cast<std::int64_t>(x.size());
    const bool marked = k % nodes % classes == k / nodes % classes;
    x.push_back(static_cast<T>((marked ? 0.7 : 0.3) + 0.2 * value));
  }
  return x;
}

/// What an epoch is given.
template <class T>
struct Task {
  std::vector<T> x = states<T>();
  std::vector<std::int32_t> labels;
  std::vector<std::int64_t> order;
  Targets<T> targets{patterns(), nodes};
  Setting setting;

  explicit Task(std::int64_t batch) {
    setting.batch_size = batch;
    setting.run = {.steps = 7, .dt = 0.1};
    for (std::int64_t b = 0; b < examples; ++b) {
      labels.push_back(static_cast<std::int32_t>(b % classes));
      order.push_back((5 * b + 2) % examples);
    }
  }
  template <class Weights>
  EpochResult run(const Weights& weights, Trained<T>& trained, double rate, int threads = 1,
                  Loss loss = Loss::cross_entropy) const {
    const std::vector<double> rates(3 * examples, rate);
    Monitor monitor;
    Trainer<T, Weights> trainer(setting, weights, trained, threads);
    return trainer.epoch({x.data(), labels.data(), order.data(), examples},
                         judge_of(targets, loss, threads), rates.data(), monitor);
  }
};

constexpr double penalty = 0.3;

template <class T>
SpectralWeights<T> spectral() {
  wilson_cowan::SpectralTraining training{std::vector<bool>(nodes, true),
                                          std::vector<bool>(nodes, true), -1e9, 200};
  for (std::size_t k = nodes - classes; k < nodes; ++k)
    training.columns[k] = training.eigenvalues[k] = false;
  return {nodes, training, penalty};
}
template <class T>
Trained<T> spectral_start() {
  const auto frame = wilson_cowan::plant(patterns(), nodes, {.seed = 3});
  Trained<T> trained(nodes * nodes + nodes + 1);
  // Where columns are at right angles the penalty has no derivative.
  const auto skew = wave(nodes * nodes, 2.3);
  for (std::size_t k = 0; k < skew.size(); ++k)
    trained.values[k] = static_cast<T>(
        frame.phi.row(static_cast<std::int64_t>(k) / nodes)[k % nodes] + 0.05 * skew[k]);
  std::copy(frame.eigenvalues.begin(), frame.eigenvalues.end(),
            trained.values.begin() + nodes * nodes);
  trained.values[nodes * nodes + nodes] = T(0.6);
  return trained;
}

template <class T>
ProjectedWeights<T> projected() {
  const auto q = wilson_cowan::basis_of(patterns(), nodes, "test");
  wilson_cowan::Matrix<T> basis{nodes, classes};
  for (std::int64_t i = 0; i < nodes; ++i) std::copy_n(q.row(i), classes, basis.row(i));
  return ProjectedWeights<T>(std::move(basis));
}
template <class T>
Trained<T> projected_start() {
  Trained<T> trained(nodes * nodes + 1);
  const auto values = wave(nodes * nodes, 1.1);
  for (std::size_t k = 0; k < values.size(); ++k)
    trained.values[k] = static_cast<T>(0.3 * values[k] - (k % (nodes + 1) == 0));
  trained.values[nodes * nodes] = T(0.6);
  return trained;
}

/// One batch whose steps have length 0: Adam's mean is then (1 - beta1) times the gradient.
template <class Weights>
void check_gradient(const Weights& weights, const Trained<double>& start,
                    const std::vector<std::size_t>& places, Loss loss) {
  const Task<double> task(examples);
  Trained<double> trained = start;
  const EpochResult result = task.run(weights, trained, 0, 1, loss);
  CHECK(result.status == Status::ok);
  CHECK(trained.values == start.values);
  for (const std::size_t place : places) {
    constexpr double h = 1e-5;
    double change[2];
    for (const int side : {0, 1}) {
      Trained<double> moved = start;
      moved.values[place] += side ? h : -h;
      const EpochResult there = task.run(weights, moved, 0, 1, loss);
      change[side] = there.loss + there.penalty;
    }
    CAPTURE(place);
    const double slope = (change[1] - change[0]) / (2 * h);
    CHECK(trained.mean[place] / 0.1 == doctest::Approx(slope).epsilon(1e-6).scale(0.01));
  }
}

}  // namespace

TEST_CASE("an epoch's gradients are the loss's derivatives by what is trained") {
  for (const Loss loss : {Loss::mean_square, Loss::cross_entropy}) {
    check_gradient(spectral<double>(), spectral_start<double>(),
                   {0, 12, 40, nodes * nodes, nodes * nodes + 5, nodes * nodes + nodes}, loss);
    check_gradient(projected<double>(), projected_start<double>(),
                   {0, 12, 60, nodes * nodes - 1, nodes * nodes}, loss);
  }
}

TEST_CASE("an epoch leaves alone what is not trained") {
  Trained<double> trained = spectral_start<double>();
  const auto before = trained.values;
  Task<double>(5).run(spectral<double>(), trained, 0.01);
  for (std::size_t i = 0; i < nodes; ++i)
    for (std::size_t k = 0; k < nodes; ++k)
      CHECK((trained.values[i * nodes + k] == before[i * nodes + k]) == (k >= nodes - classes));
  for (std::size_t k = 0; k < nodes; ++k)
    CHECK((trained.values[nodes * nodes + k] == before[nodes * nodes + k]) ==
          (k >= nodes - classes));
}

TEST_CASE_TEMPLATE("an epoch's batches follow each other", T, float, double) {
  Trained<T> trained = projected_start<T>();
  Task<T> task(4);
  task.setting.run.steps = 25;
  double first = 0, last = 0;
  for (int epoch = 0; epoch < 60; ++epoch) {
    const EpochResult result = task.run(projected<T>(), trained, 0.01);
    REQUIRE(result.status == Status::ok);
    CHECK(result.examples == examples);
    (epoch == 0 ? first : last) = result.loss;
  }
  CHECK(trained.steps == 60 * 4);  // 4, 4, 4 and 2 examples
  CHECK(last < 0.3 * first);
}

TEST_CASE("an epoch: threads leave the bits alone") {
  const auto all_same = [](const auto& weights, const auto& start) {
    auto one = start, three = start;
    Task<float> task(5);
    task.setting.noise = 0.1;
    const EpochResult alone = task.run(weights, one, 0.02, 1);
    const EpochResult together = task.run(weights, three, 0.02, 3);
    CHECK(one.values == three.values);
    CHECK(one.square == three.square);
    CHECK(alone.loss == together.loss);
  };
  all_same(spectral<float>(), spectral_start<float>());
  all_same(projected<float>(), projected_start<float>());
}

TEST_CASE("an epoch that diverges says so, and stops") {
  Trained<float> trained = projected_start<float>();
  Task<float> task(5);
  task.setting.run = {.steps = 60, .dt = 50};
  CHECK(task.run(projected<float>(), trained, 0.1).status == Status::diverged);
  Trained<float> singular = spectral_start<float>();
  for (std::int64_t i = 0; i < nodes; ++i) singular.values[static_cast<std::size_t>(i * nodes)] = 0;
  const auto before = singular.values;
  CHECK(Task<float>(5).run(spectral<float>(), singular, 0.1).status == Status::diverged);
  CHECK(singular.values == before);
}

TEST_CASE("an epoch whose last step leaves the finite numbers has diverged") {
  Trained<float> trained = projected_start<float>();
  CHECK(Task<float>(examples).run(projected<float>(), trained, 1e37).status == Status::ok);
  CHECK(Task<float>(examples).run(projected<float>(), trained, 3e38).status == Status::diverged);
}

TEST_CASE("gamma stays where Euler's steps are short enough") {
  Trained<double> trained = projected_start<double>();
  Task<double> task(5);
  task.setting.least_gamma = 0.59;
  for (int epoch = 0; epoch < 3; ++epoch) {
    task.run(projected<double>(), trained, 0.05);
    CHECK(trained.values[nodes * nodes] >= 0.59);
  }
}

TEST_CASE("noise is that of its seed, and none where there is none") {
  const auto loss_of = [](double noise, std::int64_t seed) {
    Trained<double> trained = projected_start<double>();
    Task<double> task(examples);
    task.setting.noise = noise;
    task.setting.noise_seed = seed;
    return task.run(projected<double>(), trained, 0).loss;
  };
  CHECK(loss_of(0, 1) == loss_of(0, 2));
  CHECK(loss_of(0.1, 1) == loss_of(0.1, 1));
  CHECK(loss_of(0.1, 1) != loss_of(0.1, 2));
  CHECK(loss_of(0.1, 1) != loss_of(0, 1));
}
