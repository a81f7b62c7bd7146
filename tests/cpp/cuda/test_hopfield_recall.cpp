#include <cuda_runtime.h>
#include <doctest/doctest.h>

#include <attractornet/dynamics/hopfield_cuda.hpp>
#include <attractornet/dynamics/hopfield_recalls.hpp>
#include <cmath>
#include <random>
#include <vector>

using namespace attractornet;
using hopfield::Recalled;
using hopfield::Tie;
using hopfield::Update;

namespace {

struct Found {
  std::vector<std::int8_t> states;
  std::vector<Recalled> endings;
  std::vector<double> energies = std::vector<double>(endings.size());
};

std::vector<std::int8_t> random_signs(std::size_t count, unsigned seed) {
  std::mt19937 random(seed);
  std::vector<std::int8_t> result(count);
  for (auto& value : result) value = random() % 2 ? 1 : -1;
  return result;
}

Found on_cpu(const hopfield::Network& net, const std::vector<std::int8_t>& start,
             const hopfield::RecallOptions& options) {
  const std::int64_t n = net.units(), count = std::ssize(start) / n;
  Found found{start, std::vector<Recalled>(static_cast<std::size_t>(count))};
  Monitor monitor;
  hopfield::recall(net, start.data(), count, options, {}, 1, monitor,
                   {found.energies.data(), found.endings.data(), nullptr},
                   hopfield::CopyTo{found.states.data(), n});
  return found;
}

Found on_device(const hopfield::Network& net, const std::vector<std::int8_t>& start,
                const hopfield::RecallOptions& options) {
  const std::int64_t n = net.units(), count = std::ssize(start) / n;
  Found found{start, std::vector<Recalled>(static_cast<std::size_t>(count))};
  const auto w = net.couplings().weights();
  std::vector<std::int32_t> weights(w.size());
  for (std::int64_t i = 0; i < n; ++i)
    for (std::int64_t j = 0; j < n; ++j)
      weights[static_cast<std::size_t>(j * n + i)] = static_cast<std::int32_t>(
          std::lround(w[static_cast<std::size_t>(i * n + j)] * net.limits().scale));
  Monitor monitor;
  cuda::WholeRecall{weights.data(), net.limits().limit, n, options}.run(
      found.states.data(), count, found.endings.data(), found.energies.data(), monitor);
  for (std::size_t k = 0; k < found.energies.size(); ++k)
    found.energies[k] =
        net.energy(found.states.data() + k * static_cast<std::size_t>(n), found.energies[k]);
  return found;
}

void compare(const hopfield::Network& net, const std::vector<std::int8_t>& start,
             const hopfield::RecallOptions& options) {
  const Found here = on_cpu(net, start, options), there = on_device(net, start, options);
  CHECK(here.states == there.states);
  CHECK(here.energies == there.energies);
  for (std::size_t k = 0; k < here.endings.size(); ++k) {
    CAPTURE(k);
    CHECK(here.endings[k].sweeps == there.endings[k].sweeps);
    CHECK(here.endings[k].cycle_length == there.endings[k].cycle_length);
  }
}

}  // namespace

TEST_CASE("device: recalls are those of the CPU, in any order of updates") {
  // More patterns than it holds, so that recalls are long; ties, since N is even.
  const std::int64_t n = 70;
  const auto patterns = random_signs(12 * n, 3);
  const hopfield::Network net({patterns.begin(), patterns.end()}, n, {});
  const auto start = random_signs(9 * n, 4);
  for (const Update update :
       {Update::asynchronous, Update::sequential, Update::random, Update::synchronous})
    for (const Tie tie : {Tie::keep, Tie::plus})
      for (const std::int64_t most : {0, 1, 100}) {
        CAPTURE(static_cast<int>(update));
        CAPTURE(most);
        compare(net, start, {.update = update, .max_sweeps = most, .tie = tie, .seed = 11});
      }
}

TEST_CASE("device: cycles of given weights, found as on the CPU") {
  // A ring that turns: unit i follows unit i - 1.
  const std::int64_t n = 5;
  std::vector<double> w(static_cast<std::size_t>(n * n));
  for (std::int64_t i = 0; i < n; ++i) w[static_cast<std::size_t>(i * n + (i + n - 1) % n)] = 1;
  const hopfield::Network net(w, n, hopfield::Coding::bipolar, false);
  const auto start = random_signs(6 * n, 5);
  compare(net, start, {.update = Update::synchronous, .max_sweeps = 200});
}
