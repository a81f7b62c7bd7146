/// @file
/// Frequencies of a quasi-periodic series, by numerical analysis of its strongest lines (J. Laskar,
/// Physica D 67 (1993) 257), with the weights of Birkhoff averages as the window.
///
/// A discrete Fourier transform finds the strongest line to half a bin; the phase that it gains
/// between the two halves of the window then gives its frequency, to many digits, since the smooth
/// window keeps all other lines out. The line is taken off, and the next one sought.
#pragma once

#include <algorithm>
#include <attractornet/analysis/birkhoff.hpp>
#include <attractornet/core/math.hpp>
#include <bit>
#include <cmath>
#include <complex>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <span>
#include <utility>
#include <vector>

namespace attractornet {

/// A line of a real series: amplitude cos(2 pi frequency t + phase), t in samples.
struct SpectralLine {
  double frequency;  ///< cycles per sample, in [0, 1/2]
  double amplitude;
};

namespace detail {

/// The discrete Fourier transform of a power of two of values, in place (J. W. Cooley, J. W. Tukey,
/// Math. Comput. 19 (1965) 297). Real and imaginary parts are apart, for the vector lanes.
inline void fourier_transform(std::vector<double>& real, std::vector<double>& imaginary) {
  const std::size_t n = real.size();
  for (std::size_t i = 1, j = 0; i < n; ++i) {
    std::size_t bit = n >> 1;
    for (; j & bit; bit >>= 1) j ^= bit;
    j ^= bit;
    if (i >= j) continue;
    std::swap(real[i], real[j]);
    std::swap(imaginary[i], imaginary[j]);
  }
  std::vector<double> cos(n / 2 + 1), sin(n / 2 + 1);
  for (std::size_t half = 1; half < n; half *= 2) {
    for (std::size_t i = 0; i < half; ++i) {
      const CosSin c = cos_sin_turns(-0.5 * static_cast<double>(i) / static_cast<double>(half));
      cos[i] = c.cos;
      sin[i] = c.sin;
    }
    for (std::size_t block = 0; block < n; block += 2 * half) {
      double *low_r = real.data() + block, *high_r = low_r + half;
      double *low_i = imaginary.data() + block, *high_i = low_i + half;
      for (std::size_t i = 0; i < half; ++i) {
        const double r = high_r[i] * cos[i] - high_i[i] * sin[i];
        const double m = high_r[i] * sin[i] + high_i[i] * cos[i];
        high_r[i] = low_r[i] - r;
        high_i[i] = low_i[i] - m;
        low_r[i] += r;
        low_i[i] += m;
      }
    }
  }
}

}  // namespace detail

/// The lines of a series, one after the other.
class SpectralLines {
 public:
  /// @param series at least 8 values; the mean is no line.
  explicit SpectralLines(std::span<const double> series)
      : rest_(series.begin(), series.end()),
        whole_(birkhoff_weights(series.size())),
        half_(birkhoff_weights(series.size() / 2)),
        unit_(unit_of(series)) {
    for (double& value : rest_) value /= unit_;
    double mean = 0;
    for (std::size_t t = 0; t < rest_.size(); ++t) mean = fma(whole_[t], rest_[t], mean);
    for (double& value : rest_) value -= mean;
  }

  /// The strongest line that is left, which is then taken off the series.
  SpectralLine next() {
    double frequency = strongest_bin();
    const double n = static_cast<double>(half_.size());
    for (int refine = 0; refine < 3; ++refine) {
      const auto first = amplitude(half_, 0, frequency),
                 second = amplitude(half_, half_.size(), frequency);
      const double gained = std::arg(second * std::conj(first)) / 6.283185307179586477;
      frequency += gained / n;
    }
    frequency = std::abs(frequency);
    // A line is a pair, at f and -f; at half the rate of sampling the two are one.
    const bool alternating = 0.5 - frequency < 1 / n;
    if (alternating) frequency = 0.5;
    const auto a = (alternating ? 1.0 : 2.0) * amplitude(whole_, 0, frequency);
    for (std::size_t t = 0; t < rest_.size(); ++t) {
      const CosSin c = cos_sin_turns(frequency * static_cast<double>(t));
      rest_[t] -= a.real() * c.cos - a.imag() * c.sin;
    }
    return {frequency, unit_ * std::abs(a)};
  }

 private:
  /// Weighted mean of value(t) e^(-2 pi i f t) from `start` on, t counted from 0.
  std::complex<double> amplitude(const std::vector<double>& weights, std::size_t start,
                                 double frequency) const {
    double real = 0, imaginary = 0;
    for (std::size_t i = 0; i < weights.size(); ++i) {
      const CosSin c = cos_sin_turns(frequency * static_cast<double>(start + i));
      const double value = weights[i] * rest_[start + i];
      real = fma(value, c.cos, real);
      imaginary = fma(-value, c.sin, imaginary);
    }
    return {real, imaginary};
  }

  /// Frequency of the transform's largest value, over as many values as a power of two allows.
  double strongest_bin() const {
    const std::size_t n = std::bit_floor(rest_.size());
    const std::vector<double> weights = n == whole_.size() ? whole_ : birkhoff_weights(n);
    std::vector<double> real(n), imaginary(n);
    for (std::size_t t = 0; t < n; ++t) real[t] = weights[t] * rest_[t];
    detail::fourier_transform(real, imaginary);
    const auto power = [&](std::size_t k) {
      return real[k] * real[k] + imaginary[k] * imaginary[k];
    };
    std::size_t best = 1;
    for (std::size_t k = 1; k <= n / 2; ++k)
      if (power(k) > power(best)) best = k;
    return static_cast<double>(best) / static_cast<double>(n);
  }

