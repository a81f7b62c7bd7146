#include <doctest/doctest.h>

#include <Eigen/Core>
#include <algorithm>
#include <attractornet/core/monitor.hpp>
#include <attractornet/core/rng.hpp>
#include <attractornet/systems/hopfield_storage.hpp>
#include <cmath>
#include <cstdint>
#include <utility>
#include <vector>

using namespace attractornet;
using hopfield::PatternView;
using Matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

namespace {

/// PatternView that own their values.
struct Stored {
  std::int64_t count, units;
  std::vector<std::int8_t> xi;

  Stored(std::int64_t count, std::int64_t units)
      : count(count), units(units), xi(static_cast<std::size_t>(count * units)) {}
  operator PatternView() const { return {xi.data(), count, units}; }
  std::int8_t* row(std::int64_t mu) { return xi.data() + mu * units; }
  /// (count, units)
  Matrix matrix() const {
    return Eigen::Map<const Eigen::Matrix<std::int8_t, -1, -1, Eigen::RowMajor>>(xi.data(), count,
                                                                                 units)
        .cast<double>();
  }
};

/// Random patterns of which a share is +1.
Stored random_patterns(std::int64_t count, std::int64_t units, double share = 0.5) {
  Stored patterns(count, units);
  const Stream stream(7, Purpose::sampling, static_cast<std::uint64_t>(1000 * count + units));
  for (std::size_t i = 0; i < patterns.xi.size(); ++i)
    patterns.xi[i] = stream.uniform(static_cast<std::uint32_t>(i)) < share ? 1 : -1;
  return patterns;
}

const std::pair<std::int64_t, std::int64_t> sizes[] = {{1, 1},    {0, 5},    {1, 9},    {3, 1},
                                                       {5, 33},   {4, 64},   {17, 130}, {126, 67},
                                                       {25, 601}, {300, 41}, {127, 300}};

Matrix counts_of(const Stored& patterns) {
  return patterns.matrix().transpose() * patterns.matrix();
}

template <class Vector>
Matrix view(const Vector& w, std::int64_t units) {
  return Eigen::Map<const Matrix>(w.data(), units, units);
}

double largest(const Matrix& m) { return m.size() ? m.cwiseAbs().maxCoeff() : 0; }

/// The counts of patterns, from nothing.
template <class T>
std::vector<T> counts_from(const PatternView& patterns, std::int64_t stride) {
  std::vector<T> counts(static_cast<std::size_t>(patterns.units * stride));
  hopfield::add_counts(counts.data(), stride, patterns);
  return counts;
}

template <class T>
void check_counts(const Stored& patterns) {
  const std::int64_t n = patterns.units, stride = (n + 63) / 64 * 64;
  const Matrix expected = counts_of(patterns);
  const auto counts = counts_from<T>(patterns, stride);
  bool same = true;
  for (std::int64_t i = 0; i < n; ++i)
    for (std::int64_t j = 0; j < stride; ++j)
      same &= counts[i * stride + j] == (j < n ? expected(i, j) : 0);
  CHECK(same);
}

/// The rule as it is written, h_ij and all.
Matrix slow_storkey(Matrix w, const Stored& patterns) {
  const std::int64_t n = patterns.units;
  const Matrix xi = patterns.matrix();
  for (std::int64_t mu = 0; mu < patterns.count; ++mu) {
    Matrix h = Matrix::Zero(n, n), next = w;
    for (std::int64_t i = 0; i < n; ++i)
      for (std::int64_t j = 0; j < n; ++j)
        for (std::int64_t k = 0; k < n; ++k)
          if (k != i && k != j) h(i, j) += w(i, k) * xi(mu, k);
    for (std::int64_t i = 0; i < n; ++i)
      for (std::int64_t j = 0; j < n; ++j)
        next(i, j) += (xi(mu, i) * xi(mu, j) - xi(mu, i) * h(j, i) - h(i, j) * xi(mu, j)) /
                      static_cast<double>(n);
    w = next;
  }
  return w;
}

/// W is symmetric to the bit, a projector, and leaves the patterns as they are.
void check_projector(const Matrix& w, const Stored& patterns, double tolerance) {
  const Matrix x = patterns.matrix().transpose();
  CHECK(w == w.transpose());
  CHECK(largest(w * x - x) <= tolerance);
  CHECK(largest(w * w - w) <= tolerance);
}

void check_pseudo_inverse(const Stored& patterns, std::int64_t rank, double tolerance = 1e-12) {
  CAPTURE(patterns.count);
  CAPTURE(patterns.units);
  const auto basis = hopfield::orthonormal_basis(patterns);
  CHECK(basis.rank == rank);
  CHECK(basis.units == patterns.units);
  REQUIRE(basis.q.size() == static_cast<std::size_t>(patterns.units * basis.stride));
  const Matrix padded = Eigen::Map<const Matrix>(basis.q.data(), patterns.units, basis.stride);
  CHECK(largest(padded.rightCols(basis.stride - rank)) == 0);
  const Matrix q = padded.leftCols(rank);
  CHECK(largest(q.transpose() * q - Matrix::Identity(rank, rank)) <= tolerance);
  const Matrix w = view(hopfield::projector(patterns), patterns.units);
  const Matrix from_basis = view(hopfield::symmetric_product(basis), patterns.units);
  check_projector(w, patterns, tolerance);
  check_projector(from_basis, patterns, tolerance);
  CHECK(w.trace() == doctest::Approx(static_cast<double>(rank)));
  CHECK(largest(from_basis - q * q.transpose()) <= 1e-14);
  CHECK(largest(from_basis - w) <= tolerance);
}

}  // namespace

