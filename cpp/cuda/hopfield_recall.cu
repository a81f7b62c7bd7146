#include <algorithm>
#include <vector>

#include "hopfield_recall.cuh"
#include "layout.cuh"

namespace attractornet::cuda {

namespace {

/// Sweeps of one call of the device, few enough to stop soon; threads of a block.
constexpr int budget = 32, threads = 256;

/// Memory of recalls that are made at once.
struct RecallMemory {
  RecallMemory(std::int64_t count, std::int64_t units)
      : states(size(count * units)),
        flips(states.size()),
        before(states.size()),
        anchors(states.size()),
        fields(states.size()),
        order(states.size()),
        words(size(count * 4 * plane_of(units))),
        sweeps(size(count)),
        cycles(size(count)),
        anchored(size(count)),
        quadratic(size(count)) {}
  static std::size_t size(std::int64_t count) { return static_cast<std::size_t>(count); }

  Buffer<std::int8_t> states, flips, before, anchors;
  Buffer<std::int32_t> fields, order;
  Buffer<std::uint32_t> words;
  Buffer<std::int64_t> sweeps, cycles, anchored;
  Buffer<double> quadratic;
};

}  // namespace

void DeviceRecalls::run(std::int8_t* states, std::int64_t count, std::int64_t* sweeps,
                        std::int64_t* cycles, double* quadratic,
                        const std::function<void(std::int64_t)>& tell) const {
  const Stream stream;
  const auto size = [](std::int64_t numbers) { return static_cast<std::size_t>(numbers); };
  const auto w = buffer_of<std::int32_t>({weights, size(units * units)}, stream);
  const auto limit = buffer_of<double>({limits, size(units)}, stream);
  // As many at once as a quarter of a gigabyte holds.
  const std::int64_t at_once = std::clamp<std::int64_t>((std::int64_t{1} << 28) / (16 * units), 1,
                                                        std::max<std::int64_t>(count, 1));
  RecallMemory memory(at_once, units);
  for (std::int64_t first = 0; first < count; first += at_once) {
    const std::int64_t some = std::min(at_once, count - first);
    std::int8_t* own = states + first * units;
    memory.states.write({own, size(some * units)}, stream);
    memory.sweeps.clear(stream);
    memory.cycles.write(std::vector<std::int64_t>(size(some), -1), stream);
    stream.synchronise();
    const Recalls recalls{static_cast<int>(units),
                          w.data(),
                          limit.data(),
                          update,
                          tie,
                          most_sweeps,
                          seed,
                          first,
                          memory.states.data(),
                          memory.fields.data(),
                          memory.order.data(),
                          memory.words.data(),
                          memory.flips.data(),
                          memory.before.data(),
                          memory.anchors.data(),
                          memory.sweeps.data(),
                          memory.cycles.data(),
                          memory.anchored.data(),
                          memory.quadratic.data()};
    launch(stream, some * threads, threads, begin_recalls, recalls);
    bool over = false;
    while (!over) {
      launch(stream, some * threads, threads, advance_recalls, recalls, budget);
      const std::vector<std::int64_t> now = memory.cycles.read(stream);
      std::copy_n(now.begin(), some, cycles + first);
      over = std::find(cycles + first, cycles + first + some, -1) == cycles + first + some;
      tell(0);
    }
    const std::vector<std::int64_t> made = memory.sweeps.read(stream);
    std::copy_n(made.begin(), some, sweeps + first);
    const std::vector<double> sums = memory.quadratic.read(stream);
    std::copy_n(sums.begin(), some, quadratic + first);
    const std::vector<std::int8_t> ended = memory.states.read(stream);
    std::copy_n(ended.begin(), some * units, own);
    tell(some);
  }
}

}  // namespace attractornet::cuda