  std::vector<double> rest_, whole_, half_;
  double unit_;
};

namespace detail {

/// Whether f is a whole-number combination of the frequencies and of `unit`, with factors up to
/// `most` of each frequency.
inline bool is_combination(double f, std::span<const double> frequencies, double unit, int most,
                           double tolerance) {
  std::vector<double> rests{f}, next;
  for (const double frequency : frequencies) {
    next.clear();
    for (const double rest : rests)
      for (int factor = -most; factor <= most; ++factor) next.push_back(rest - factor * frequency);
    rests.swap(next);
  }
  return std::any_of(rests.begin(), rests.end(), [&](double rest) {
    return std::abs(rest - unit * std::round(rest / unit)) <= tolerance;
  });
}

/// The least q in [1, most], or else power of two up to 8192, for which q f is a whole number; 0
/// where there is none. NOTE: powers of two, since a cascade of period doublings ends in a set all
/// lines of which are at k/2^n.
inline std::int64_t least_denominator(double f, std::int64_t most, double tolerance) {
  const auto is_whole = [&](std::int64_t q) {
    const auto n = static_cast<double>(q);
    return std::abs(f - std::round(f * n) / n) <= tolerance;
  };
  for (std::int64_t q = 1; q <= most; ++q)
    if (is_whole(q)) return q;
  for (std::int64_t q = 1; q <= 8192; q *= 2)
    if (is_whole(q)) return q;
  return 0;
}

}  // namespace detail

/// The independent frequencies of a series sampled at whole numbers: every strong line is a
/// whole-number combination of them and of 1/q, where an orbit that visits q pieces in turn has
/// lines of its own. The first is the strongest line that is no multiple of 1/q.
/// @param most how many to look for; fewer are returned where the lines show no more.
inline std::vector<double> independent_frequencies(std::span<const double> series, int most) {
  constexpr int factors[] = {0, 80, 24, 8};  // a combination of many frequencies fits by chance
  constexpr double faint = 1e-7;
  constexpr std::int64_t most_pieces = 64;
  SpectralLines lines(series);
  std::vector<double> result;
  std::int64_t pieces = 1;
  double strongest = 0;
  const double tolerance = 1e-3 / static_cast<double>(series.size());
  for (int count = 0; count < 40 && static_cast<int>(result.size()) < std::min(most, 4); ++count) {
    const SpectralLine line = lines.next();
    strongest = std::max(strongest, line.amplitude);
    if (!(line.amplitude > faint * strongest)) break;
    if (detail::is_combination(line.frequency, result, 1.0 / static_cast<double>(pieces),
                               factors[result.size()], tolerance))
      continue;
    const auto q = detail::least_denominator(line.frequency, most_pieces, tolerance);
    if (q == 0)
      result.push_back(line.frequency);
    else
      pieces = std::lcm(pieces, q);
  }
  return result;
}

/// The frequency, a multiple of 1/p, of the strongest line of a series that repeats itself after p
/// values: by the definition, from its last p values.
inline double strongest_harmonic(std::span<const double> series, std::size_t p) {
  const auto last = series.last(p);
  std::vector<CosSin> turn(p);
  for (std::size_t t = 0; t < p; ++t)
    turn[t] = cos_sin_turns(static_cast<double>(t) / static_cast<double>(p));
  std::size_t best = 1;
  double most = -1;
  for (std::size_t k = 1; k <= p / 2; ++k) {
    double real = 0, imaginary = 0;
    for (std::size_t t = 0, at = 0; t < p; ++t) {
      real = fma(last[t], turn[at].cos, real);
      imaginary = fma(last[t], turn[at].sin, imaginary);
      at = at + k < p ? at + k : at + k - p;
    }
    // Half of the power of a line is at its mirror image, but that at 1/2 is its own.
    const double power = (real * real + imaginary * imaginary) * (2 * k == p ? 0.25 : 1);
    if (power > most * (1 + 1e-9)) {
      most = power;
      best = k;
    }
  }
  return static_cast<double>(best) / static_cast<double>(p);
}

/// The frequency of which all strong lines of a periodic series are multiples.
inline double fundamental_frequency(std::span<const double> series) {
  constexpr int lines_looked_at = 12, most_divisions = 24;
  SpectralLines lines(series);
  const SpectralLine first = lines.next();
  std::vector<double> others;
  for (int i = 1; i < lines_looked_at; ++i) {
    const SpectralLine line = lines.next();
    if (line.amplitude > 1e-5 * first.amplitude) others.push_back(line.frequency);
  }
  const double tolerance = 1e-2 / static_cast<double>(series.size());
  for (int n = 1; n <= most_divisions; ++n) {
    const double base = first.frequency / n;
    if (std::all_of(others.begin(), others.end(), [&](double f) {
          // A multiple above half the rate of sampling is seen mirrored there.
          return detail::is_combination(f, std::span(&base, 1), 1, 80 * n, tolerance);
        }))
      return base;
  }
  return first.frequency;
}

}  // namespace attractornet