TEST_CASE("Hebbian counts are exact, whatever counts them") {
  for (const auto& [count, units] : sizes) {
    const Stored patterns = random_patterns(count, units, 0.6);
    CAPTURE(patterns.count);
    CAPTURE(patterns.units);
    if (count <= 127) check_counts<std::int8_t>(patterns);
    check_counts<std::int16_t>(patterns);
    check_counts<std::int32_t>(patterns);
    check_counts<double>(patterns);
  }
}

TEST_CASE("127 equal patterns fill 8 bits to the brim") {
  Stored patterns = random_patterns(127, 70);
  for (std::int64_t mu = 1; mu < 127; ++mu)
    std::copy_n(patterns.row(0), patterns.units, patterns.row(mu));
  check_counts<std::int8_t>(patterns);
}

TEST_CASE("more patterns are added, and taken away") {
  const std::int64_t n = 83, stride = 128;
  const Stored all = random_patterns(150, n);
  const PatternView first{all.xi.data(), 100, n}, rest{all.xi.data() + 100 * n, 50, n};
  auto counts = counts_from<std::int16_t>(first, stride);
  const auto before = counts;
  hopfield::add_counts(counts.data(), stride, rest);
  CHECK(counts == counts_from<std::int16_t>(all, stride));
  hopfield::add_counts(counts.data(), stride, rest, /*remove=*/true);
  CHECK(counts == before);
}

TEST_CASE("the product of two factors") {
  const Matrix l = random_patterns(37, 5).matrix(), r = 0.25 * random_patterns(37, 5, 0.2).matrix();
  CHECK(view(hopfield::product(l.data(), r.data(), 37, 5), 37) == l * r.transpose());
}

TEST_CASE("the pseudo-inverse rule is a projector that keeps random patterns") {
  for (const auto& [count, units] : {std::pair{0, 5}, std::pair{1, 1}, std::pair{1, 9},
                                     std::pair{5, 33}, std::pair{60, 601}, std::pair{200, 333}})
    check_pseudo_inverse(random_patterns(count, units), count);
}

TEST_CASE("patterns that depend on others change nothing") {
  Stored patterns = random_patterns(100, 301);
  for (std::int64_t mu = 60; mu < 70; ++mu)  // duplicates
    std::copy_n(patterns.row(mu - 60), patterns.units, patterns.row(mu));
  for (std::int64_t mu = 70; mu < 80; ++mu)  // negatives
    std::transform(patterns.row(mu - 60), patterns.row(mu - 59), patterns.row(mu),
                   [](std::int8_t x) { return static_cast<std::int8_t>(-x); });
  for (std::int64_t mu = 80; mu < 100; mu += 2)  // a + b = c + d
    for (std::int64_t i = 0; i < patterns.units; ++i) {
      const std::int8_t a = patterns.row(mu - 60)[i], b = patterns.row(mu - 59)[i];
      const bool exchange = i * i % 7 < 3;
      patterns.row(mu)[i] = exchange ? b : a;
      patterns.row(mu + 1)[i] = exchange ? a : b;
    }
  check_pseudo_inverse(patterns, 70);
  check_pseudo_inverse(random_patterns(90, 40), 40);
  const Matrix all = view(hopfield::projector(random_patterns(90, 40)), 40);
  CHECK(largest(all - Matrix::Identity(40, 40)) < 1e-12);
}

