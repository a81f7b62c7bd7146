// Prints numbers with 17 digits, which the tests compare with Python's.
#include <Eigen/Core>
#include <attractornet/core/math.hpp>
#include <attractornet/version.hpp>
#include <cstdio>

int main() {
  std::printf("%s\n", attractornet::version);
  std::printf("%.17g\n", attractornet::tanh(0.5));
  return Eigen::Vector2d(1.0, 2.0).sum() == 3.0 ? 0 : 1;
}
