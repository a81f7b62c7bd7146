/// @file
/// Measurements at many points: the table of what can be measured, and how it is spread over
/// threads.
///
/// A family brings a Source, which knows its points and has a table, Source::measurements(); where
/// its points differ in size, size_of(point) tells which go together, and Source::unused names the
/// options that none of its measurements takes. Adding a measurement is one function and one line
/// of that table; measurements of any system are in general.hpp.
#pragma once

#include <algorithm>
#include <array>
#include <attractornet/core/error.hpp>
#include <attractornet/core/fields.hpp>
#include <attractornet/core/monitor.hpp>
#include <attractornet/core/parallel.hpp>
#include <attractornet/scan/table.hpp>
#include <cstdint>
#include <numeric>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace attractornet::scan {

/// Precision of the orbits; exponents are summed in double.
enum class Precision { float64, float32 };

}  // namespace attractornet::scan

template <>
struct attractornet::Names<attractornet::scan::Precision> {
  static constexpr std::array<std::string_view, 2> list{"float64", "float32"};
};

namespace attractornet::scan {

struct Options {
  std::int64_t steps = 10'000;
  std::int64_t discard = 1'000;
  std::optional<std::int64_t> k = std::nullopt;
  std::int64_t blocks = 32;
  std::optional<std::int64_t> interval = std::nullopt;
  std::int64_t horizon = 200'000;
  std::int64_t max_period = 10'000;
  std::int64_t frame_seed = 0;
  Precision dtype = Precision::float64;

