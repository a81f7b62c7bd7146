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

Network network_of(const DeviceTape& tape) {
  return {wilson_cowan::Node<float>(tape.params),
          static_cast<float>(tape.scale),
          static_cast<float>(tape.dt),
          tape.tau_i,
          tape.drives,
          tape.drives + tape.stride};
}
Record record_of(const DeviceTape& tape) {
  const int kept = tape.e ? static_cast<int>(tape.steps) + 1 : 2;
  return {tape.x, tape.y, tape.e, tape.i, tape.samples, tape.stride, kept};
}

}  // namespace

void DeviceTape::forward(void* stream) const {
  run_forward(Stream(static_cast<cudaStream_t>(stream)), products, network_of(*this),
              record_of(*this), static_cast<int>(nodes), static_cast<int>(steps), {a, stride});
}

void DeviceTape::reverse(void* stream, const Gradient& gradient) const {
  const Cotangents cotangents{gradient.x, gradient.y, gradient.by_tau};
  run_back(Stream(static_cast<cudaStream_t>(stream)), products, network_of(*this), record_of(*this),
           cotangents, static_cast<int>(nodes), static_cast<int>(steps), {a, stride}, gradient.dx,
           gradient.da);
}

void EulerRun::settle(float* x, std::int64_t samples, Monitor& monitor) const {
  const Stream stream;
  const std::int64_t stride = row_stride(nodes), rows = std::min(samples, most);
  const auto size = [](std::int64_t count) { return static_cast<std::size_t>(count); };
  Buffer<float> coupling(size(nodes * stride)), tau_i(1);
  Buffer<float> xs(size(2 * rows * stride)), ys(xs.size());
  for (Buffer<float>* buffer : {&coupling, &xs, &ys}) buffer->clear(stream);
  copy_rows(coupling.data(), stride, a, nodes, nodes, nodes, cudaMemcpyHostToDevice, stream);
  const Buffer<float> drives = drives_of(params, stride, stream);
  const auto tau = static_cast<float>(dt / params.gamma);
  tau_i.write({&tau, 1}, stream);
  monitor.begin(samples);
  for (std::int64_t first = 0; first < samples; first += rows) {
    const std::int64_t count = std::min(rows, samples - first);
    DeviceTape tape{params,        scale,     dt,        nodes,           stride,
                    count,         0,         products,  coupling.data(), tau_i.data(),
                    drives.data(), xs.data(), ys.data(), nullptr,         nullptr};
    float* own = x + first * nodes;
    for (float* to : {tape.x, tape.y})
      copy_rows(to, stride, own, nodes, nodes, count, cudaMemcpyHostToDevice, stream);
    for (std::int64_t step = 0; step < steps; step += piece) {
      tape.steps = std::min(piece, steps - step);
      tape.forward(stream);
      stream.synchronise();
      monitor.tick(0);
    }
    // NOTE: pieces but the last have even lengths, so that a piece starts from the first half.
    copy_rows(own, nodes, tape.x + steps % 2 * count * stride, stride, nodes, count,
              cudaMemcpyDeviceToHost, stream);
    stream.synchronise();
    monitor.tick(count);
  }
}

}  // namespace attractornet::cuda
