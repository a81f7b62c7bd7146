// A Hopfield network remembers five random patterns and recalls one of them from a noisy start.
#include <attractornet/attractornet.hpp>
#include <cstdint>
#include <cstdio>
#include <vector>

int main() {
  namespace an = attractornet;
  using namespace an::hopfield;
  constexpr std::int64_t units = 400, count = 5;
  an::RandomWords words(units * count);
  words.draw(/*seed=*/1, an::Purpose::sampling, /*index=*/0);
  std::vector<std::int8_t> patterns;
  for (std::int64_t k = 0; k < units * count; ++k) patterns.push_back(words[k] & 1 ? 1 : -1);
  const Network net(patterns, units, {.rule = StorageRule::hebbian});

  std::vector<std::int8_t> start(patterns.begin(), patterns.begin() + units), end(units);
  for (std::size_t i = 0; i < units; i += 4) start[i] = static_cast<std::int8_t>(-start[i]);
  double energy = 0;
  Recalled ending;
  an::Monitor silent;
  recall(net, start.data(), 1, {}, {}, /*threads=*/1, silent,
         {&energy, &ending, /*traces=*/nullptr}, CopyTo{end.data(), units});
  double overlaps[count];
  net.overlaps(end.data(), overlaps);
  std::printf("overlap %g after %d sweeps, energy %g\n", overlaps[0], int(ending.sweeps), energy);
}
