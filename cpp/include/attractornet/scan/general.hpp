/// @file
/// Measurements of any system: one point after the other, by the analyses.
///
/// A Source gives a pointer to a subject (see RuleSubject) for a point, and writes the state that
/// it starts from.
#pragma once

#include <attractornet/analysis/classify.hpp>
#include <attractornet/analysis/lyapunov.hpp>
#include <attractornet/dynamics/trajectory.hpp>
#include <attractornet/scan/measurement.hpp>
#include <cmath>
#include <vector>

namespace attractornet::scan {

/// A point's place in the table.
struct Row {
  Table& table;
  std::int64_t point;

  bool has(std::string_view column) const { return !table.at(column, point).empty(); }
  template <class Values>
  void write(std::string_view column, const Values& values) const {
    table.write(column, point, values);
  }
  void note(PointStatus status) const { table.note(point, status); }
};

/// Calls measure(subject, start, options, row, monitor) for a point of a batch.
template <class Source, class Measure>
void at_point(const Batch<Source>& batch, std::int64_t point, const Measure& measure) {
  const auto subject = batch.source.subject(point);
  std::vector<double> start(static_cast<std::size_t>(subject->dimension()));
  batch.source.start(*subject, start.data());
  TaskMonitor monitor(batch.progress, false);
  measure(*subject, start.data(), batch.options, Row{batch.table, point}, monitor);
}

/// Makes a function of one subject one of a batch.
template <auto Measure, class Source>
void each(const Batch<Source>& batch) {
  for (const std::int64_t point : batch.points) {
    at_point(batch, point, Measure);
    batch.progress.tick(1);
  }
}

// ------------------------------------------------------------------------------------- final state

inline std::vector<Column> final_state_columns(std::int64_t dimension, const Options& options) {
  return {{.name = "final_state",
           .meaning = "state after discard + steps steps",
           .type = options.dtype == Precision::float32 ? ColumnType::float32 : ColumnType::float64,
           .axis = "component",
           .width = dimension}};
}

inline void write_final_state(const std::vector<double>& state, const Row& row) {
  row.write("final_state", state);
  for (const double value : state)
    if (!std::isfinite(value)) row.note(PointStatus::diverged);
}

template <class Subject>
void measure_final_state(const Subject& subject, const double* start, const Options& options,
                         const Row& row, Monitor& monitor) {
  const auto orbit = subject.orbit();
  orbit->load(start);
  in_pieces(options.discard + options.steps, monitor, [&](std::int64_t n) { orbit->advance(n); });
  std::vector<double> state(static_cast<std::size_t>(subject.dimension()));
  orbit->state(state.data());
  write_final_state(state, row);
}

// --------------------------------------------------------------------------------------- exponents

/// Throws where the steps are too few for the blocks that give the errors.
inline void check_blocks(const Options& options) {
  if (options.blocks > options.steps)
    reject(Options::label, "steps", options.steps, "at least blocks = " + text(options.blocks));
}

inline std::vector<Column> exponent_columns(std::int64_t, const Options& options) {
  check_blocks(options);
  return {{.name = "exponent", .meaning = "largest Lyapunov exponent", .unit = "1/time"},
          {.name = "exponent_error", .meaning = "its standard error", .unit = "1/time"}};
}

inline std::vector<Column> spectrum_columns(std::int64_t dimension, const Options& options) {
  check_blocks(options);
  const std::int64_t width = std::min(options.k.value_or(dimension), dimension);
  return {{.name = "spectrum",
           .meaning = "Lyapunov exponents, largest first",
           .unit = "1/time",
           .axis = "exponent_index",
           .width = width},
          {.name = "spectrum_error",
           .meaning = "their standard errors",
           .unit = "1/time",
           .axis = "exponent_index",
           .width = width}};
}

inline std::vector<Column> dimension_columns(std::int64_t, const Options& options) {
  check_blocks(options);
  return {{.name = "kaplan_yorke_dimension", .meaning = "Kaplan-Yorke dimension"}};
}

/// Exponents that the columns of a spectrum need.
inline int exponents_needed(const Row& row, int dimension, const Options& options) {
  if (row.has("kaplan_yorke_dimension")) return dimension;
  return static_cast<int>(std::min<std::int64_t>(options.k.value_or(dimension), dimension));
}

inline LyapunovOptions lyapunov_options(const Options& options, int k) {
  return {.k = k,
          .steps = options.steps,
          .discard = options.discard,
          .interval = options.interval,
          .blocks = options.blocks,
          .seed = options.frame_seed};
}

inline void write_exponent(const LyapunovSpectrum& spectrum, const Row& row) {
  row.write("exponent", spectrum.exponents.front());
  row.write("exponent_error", spectrum.standard_error.front());
}
inline void write_spectrum(const LyapunovSpectrum& spectrum, const Row& row) {
  row.write("spectrum", spectrum.exponents);
  row.write("spectrum_error", spectrum.standard_error);
  row.write("kaplan_yorke_dimension", spectrum.kaplan_yorke_dimension);
}

/// What is kept of a spectrum.
using WriteSpectrum = void (*)(const LyapunovSpectrum&, const Row&);

template <class Subject>
void measure_exponents(const Subject& subject, const double* start, const Options& options, int k,
                       WriteSpectrum write, const Row& row, Monitor& monitor) {
  const auto orbit = subject.tangent_orbit(k);
  const auto spectrum = lyapunov_spectrum_along(*orbit, subject.dimension(), subject.time_step(),
                                                start, lyapunov_options(options, k), monitor);
  write(spectrum, row);
  if (spectrum.status == Status::diverged) row.note(PointStatus::diverged);
  if (spectrum.status == Status::imprecise) row.note(PointStatus::imprecise);
}

template <class Subject>
void measure_exponent(const Subject& subject, const double* start, const Options& options,
                      const Row& row, Monitor& monitor) {
  measure_exponents(subject, start, options, 1, write_exponent, row, monitor);
}

template <class Subject>
void measure_spectrum(const Subject& subject, const double* start, const Options& options,
                      const Row& row, Monitor& monitor) {
  measure_exponents(subject, start, options, exponents_needed(row, subject.dimension(), options),
                    write_spectrum, row, monitor);
}

// -------------------------------------------------------------------------------------------- kind

inline std::vector<Column> kind_columns(std::int64_t, const Options&) {
  return {
      {.name = "kind",
       .meaning = "what the orbit settles on",
       .type = ColumnType::code,
       .choices = Names<Kind>::list},
      {.name = "period", .meaning = "of fixed points and cycles", .unit = "time"},
      {.name = "rotation_number", .meaning = "frequency of the strongest line", .unit = "1/time"}};
}

inline ClassifyOptions classify_options(const Options& options) {
  return {.horizon = options.horizon, .max_period = options.max_period, .seed = options.frame_seed};
}
inline void write_kind(const Classification& found, const Row& row) {
  row.write("kind", static_cast<double>(found.kind));
  if (found.period > 0) row.write("period", found.period);
  if (!found.frequencies.empty()) row.write("rotation_number", found.frequencies.front());
  if (found.kind == Kind::diverged) row.note(PointStatus::diverged);
}

template <class Subject>
void measure_kind(const Subject& subject, const double* start, const Options& options,
                  const Row& row, Monitor& monitor) {
  write_kind(classify_subject(subject, start, classify_options(options), monitor), row);
}

// ------------------------------------------------------------------------------------------- table

/// What can be measured on every system.
template <class Source>
std::span<const Measurement<Source>> general_measurements() {
  using S = std::remove_reference_t<decltype(*std::declval<const Source&>().subject(0))>;
  static constexpr std::array<Measurement<Source>, 5> lines{{
      {"final_state", final_state_columns, each<measure_final_state<S>, Source>, 16, false},
      {"exponent", exponent_columns, each<measure_exponent<S>, Source>, 4, false},
      {"spectrum", spectrum_columns, each<measure_spectrum<S>, Source>, 1, false},
      {"kaplan_yorke_dimension", dimension_columns, each<measure_spectrum<S>, Source>, 1, false},
      {"kind", kind_columns, each<measure_kind<S>, Source>, 1, false},
  }};
  return lines;
}

}  // namespace attractornet::scan
