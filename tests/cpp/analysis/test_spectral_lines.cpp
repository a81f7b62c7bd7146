#include <doctest/doctest.h>

#include <algorithm>
#include <attractornet/analysis/spectral_lines.hpp>
#include <attractornet/core/rng.hpp>
#include <cmath>
#include <complex>
#include <initializer_list>
#include <limits>
#include <vector>

using namespace attractornet;

namespace {

constexpr double golden = 0.6180339887498949, silver = 0.41421356237309505,
                 turn = 6.283185307179586477;

struct Line {
  double frequency, amplitude, phase;
};

std::vector<double> sum_of(std::size_t n, std::initializer_list<Line> lines, double mean = 0) {
  std::vector<double> series(n, mean);
  for (std::size_t t = 0; t < n; ++t)
    for (const Line& line : lines)
      series[t] +=
          line.amplitude *
          std::cos(turn * std::fmod(line.frequency * static_cast<double>(t), 1.0) + line.phase);
  return series;
}
/// By frequency: 1 - f is f, and so is f + 1.
double folded(double f) {
  f -= std::floor(f);
  return std::min(f, 1 - f);
}

void check_lines(const std::vector<double>& series, std::vector<Line> lines, double frequencies,
                 double amplitudes) {
  SpectralLines found(series);
  std::sort(lines.begin(), lines.end(),
            [](const Line& a, const Line& b) { return a.amplitude > b.amplitude; });
  for (const Line& line : lines) {
    const SpectralLine got = found.next();
    CAPTURE(line.frequency);
    CHECK(std::abs(got.frequency - folded(line.frequency)) < frequencies);
    CHECK(std::abs(got.amplitude - line.amplitude) < amplitudes);
  }
  CHECK(found.next().amplitude < amplitudes);
}

}  // namespace

TEST_CASE("the fast Fourier transform is the direct sum") {
  const Stream stream(1, Purpose::sampling);
  for (const std::size_t n : {1, 2, 4, 8, 64, 256}) {
    std::vector<double> real(n), imaginary(n);
    std::vector<std::complex<double>> copy;
    for (std::size_t t = 0; t < n; ++t) {
      real[t] = stream.normal(static_cast<std::uint32_t>(2 * t));
      imaginary[t] = stream.normal(static_cast<std::uint32_t>(2 * t + 1));
      copy.emplace_back(real[t], imaginary[t]);
    }
    detail::fourier_transform(real, imaginary);
    for (std::size_t k = 0; k < n; ++k) {
      std::complex<double> sum = 0;
      for (std::size_t t = 0; t < n; ++t)
        sum += copy[t] *
               std::polar(1.0, -turn * static_cast<double>(k * t % n) / static_cast<double>(n));
      CHECK(std::abs(sum - std::complex(real[k], imaginary[k])) < 1e-12 * static_cast<double>(n));
    }
  }
}

TEST_CASE("the strongest harmonic of a series of known period") {
  for (const std::size_t p : {2, 3, 10, 158}) {
    std::vector<double> series;
    const std::size_t k = p > 3 ? p / 3 : 1;
    for (std::size_t t = 0; t < 3 * p; ++t)
      series.push_back(2 + std::cos(turn * static_cast<double>(k * t) / static_cast<double>(p)) +
                       0.3 * std::cos(turn * static_cast<double>(t) / static_cast<double>(p)));
    CHECK(strongest_harmonic(series, p) ==
          doctest::Approx(static_cast<double>(k) / static_cast<double>(p)));
  }
}