  static constexpr std::string_view label = "scan";
  static constexpr auto fields() {
    constexpr double most = 1e15;
    using O = Options;
    return std::tuple{
        field("steps", &O::steps, between(1, most), "steps", "steps that are measured"),
        field("discard", &O::discard, between(0, most), "steps", "steps before them"),
        field("k", &O::k, between(1, 1 << 20), "",
              "exponents of 'spectrum', largest first; None: all"),
        field("blocks", &O::blocks, between(2, 1 << 16), "",
              "blocks whose scatter gives standard errors, of exponents and of overlaps"),
        field("interval", &O::interval, between(1, 64), "steps",
              "longest time between two orthonormalisations; None: chosen by the code"),
        field("horizon", &O::horizon, between(1000, most), "steps",
              "how long 'kind' watches before it says chaotic or undecided"),
        field("max_period", &O::max_period, between(1, 1 << 18), "steps",
              "longest period that 'kind' looks for"),
        field("frame_seed", &O::frame_seed, between(0, most), "",
              "seed of the first tangent vectors"),
        field("dtype", &O::dtype, {}, "",
              "precision of the orbits, not of 'kind'; networks of more than 4096 neurons x inputs "
              "always have float64"),
    };
  }
};

/// Points that one thread measures.
template <class Source>
struct Batch {
  const Source& source;
  std::span<const std::int64_t> points;
  const Options& options;
  Table& table;
  Progress& progress;
};

/// One line of a table of measurements.
template <class Source>
struct Measurement {
  std::string_view name;
  /// The columns it fills. @param dimension largest dimension of the points.
  std::vector<Column> (*columns)(std::int64_t dimension, const Options& options);
  /// Fills those of its columns that the batch's table has, and ticks once a point. Lines with the
  /// same function are measured together.
  void (*run)(const Batch<Source>& batch);
  std::int64_t most_points;  ///< that one thread takes at a time
  bool takes_float32;
};

namespace detail {

/// Refuses options that no measurement of the source takes, unless they say what is so anyway.
template <class Source>
void refuse_unused(const Options& options) {
  if constexpr (requires { Source::unused; })
    for_each_field<Options>([&](const auto& field) {
      const auto& value = options.*(field.member);
      const auto& names = Source::unused;
      if (std::find(names.begin(), names.end(), field.name) == names.end()) return;
      if constexpr (!std::is_enum_v<std::decay_t<decltype(value)>>)
        if (value != Options{}.*(field.member))
          reject(Options::label, field.name, std::optional<std::int64_t>(value).value(),
                 "no such option, since no measurement of these systems takes it");
    });
}

}  // namespace detail

/// The lines of a table that are asked for, in its order.
template <class Source>
std::vector<const Measurement<Source>*> chosen(const std::vector<std::string>& names,
                                               const Options& options) {
  detail::refuse_unused<Source>(options);
  const std::span<const Measurement<Source>> table = Source::measurements();
  std::vector<const Measurement<Source>*> result;
  std::string known;
  for (const auto& line : table) {
    known.append(known.empty() ? "" : ", ").append(line.name);
    if (std::find(names.begin(), names.end(), line.name) == names.end()) continue;
    result.push_back(&line);
    if (options.dtype == Precision::float32 && !line.takes_float32)
      reject(Options::label, "dtype", name_of(options.dtype),
             "'float64', which '" + std::string(line.name) + "' is measured in");
  }
  for (const auto& name : names)
    if (std::none_of(table.begin(), table.end(), [&](auto& line) { return line.name == name; }))
      reject(Options::label, "measure", std::string_view(name).substr(0, 60), "one of " + known);
  return result;
}

/// The columns that these measurements fill.
template <class Source>
std::vector<Column> columns_of(const std::vector<std::string>& names, std::int64_t dimension,
                               const Options& options) {
  std::vector<Column> result;
  for (const auto* line : chosen<Source>(names, options))
    for (Column& column : line->columns(dimension, options)) result.push_back(column);
  return result;
}

namespace detail {

/// Whether one batch may hold both points.
template <class Source>
bool alike(const Source& source, std::int64_t a, std::int64_t b) {
  if constexpr (requires { source.size_of(a); }) return source.size_of(a) == source.size_of(b);
  return true;
}

/// All points, those that are alike next to each other.
template <class Source>
std::vector<std::int64_t> by_size(const Source& source) {
  std::vector<std::int64_t> result(static_cast<std::size_t>(source.size()));
  std::iota(result.begin(), result.end(), std::int64_t{0});
  if constexpr (requires { source.size_of(0); })
    std::stable_sort(result.begin(), result.end(),
                     [&](auto a, auto b) { return source.size_of(a) < source.size_of(b); });
  return result;
}

}  // namespace detail

/// Measures all points of a source, on several threads. The result does not depend on how many,
/// nor on how the points are split over calls.
/// @param names measurements of the source's table.
template <class Source>
Table measure(const Source& source, const std::vector<std::string>& names, const Options& options,
              int threads, Monitor& monitor) {
  validate(options);
  const auto lines = chosen<Source>(names, options);
  Table result(columns_of<Source>(names, source.dimension(), options), source.size());
  std::vector<const Measurement<Source>*> runs;
  for (const auto* line : lines)
    if (std::none_of(runs.begin(), runs.end(),
                     [&](auto* other) { return other->run == line->run; }))
      runs.push_back(line);

  const std::vector<std::int64_t> order = detail::by_size(source);
  monitor.begin(source.size() * static_cast<std::int64_t>(runs.size()));
  std::int64_t done = 0;
  for (const auto* line : runs) {
    std::vector<std::span<const std::int64_t>> batches;
    const std::int64_t share = (source.size() + 4 * threads - 1) / (4 * threads);
    const auto most = std::clamp<std::int64_t>(share, 1, line->most_points);
    for (std::size_t first = 0, i = 1; i <= order.size(); ++i)
      if (i == order.size() || static_cast<std::int64_t>(i - first) == most ||
          !detail::alike(source, order[first], order[i])) {
        batches.push_back(std::span(order).subspan(first, i - first));
        first = i;
      }
    Relay relay(monitor, done);
    parallel_for(
        static_cast<std::int64_t>(batches.size()), threads, relay,
        [&](std::int64_t b, Progress& progress) {
          line->run({source, batches[static_cast<std::size_t>(b)], options, result, progress});
        });
    done += source.size();
  }
  monitor.end();
  return result;
}

}  // namespace attractornet::scan
