// A rule of one's own, a kicked oscillator, and its Lyapunov spectrum.
// Anything with dimension(), step() and jvp() is taken by every analysis of maps.
#include <attractornet/analysis/lyapunov.hpp>
#include <cmath>
#include <cstdio>

namespace {

/// Phase and velocity of a damped oscillator that is kicked once a period (Zaslavsky, Phys. Lett. A
/// 69 (1978) 145):
///     v' = exp(-decay) (v + kick cos(2 pi phase)),   phase' = phase + rate + slope v'
struct KickedOscillator {
  double decay = 3, kick = 9, rate = 4.0 / 3, slope = 3;

  int dimension() const { return 2; }
  void step(const double* s, double* next) const {
    next[1] = std::exp(-decay) * (s[1] + kick * std::cos(turn * s[0]));
    next[0] = std::fmod(s[0] + rate + slope * next[1], 1.0);
  }
  void jvp(const double* s, const double* v, int k, double* next, double* image) const {
    step(s, next);
    const double bend = -std::exp(-decay) * kick * turn * std::sin(turn * s[0]);
    for (int c = 0; c < k; ++c) {
      image[k + c] = bend * v[c] + std::exp(-decay) * v[k + c];
      image[c] = v[c] + slope * image[k + c];
    }
  }

  static constexpr double turn = 6.283185307179586;
};

}  // namespace

int main() {
  const double start[] = {0.1, 0.1};
  attractornet::Monitor silent;
  const auto spectrum =
      attractornet::lyapunov_spectrum(KickedOscillator{}, start, {.steps = 200'000}, silent);
  std::printf("%.4f +- %.4f\n%.4f\n", spectrum.exponents[0], spectrum.standard_error[0],
              spectrum.exponents[1]);
  // The determinant is exp(-decay) at every state, so the exponents sum to -decay.
  return std::abs(spectrum.exponents[0] + spectrum.exponents[1] + 3) < 1e-9 ? 0 : 1;
}
