#include <algorithm>
#include <array>
#include <attractornet/analysis/classify.hpp>
#include <attractornet/analysis/lyapunov.hpp>
#include <attractornet/scan/feedback_cuda.hpp>
#include <cmath>
#include <limits>
#include <map>
#include <memory>
#include <vector>

#include "feedback_device.hpp"

namespace attractornet::cuda {

namespace {

using Batch = scan::Batch<Ensembles>;

/// Steps of one call of the device, few enough to stop soon. Not by the number of networks: results
/// would depend on it.
constexpr int piece = 4096;

/// A batch as the CPU's measurements take it.
scan::Batch<feedback::Ensembles> on_cpu(const Batch& batch) {
  return {batch.source, batch.points, batch.options, batch.table, batch.progress};
}

template <class T>
bool fits(const Batch& batch, std::int64_t k) {
  const auto [inputs, neurons] = batch.source.size_of(batch.points.front());
  return DeviceNetworks<T>::fits(neurons, inputs, k);
}

template <class T>
DeviceNetworks<T> networks_of(const Batch& batch) {
  std::vector<feedback::Ensemble> ensembles;
  for (const auto point : batch.points) ensembles.push_back(batch.source.point(point));
  return {ensembles, batch.source.initial()};
}

/// Calls advance(n) for pieces of the steps, the same at any speed.
template <class Advance>
void in_calls(std::int64_t steps, Progress& progress, const Advance& advance) {
  for (; steps > 0; steps -= piece) {
    advance(static_cast<int>(std::min<std::int64_t>(steps, piece)));
    progress.tick(0);
  }
}

// ------------------------------------------------------------------------------------------ orbits

template <class T>
void orbits(const Batch& batch) {
  if (!fits<T>(batch, 0)) return feedback::measure_orbits(on_cpu(batch));
  const auto inputs = static_cast<std::size_t>(batch.source.size_of(batch.points.front()).first);
  const bool looks = scan::Row{batch.table, batch.points.front()}.has("occupied") &&
                     batch.source.size_of(batch.points.front()).second > 1;
  auto networks = networks_of<T>(batch);
  in_calls(batch.options.discard, batch.progress, [&](int n) { networks.advance(n); });
  in_calls(batch.options.steps, batch.progress, [&](int n) { networks.advance(n, looks); });
  const std::vector<T> states = networks.states();
  const auto cells = looks ? networks.cells() : std::vector<std::uint32_t>();
  for (std::size_t i = 0; i < batch.points.size(); ++i) {
    const scan::Row row{batch.table, batch.points[i]};
    const auto first = states.begin() + static_cast<std::ptrdiff_t>(i * inputs);
    scan::write_final_state({first, first + static_cast<std::ptrdiff_t>(inputs)}, row);
    if (looks)
      row.write("occupied", feedback::Cells::share_of(cells.data() + i * feedback::Cells::words));
    batch.progress.tick(1);
  }
}

// --------------------------------------------------------------------------------------- exponents

/// Growth of all networks in all blocks (blocks, networks, k); NaN where one was lost on the way.
template <class T>
std::vector<double> growth_of(const Batch& batch, int inputs, int k,
                              const std::vector<std::int64_t>& lengths) {
  auto networks = networks_of<T>(batch);
  Monitor silent;
  const auto rows = attractornet::detail::first_frame(inputs, k, batch.options.frame_seed, silent);
  std::vector<double> frame;
  for (int c = 0; c < k; ++c)
    for (int j = 0; j < inputs; ++j)
      frame.push_back(rows[static_cast<std::size_t>(j) * frame_stride(k) + c]);
  const auto blocks = static_cast<std::int64_t>(lengths.size());
  networks.set_frame(frame, blocks + 1, static_cast<int>(batch.options.interval.value_or(32)));
  const auto turn = [&](std::int64_t steps, std::int64_t block) {
    in_calls(steps, batch.progress, [&](int n) { networks.turn(n, block); });
  };
  turn(batch.options.discard, blocks);
  for (std::int64_t block = 0; block < blocks; ++block)
    turn(lengths[static_cast<std::size_t>(block)], block);
  return networks.growth();
}

template <class T>
void exponents_there(const Batch& batch, int inputs, int k, scan::WriteSpectrum write) {
  const scan::Options& options = batch.options;
  std::vector<std::int64_t> lengths;
  for (std::int64_t block = 0; block < options.blocks; ++block) {
    const auto end = [&](std::int64_t b) {
      return attractornet::detail::block_end(b, options.blocks, options.steps);
    };
    lengths.push_back(end(block + 1) - end(block));
  }
  const std::vector<double> growth = growth_of<T>(batch, inputs, k, lengths);
  const std::size_t count = batch.points.size(), width = static_cast<std::size_t>(k);
  for (std::size_t i = 0; i < count; ++i) {
    std::vector<std::vector<double>> sums;
    bool lost = false;
    for (std::size_t block = 0; block <= lengths.size(); ++block) {
      const double* own = growth.data() + (block * count + i) * width;
      lost = lost || std::any_of(own, own + width, [](double value) { return std::isnan(value); });
      if (block < lengths.size()) sums.emplace_back(own, own + width);
    }
    if (lost) {
      feedback::detail::exponents_alone(on_cpu(batch), batch.points[i], k, write);
    } else {
      LyapunovSpectrum spectrum;
      attractornet::detail::summarise(spectrum, std::move(sums), lengths, 1.0, k == inputs);
      write(spectrum, {batch.table, batch.points[i]});
    }
    batch.progress.tick(1);
  }
}

void exponents(const Batch& batch, int inputs, int k, scan::WriteSpectrum write) {
  if (!fits<double>(batch, k)) return feedback::detail::exponents(on_cpu(batch), k, write);
  batch.options.dtype == scan::Precision::float32
      ? exponents_there<float>(batch, inputs, k, write)
      : exponents_there<double>(batch, inputs, k, write);
}

// ----------------------------------------------------------------------------------------- classes

/// A network that is classified, look by look, by the CPU.
struct Watched {
  using Subject = feedback::NetworkSubject;

