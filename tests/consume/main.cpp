// What a simulator would do: draw a network, iterate it, measure it. Prints numbers with 17 digits,
// which the tests compare with Python's.
#include <Eigen/Core>
#include <attractornet/attractornet.hpp>
#include <attractornet/version.hpp>
#include <cstdio>
#include <vector>

int main() {
  namespace an = attractornet;
  std::printf("%s\n", an::version);

  const auto net =
      an::feedback::Network::random({.neurons = 4, .inputs = 16, .scale = 1.4, .seed = 174658140});
  an::Monitor silent;
  std::vector<double> x(5 * 4);
  an::feedback::trajectory(net.rule(), 5, 0, nullptr, an::feedback::Observable::x, x.data(),
                           silent);
  for (const double value : x) std::printf("%.17g\n", value);

  std::vector<double> start(net.inputs());
  net.rule().start(start.data());
  const auto spectrum =
      an::lyapunov_spectrum(net.rule(), start.data(), {.steps = 2000, .discard = 500}, silent);
  for (int i = 0; i < 3; ++i) std::printf("%.17g\n", spectrum.exponents[i]);
  return Eigen::Vector2d(1.0, 2.0).sum() == 3.0 ? 0 : 1;
}