TEST_CASE("correlated patterns lose no digits") {
  Stored alike = random_patterns(100, 784, 0.95);
  check_pseudo_inverse(alike, 100);
  for (std::int64_t mu = 50; mu < 100; ++mu) {  // one unit apart
    std::copy_n(alike.row(mu - 50), alike.units, alike.row(mu));
    alike.row(mu)[mu] = static_cast<std::int8_t>(-alike.row(mu)[mu]);
  }
  check_pseudo_inverse(alike, 100);
  check_pseudo_inverse(random_patterns(200, 200), 200);
  Stored chain(150, 160);  // each one unit from the one before it
  for (std::int64_t mu = 0; mu < 150; ++mu)
    for (std::int64_t i = 0; i < 160; ++i) chain.row(mu)[i] = i <= mu ? 1 : -1;
  check_pseudo_inverse(chain, 150);
}

TEST_CASE("Storkey's rule, all patterns together or one by one, in any weights") {
  for (const auto& [count, units] : {std::pair{1, 1}, std::pair{4, 1}, std::pair{3, 2},
                                     std::pair{9, 5}, std::pair{20, 13}, std::pair{6, 67}}) {
    const Stored patterns = random_patterns(count, units);
    CAPTURE(patterns.units);
    const Matrix start = counts_of(random_patterns(3, units)) / 7;
    for (Matrix together : {Matrix(Matrix::Zero(units, units)), start}) {
      const Matrix expected = slow_storkey(together, patterns);
      Matrix one_by_one = together;
      hopfield::storkey_add(together.data(), patterns);
      for (std::int64_t mu = 0; mu < count; ++mu)
        hopfield::storkey_add(one_by_one.data(), {patterns.xi.data() + mu * units, 1, units});
      const double tolerance = 1e-14 * std::max(1.0, largest(expected));
      CHECK(largest(together - expected) <= tolerance);
      CHECK(largest(one_by_one - expected) <= tolerance);
      CHECK(together == together.transpose());
    }
  }
}

TEST_CASE("Storkey's rule over several blocks of patterns") {
  const Stored patterns = random_patterns(300, 201);
  Matrix together = Matrix::Zero(201, 201), one_by_one = together;
  hopfield::storkey_add(together.data(), patterns);
  for (std::int64_t mu = 0; mu < 300; ++mu)
    hopfield::storkey_add(one_by_one.data(), {patterns.xi.data() + mu * 201, 1, 201});
  CHECK(largest(together - one_by_one) <= 1e-12 * largest(one_by_one));
  CHECK(together == together.transpose());
}

TEST_CASE("a monitor can stop each rule") {
  struct Stopped {};
  struct Stopper : Monitor {
    void report(std::int64_t, std::int64_t) override { throw Stopped{}; }
  };
  const Stored patterns = random_patterns(150, 150);
  const auto stops = [](const auto& work) {
    Stopper monitor;
    CHECK_THROWS_AS(work(&monitor), Stopped);
  };
  std::vector<std::int16_t> counts(150 * 192);
  stops([&](Monitor* m) { hopfield::add_counts(counts.data(), 192, patterns, false, m); });
  stops([&](Monitor* m) { return hopfield::orthonormal_basis(patterns, m); });
  stops([&](Monitor* m) { return hopfield::projector(patterns, m); });
  const hopfield::Basis basis = hopfield::orthonormal_basis(patterns);
  stops([&](Monitor* m) { return hopfield::symmetric_product(basis, m); });
  stops([&](Monitor* m) {
    return hopfield::product(basis.q.data(), basis.q.data(), 150, basis.stride, m);
  });
  Matrix w = Matrix::Zero(150, 150);
  stops([&](Monitor* m) { hopfield::storkey_add(w.data(), patterns, m); });
}

TEST_CASE("weights beyond memory are refused before they are made") {
  const PatternView huge{nullptr, 0, std::int64_t{1} << 30};
  CHECK_THROWS_WITH_AS(hopfield::product(nullptr, nullptr, huge.units, 0),
                       doctest::Contains("product: units x units = "), MemoryLimit);
}