  Watched(const Batch& batch, std::int64_t point)
      : point(point),
        subject(batch.source.subject(point)),
        options(scan::classify_options(batch.options)),
        monitor(batch.progress, false),
        looks(*subject, options, monitor) {
    std::vector<double> start(static_cast<std::size_t>(subject->dimension()));
    batch.source.start(*subject, start.data());
    looks.start(start.data());
    looks.rest();
  }

  std::int64_t point;
  std::unique_ptr<Subject> subject;
  ClassifyOptions options;
  TaskMonitor monitor;
  attractornet::detail::Classifier<Subject> looks;
};
using Group = std::vector<Watched*>;

/// Networks that so few are go faster on the CPU.
constexpr std::size_t few = 16;

/// Runs networks to their next look, as many steps for all, and looks.
void look_on(const Batch& batch, const Group& group) {
  const std::int64_t wanted = group.front()->looks.wanted();
  const auto look = [&](Watched& each, const double* state) {
    state ? each.looks.look_from(state) : each.looks.look();
    each.looks.rest();
    batch.progress.tick(0);
  };
  if (group.size() < few) {
    for (Watched* each : group) look(*each, nullptr);
  } else {
    std::vector<feedback::Ensemble> ensembles;
    std::vector<double> states;
    for (const Watched* each : group) {
      ensembles.push_back(batch.source.point(each->point));
      const auto own = each->looks.state();
      states.insert(states.end(), own.begin(), own.end());
    }
    DeviceNetworks<double> networks(ensembles, nullptr);
    networks.load(states);
    in_calls(wanted, batch.progress, [&](int n) { networks.advance(n); });
    states = networks.states();
    const std::size_t inputs = states.size() / group.size();
    for (std::size_t i = 0; i < group.size(); ++i) look(*group[i], states.data() + i * inputs);
  }
}

void measure_kind(const Batch& batch) {
  if (!fits<double>(batch, 0))
    return scan::each<scan::measure_kind<feedback::NetworkSubject>>(on_cpu(batch));
  std::vector<std::unique_ptr<Watched>> networks;
  for (const auto point : batch.points) networks.push_back(std::make_unique<Watched>(batch, point));
  while (!networks.empty()) {
    std::map<std::int64_t, Group> groups;
    for (const auto& each : networks) groups[each->looks.wanted()].push_back(each.get());
    for (const auto& [wanted, group] : groups) look_on(batch, group);
    std::erase_if(networks, [&](const auto& each) {
      if (!each->looks.over()) return false;
      scan::write_kind(each->looks.result(), {batch.table, each->point});
      batch.progress.tick(1);
      return true;
    });
  }
}

// ------------------------------------------------------------------------------------------- table

void measure_orbits(const Batch& batch) {
  batch.options.dtype == scan::Precision::float32 ? orbits<float>(batch) : orbits<double>(batch);
}
int inputs_of(const Batch& batch) {
  return static_cast<int>(batch.source.size_of(batch.points.front()).first);
}
void measure_exponent(const Batch& batch) {
  exponents(batch, inputs_of(batch), 1, scan::write_exponent);
}
void measure_spectrum(const Batch& batch) {
  const int inputs = inputs_of(batch);
  const scan::Row row{batch.table, batch.points.front()};
  exponents(batch, inputs, scan::exponents_needed(row, inputs, batch.options),
            scan::write_spectrum);
}
}  // namespace

std::span<const scan::Measurement<Ensembles>> Ensembles::measurements() {
  constexpr std::int64_t most = 1 << 17;
  static constexpr std::array<scan::Measurement<Ensembles>, 6> lines{{
      {"final_state", scan::final_state_columns, measure_orbits, most, true},
      {"occupied", feedback::occupied_columns, measure_orbits, most, true},
      {"exponent", scan::exponent_columns, measure_exponent, most, true},
      {"spectrum", scan::spectrum_columns, measure_spectrum, most, true},
      {"kaplan_yorke_dimension", scan::dimension_columns, measure_spectrum, most, true},
      {"kind", scan::kind_columns, measure_kind, 1 << 10, false},
  }};
  return lines;
}

}  // namespace attractornet::cuda