TEST_CASE("known lines come back, strongest first, with frequency and amplitude") {
  const std::initializer_list<Line> lines = {
      {golden, 1, 0.3}, {silver, 0.4, 2}, {0.0123456789, 0.05, -1}};
  for (const std::size_t n : {16'384, 20'000, 32'767})
    check_lines(sum_of(n, lines, 3.5), lines, 1e-10, 1e-8);
}

TEST_CASE("a line alone, wherever it lies between the bins, whatever the length") {
  for (const std::size_t n : {255, 256, 257, 500, 511, 1000, 1023, 2047})
    for (double bin = 10; bin < 12; bin += 0.09) {
      CAPTURE(n);
      CAPTURE(bin);
      // NOTE: bins of the transform, which takes a power of two of values.
      for (const double size : {static_cast<double>(std::bit_floor(n)), static_cast<double>(n)}) {
        const SpectralLine got = SpectralLines(sum_of(n, {{bin / size, 2, 1}})).next();
        CHECK(std::abs(got.frequency - bin / size) < 1e-4 / size);
      }
    }
}

TEST_CASE("a weak line beside a strong one does not move it into another bin") {
  for (const std::size_t n : {1023, 2047, 4095, 8191})
    for (double bin = 100.05; bin < 101; bin += 0.05) {
      CAPTURE(n);
      CAPTURE(bin);
      const double f = bin / static_cast<double>(std::bit_floor(n));
      SpectralLines lines(sum_of(n, {{f, 1, 1}, {0.3123, 0.7, 0.2}, {0.41, 0.5, 2}}));
      CHECK(std::abs(lines.next().frequency - f) < 1e-6);
    }
}

TEST_CASE("lines at half the sampling rate, near zero and near each other") {
  const std::initializer_list<Line> half = {{0.5, 1, 0}, {golden, 0.3, 0.7}};
  check_lines(sum_of(10'000, half), half, 1e-10, 1e-8);
  const std::initializer_list<Line> slow = {{30.0 / 65'536, 1, 0.4}, {silver, 0.3, 0.7}};
  check_lines(sum_of(65'536, slow), slow, 1e-10, 1e-7);
  const std::initializer_list<Line> close = {{golden, 1, 0}, {golden + 40.0 / 65'536, 0.2, 1}};
  check_lines(sum_of(65'536, close), close, 1e-10, 1e-7);
  const std::initializer_list<Line> fast = {{0.5 - 30.0 / 65'536, 1, 0.4}, {silver, 0.3, 0.7}};
  check_lines(sum_of(65'536, fast), fast, 1e-10, 1e-7);
}

TEST_CASE("the units of a series do not matter") {
  const auto series = sum_of(4096, {{golden, 1, 0.3}, {silver, 0.4, 2}});
  for (const double unit : {1e-300, 1e-170, 1e-100, 1e100, 1e160, 1e300}) {
    CAPTURE(unit);
    auto scaled = series;
    for (double& value : scaled) value *= unit;
    SpectralLines lines(scaled);
    const SpectralLine first = lines.next(), second = lines.next();
    CHECK(std::abs(first.frequency - folded(golden)) < 1e-9);
    CHECK(first.amplitude / unit == doctest::Approx(1).epsilon(1e-7));
    CHECK(std::abs(second.frequency - silver) < 1e-9);
    CHECK(independent_frequencies(scaled, 2).size() == 2);
  }
}

TEST_CASE("independent frequencies: harmonics and combinations are none of their own") {
  const auto one = independent_frequencies(
      sum_of(32'768,
             {{golden, 1, 0}, {2 * golden, 0.5, 1}, {3 * golden, 0.8, 2}, {17 * golden, 0.1, 3}}),
      3);
  REQUIRE(one.size() == 1);
  CHECK(std::abs(one[0] - folded(golden)) < 1e-10);

  const auto two = independent_frequencies(sum_of(32'768, {{silver, 0.6, 0},
                                                           {golden, 1, 1},
                                                           {golden + silver, 0.5, 2},
                                                           {3 * golden - 2 * silver, 0.2, 3},
                                                           {2 * silver, 0.1, 3}}),
                                           3);
  REQUIRE(two.size() == 2);
  CHECK(std::abs(two[0] - folded(golden)) < 1e-10);
  CHECK(std::abs(two[1] - silver) < 1e-10);
  CHECK(independent_frequencies(sum_of(32'768, {{silver, 0.6, 0}, {golden, 1, 1}}), 1).size() == 1);
}

TEST_CASE("independent frequencies of an orbit in pieces: lines at k/q are no frequency") {
  const auto pieces = independent_frequencies(sum_of(32'768, {{1.0 / 3, 2, 0},
                                                              {golden, 1, 1},
                                                              {golden + 1.0 / 3, 0.5, 2},
                                                              {2 * golden - 1.0 / 3, 0.2, 3}}),
                                              2);
  REQUIRE(pieces.size() == 1);
  CHECK(std::abs(pieces[0] - folded(golden)) < 1e-10);
  CHECK(independent_frequencies(sum_of(32'768, {{0.5, 1, 0}, {0.25, 1, 1}, {1.0 / 7, 0.3, 0}}), 2)
            .empty());
}

TEST_CASE("no lines: a constant, zeros, NaN, eight values") {
  constexpr double nan = std::numeric_limits<double>::quiet_NaN();
  CHECK(independent_frequencies(std::vector<double>(1000, 0.0), 2).empty());
  CHECK(SpectralLines(std::vector<double>(1000, 0.7)).next().amplitude < 1e-12);
  CHECK(independent_frequencies(std::vector<double>(1000, nan), 2).empty());
  CHECK(SpectralLines(sum_of(8, {{0.25, 1, 0}})).next().frequency ==
        doctest::Approx(0.25).epsilon(0.1));
}

TEST_CASE("the fundamental frequency, which need not be the strongest line") {
  const double f = 0.01 * golden;
  CHECK(std::abs(fundamental_frequency(sum_of(32'768, {{f, 1, 0}, {2 * f, 0.5, 1}})) - f) < 1e-10);
  CHECK(std::abs(
            fundamental_frequency(sum_of(32'768, {{f, 0.2, 0}, {2 * f, 0.1, 2}, {3 * f, 1, 1}})) -
            f) < 1e-10);
  CHECK(std::abs(fundamental_frequency(sum_of(32'768, {{2 * f, 0.5, 2}, {3 * f, 1, 1}})) - f) <
        1e-10);
  CHECK(std::abs(fundamental_frequency(sum_of(32'768, {{f, 1, 2}})) - f) < 1e-10);
  // A harmonic beyond half the sampling rate is seen mirrored.
  const double g = 0.17 * golden;
  CHECK(std::abs(
            fundamental_frequency(sum_of(32'768, {{g, 1, 0}, {3 * g, 0.5, 1}, {7 * g, 0.2, 0}})) -
            g) < 1e-10);
}
