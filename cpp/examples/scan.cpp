// How often random networks are chaotic, by the scale of their weights: a scan on all cores.
#include <attractornet/attractornet.hpp>
#include <cstdio>
#include <vector>

int main() {
  namespace an = attractornet;
  constexpr int networks = 200;
  std::vector<an::feedback::Ensemble> points;
  for (const double scale : {0.5, 1.0, 2.0, 4.0})
    for (int seed = 0; seed < networks; ++seed)
      points.push_back({.neurons = 4, .inputs = 16, .scale = scale, .seed = seed});

  an::Monitor silent;
  auto table = an::scan::measure(an::feedback::Ensembles(points), {"exponent"},
                                 {.steps = 5'000, .discard = 3'000}, an::thread_count(), silent);
  for (std::size_t first = 0; first < points.size(); first += networks) {
    int chaotic = 0;
    for (std::size_t i = first; i < first + networks; ++i)
      chaotic += table.at("exponent", static_cast<std::int64_t>(i))[0] > 0.002;
    std::printf("scale %.1f: %3d of %d chaotic\n", points[first].scale, chaotic, networks);
  }
}
