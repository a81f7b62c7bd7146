#include <algorithm>
#include <attractornet/dynamics/wilson_cowan_cuda.hpp>
#include <vector>

#include "layout.cuh"
#include "wilson_cowan_run.cuh"

namespace attractornet::cuda {

namespace {

/// Samples that run at once, and steps that are asked for before the host looks.
constexpr std::int64_t most = 1 << 13, piece = 128;

/// Copies rows between memory of the device, where they are `stride` apart, and of the host.
void copy_rows(float* to, std::int64_t to_apart, const float* from, std::int64_t from_apart,
               std::int64_t nodes, std::int64_t rows, cudaMemcpyKind kind, const Stream& stream) {
  const auto bytes = [](std::int64_t count) {
    return static_cast<std::size_t>(count) * sizeof(float);
  };
  check(cudaMemcpy2DAsync(to, bytes(to_apart), from, bytes(from_apart), bytes(nodes),
                          static_cast<std::size_t>(rows), kind, stream),
        "a copy");
}

}  // namespace

void EulerRun::settle(float* x, std::int64_t samples, Monitor& monitor) const {
  const Stream stream;
  const std::int64_t stride = row_stride(nodes), rows = std::min(samples, most);
  const auto size = [](std::int64_t count) { return static_cast<std::size_t>(count); };
  Buffer<float> coupling(size(nodes * stride)), drives(size(2 * stride)), tau_i(1);
  Buffer<float> xs(size(2 * rows * stride)), ys(xs.size());
  for (Buffer<float>* buffer : {&coupling, &xs, &ys}) buffer->clear(stream);
  copy_rows(coupling.data(), stride, a, nodes, nodes, nodes, cudaMemcpyHostToDevice, stream);
  std::vector<float> drive(drives.size(), static_cast<float>(params.h_e));
  std::fill(drive.begin() + stride, drive.end(), static_cast<float>(params.h_i));
  drives.write(drive, stream);
  const auto tau = static_cast<float>(dt / params.gamma);
  tau_i.write({&tau, 1}, stream);
  const Network network{wilson_cowan::Node<float>(params),
                        static_cast<float>(scale),
                        static_cast<float>(dt),
                        tau_i.data(),
                        drives.data(),
                        drives.data() + stride};
  monitor.begin(samples);
  for (std::int64_t first = 0; first < samples; first += rows) {
    const std::int64_t count = std::min(rows, samples - first);
    const Record record{xs.data(), ys.data(), nullptr, nullptr, count, stride, 2};
    float* own = x + first * nodes;
    for (float* to : {record.x, record.y})
      copy_rows(to, stride, own, nodes, nodes, count, cudaMemcpyHostToDevice, stream);
    for (std::int64_t step = 0; step < steps; step += piece) {
      run_forward(stream, products, network, record, static_cast<int>(nodes),
                  static_cast<int>(std::min(piece, steps - step)), {coupling.data(), stride});
      stream.synchronise();
      monitor.tick(0);
    }
    // NOTE: pieces but the last have even lengths, so that a piece starts from the first half.
    copy_rows(own, nodes, record.x + record.first(static_cast<int>(steps % 2)), stride, nodes,
              count, cudaMemcpyDeviceToHost, stream);
    stream.synchronise();
    monitor.tick(count);
  }
}

}  // namespace attractornet::cuda
