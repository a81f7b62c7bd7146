#include <doctest/doctest.h>

#include <attractornet/analysis/lane_frames.hpp>
#include <attractornet/analysis/orthonormalise.hpp>
#include <attractornet/core/concepts.hpp>
#include <attractornet/core/rng.hpp>
#include <cmath>
#include <vector>

using namespace attractornet;

namespace {

constexpr int L = register_bytes / 8;

/// Frames (k, rows, L), a random one in each lane.
std::vector<double> random_frames(int rows, int k) {
  std::vector<double> result(static_cast<std::size_t>(rows) * k * L);
  const Stream stream(5, Purpose::sampling);
  for (std::size_t i = 0; i < result.size(); ++i)
    result[i] = stream.normal(static_cast<std::uint32_t>(i));
  return result;
}

}  // namespace

TEST_CASE("lane frames: those of Orthonormaliser, lane by lane") {
  for (const auto& shape : {std::pair{1, 1}, {5, 1}, {5, 5}, {9, 3}, {16, 13}, {32, 32}}) {
    const int rows = shape.first, k = shape.second;
    CAPTURE(rows);
    CAPTURE(k);
    auto frames = random_frames(rows, k);
    const auto before = frames;
    LaneOrthonormaliser<double, L> lanes(rows, k);
    lanes.reset();
    lanes(frames.data(), static_cast<std::size_t>(rows) * L);
    for (int lane = 0; lane < L; ++lane) {
      const int stride = frame_stride(k);
      std::vector<double> frame(static_cast<std::size_t>(rows) * stride);
      for (int c = 0; c < k; ++c)
        for (int row = 0; row < rows; ++row)
          frame[row * stride + c] = before[(c * rows + row) * L + lane];
      Orthonormaliser one(rows, k, stride);
      one(frame.data());
      double least = 1;
      for (int c = 0; c < k; ++c) {
        CHECK(lanes.growth(c, lane) ==
              doctest::Approx(std::log(one.diagonal()[c])).epsilon(1e-9).scale(1));
        least = std::min(least, one.shares()[c] * one.shares()[c]);
        for (int row = 0; row < rows; ++row)
          CHECK(std::abs(frames[(c * rows + row) * L + lane] - frame[row * stride + c]) < 1e-9);
      }
      CHECK(lanes.least_share(lane) == doctest::Approx(least).epsilon(1e-6));
    }
  }
}

TEST_CASE("lane frames: growth adds up over calls, until it is reset") {
  auto frames = random_frames(6, 4);
  LaneOrthonormaliser<double, L> lanes(6, 4);
  lanes(frames.data(), 6 * L);
  lanes.reset();
  for (int times = 0; times < 700; ++times) {
    for (auto& value : frames) value *= 3;
    lanes(frames.data(), 6 * L);
  }
  for (int c = 0; c < 4; ++c)
    for (int lane = 0; lane < L; ++lane)
      CHECK(lanes.growth(c, lane) == doctest::Approx(700 * std::log(3.0)).epsilon(1e-13));
}

TEST_CASE("lane frames: a direction that died is told of, and stays in its lane") {
  for (const double bad : {0.0, 1e-160, 1e160, HUGE_VAL, std::nan("")}) {
    CAPTURE(bad);
    auto frames = random_frames(5, 3);
    auto whole = frames;
    for (int row = 0; row < 5; ++row) frames[(1 * 5 + row) * L + 1] *= bad;
    LaneOrthonormaliser<double, L> lanes(5, 3), others(5, 3);
    lanes.reset();
    others.reset();
    lanes(frames.data(), 5 * L);
    others(whole.data(), 5 * L);
    CHECK(lanes.least_share(1) == 0.0);
    CHECK(lanes.least_share(0) == others.least_share(0));
    for (int c = 0; c < 3; ++c) CHECK(lanes.growth(c, 0) == others.growth(c, 0));
  }
}
