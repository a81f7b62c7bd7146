// The Lyapunov spectrum of one of the article's networks: README's eight lines.
#include <attractornet/attractornet.hpp>
#include <cstdio>
#include <vector>

int main() {
  namespace an = attractornet;
  const auto net =
      an::feedback::Network::random({.neurons = 4, .inputs = 16, .scale = 1.4, .seed = 174658140});
  std::vector<double> start(net.inputs());
  net.rule().start(start.data());
  an::Monitor silent;
  const auto spectrum = an::lyapunov_spectrum(net.rule(), start.data(), {.steps = 50'000}, silent);
  for (int i = 0; i < 3; ++i)
    std::printf("%.6f +- %.6f\n", spectrum.exponents[i], spectrum.standard_error[i]);
  std::printf("Kaplan-Yorke dimension %g\n", spectrum.kaplan_yorke_dimension);
}
