/// @file
/// What feedback_device.hpp declares, for one precision a file: their kernels are many, and two
/// files compile side by side.
#pragma once

#include <attractornet/core/sum.hpp>
#include <attractornet/systems/feedback_draw.hpp>

#include "feedback_device.hpp"
#include "feedback_frames.cuh"
#include "feedback_team.cuh"
#include "launch.cuh"

namespace attractornet::cuda {

namespace {

constexpr int warp = 32, most_inputs = 64;

/// A network a thread, and the state that it starts from.
template <class T>
__global__ void draw(std::int64_t count, const feedback::Ensemble* ensembles, T* w, double* b,
                     T* y) {
  const std::int64_t i = thread_index();
  if (i >= count) return;
  const feedback::Ensemble& ensemble = ensembles[i];
  double* own_b = b + i * ensemble.neurons;
  feedback::draw(ensemble, w + i * ensemble.neurons * ensemble.inputs, own_b);
  const feedback::Rule<double> rule{
      {nullptr, own_b, static_cast<int>(ensemble.neurons), static_cast<int>(ensemble.inputs)}};
  rule.start(y + i * ensemble.inputs);
}

/// The same numbers for all.
template <class T>
__global__ void repeat(std::int64_t count, std::int64_t size, const double* numbers, T* to) {
  const std::int64_t i = thread_index();
  if (i < count * size) to[i] = static_cast<T>(numbers[i % size]);
}

__global__ void fill(std::int64_t count, int value, int* to) {
  const std::int64_t i = thread_index();
  if (i < count) to[i] = value;
}

/// Calls run<D>() with the least size that holds the inputs. @tparam Most of the sizes.
template <int Most, class Run>
void with_size(int inputs, const Run& run) {
  if (inputs <= 8) return run.template operator()<8>();
  if (inputs <= 16) return run.template operator()<16>();
  if (inputs <= 32 || Most == 32) return run.template operator()<32>();
  run.template operator()<Most>();
}

/// Calls run<W>() with the lanes of a team.
template <class Run>
void with_width(int neurons, const Run& run) {
  switch (team_width(neurons)) {
    case 2:
      return run.template operator()<2>();
    case 4:
      return run.template operator()<4>();
    case 8:
      return run.template operator()<8>();
    case 16:
      return run.template operator()<16>();
    default:
      run.template operator()<warp>();
  }
}

}  // namespace

template <class T>
struct DeviceNetworks<T>::Memory {
  std::int64_t count;
  int neurons, inputs, k = 0, longest = 1;
  Stream stream;
  Buffer<T> w, y, next_y, v, next_v;
  Buffer<double> b, growth;
  Buffer<int> interval;
  Buffer<std::uint32_t> cells;

  explicit Memory(std::span<const feedback::Ensemble> ensembles)
      : count(static_cast<std::int64_t>(ensembles.size())),
        neurons(static_cast<int>(ensembles.front().neurons)),
        inputs(static_cast<int>(ensembles.front().inputs)),
        w(of_each(neurons * inputs)),
        y(of_each(inputs)),
        next_y(of_each(inputs)),
        b(of_each(neurons)) {}

  std::size_t of_each(std::int64_t numbers) const {
    return static_cast<std::size_t>(count * numbers);
  }
  Wave<T> wave(std::int64_t block = 0) const {
    return {.count = count,
            .neurons = neurons,
            .inputs = inputs,
            .k = k,
            .w = w.data(),
            .b = b.data(),
            .y = y.data(),
            .v = v.data(),
            .next_y = next_y.data(),
            .next_v = next_v.data(),
            .growth = growth.data() + block * count * k,
            .interval = interval.data(),
            .cells = cells.data()};
  }
  void give_all(std::span<const double> numbers, Buffer<T>& to) {
    const auto size = static_cast<std::int64_t>(numbers.size());
    Buffer<double> given(numbers.size());
    given.write(numbers, stream);
    launch(stream, count * size, 256, repeat<T>, count, size, given.data(), to.data());
    stream.synchronise();  // before the numbers go
  }
  template <Beside What>
  void run(int steps, std::int64_t block = 0) {
    with_size<most_inputs>(inputs, [&]<int D>() {
      with_width(neurons, [&]<int W>() {
        launch(stream, count * W, block_threads, cuda::advance<T, D, W, What>, wave(block), steps);
      });
    });
    reached();
  }
  void run_frames(int steps, std::int64_t block) {
    with_size<warp>(inputs, [&]<int D>() {
      launch(stream, count * warp, block_threads, advance_frames<T, D>, wave(block), steps,
             longest);
    });
    reached();
  }
  void reached() {
    stream.synchronise();
    std::swap(y, next_y);
    std::swap(v, next_v);
  }
};

template <class T>
bool DeviceNetworks<T>::fits(std::int64_t neurons, std::int64_t inputs, std::int64_t k) {
  return neurons <= warp && inputs <= (k > 1 ? warp : most_inputs);
}

template <class T>
DeviceNetworks<T>::DeviceNetworks(std::span<const feedback::Ensemble> ensembles,
                                  const double* initial)
    : memory_(new Memory(ensembles)) {
  Memory& m = *memory_;
  Buffer<feedback::Ensemble> drawn(ensembles.size());
  drawn.write(ensembles, m.stream);
  launch(m.stream, m.count, 64, draw<T>, m.count, drawn.data(), m.w.data(), m.b.data(), m.y.data());
  m.stream.synchronise();
  if (initial) m.give_all({initial, static_cast<std::size_t>(m.inputs)}, m.y);
}

template <class T>
DeviceNetworks<T>::~DeviceNetworks() = default;

template <class T>
void DeviceNetworks<T>::load(std::span<const T> states) {
  memory_->y.write(states, memory_->stream);
  memory_->stream.synchronise();
}

template <class T>
void DeviceNetworks<T>::advance(int steps, bool looks) {
  Memory& m = *memory_;
  if (steps == 0) return;
  if (!looks) return m.template run<Beside::nothing>(steps);
  if (m.cells.size() == 0) {
    m.cells = Buffer<std::uint32_t>(m.of_each(feedback::Cells::words));
    m.cells.clear(m.stream);
  }
  m.template run<Beside::cells>(steps);
}

template <class T>
std::vector<T> DeviceNetworks<T>::states() const {
  return memory_->y.read(memory_->stream);
}

template <class T>
std::vector<std::uint32_t> DeviceNetworks<T>::cells() const {
  return memory_->cells.read(memory_->stream);
}

template <class T>
void DeviceNetworks<T>::set_frame(std::span<const double> frame, std::int64_t blocks, int longest) {
  Memory& m = *memory_;
  m.k = static_cast<int>(frame.size()) / m.inputs;
  m.longest = longest;
  m.v = Buffer<T>(m.of_each(static_cast<std::int64_t>(frame.size())));
  m.next_v = Buffer<T>(m.v.size());
  m.give_all(frame, m.v);
  m.growth = Buffer<double>(m.of_each(blocks * m.k));
  m.growth.clear(m.stream);
  m.interval = Buffer<int>(m.of_each(1));
  launch(m.stream, m.count, 256, fill, m.count, 1, m.interval.data());
}

template <class T>
void DeviceNetworks<T>::turn(int steps, std::int64_t block) {
  Memory& m = *memory_;
  if (steps == 0) return;
  if (m.k == 1)
    m.template run<Beside::tangent>(steps, block);
  else
    m.run_frames(steps, block);
}

template <class T>
std::vector<double> DeviceNetworks<T>::growth() const {
  return memory_->growth.read(memory_->stream);
}

}  // namespace attractornet::cuda
