/// @file
/// What a scan writes: columns of numbers, a row for each point.
#pragma once

#include <algorithm>
#include <array>
#include <attractornet/core/fields.hpp>
#include <attractornet/core/memory.hpp>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace attractornet::scan {

/// How a point went, from good to bad; the worst of its measurements counts.
enum class PointStatus {
  ok,
  imprecise,  ///< rounding is not small beside the reported errors
  diverged,   ///< the state left the finite numbers
  failed,     ///< a measurement of the user's raised an error
};

}  // namespace attractornet::scan

template <>
struct attractornet::Names<attractornet::scan::PointStatus> {
  static constexpr std::array<std::string_view, 4> list{"ok", "imprecise", "diverged", "failed"};
};

namespace attractornet::scan {

/// What a column holds.
enum class ColumnType { float64, float32, code };

/// A column: one number a point, or `width` of them.
struct Column {
  std::string_view name;
  std::string_view meaning;
  std::string_view unit = "";
  ColumnType type = ColumnType::float64;
  std::string_view axis = "";  ///< name of the axis along which there are `width` numbers
  std::int64_t width = 1;
  std::span<const std::string_view> choices = {};  ///< what the values of a code stand for
};

/// Columns and their values; threads may write different points at the same time.
class Table {
 public:
  Table(std::vector<Column> columns, std::int64_t points)
      : columns_(std::move(columns)), status_(static_cast<std::size_t>(points)) {
    for (const Column& column : columns_)
      values_.emplace_back(
          checked_size("scan", "points x width", {points, column.width}),
          column.type == ColumnType::code ? -1.0 : std::numeric_limits<double>::quiet_NaN());
  }

  const std::vector<Column>& columns() const { return columns_; }
  /// (points, width) row-major.
  const std::vector<double>& values(std::size_t column) const { return values_[column]; }
  const std::vector<std::int8_t>& status() const { return status_; }

  /// A point's values of a column; empty if nobody asked for that column.
  std::span<const double> at(std::string_view name, std::int64_t point) const {
    for (std::size_t c = 0; c < columns_.size(); ++c)
      if (const auto width = static_cast<std::size_t>(columns_[c].width); columns_[c].name == name)
        return std::span(values_[c]).subspan(static_cast<std::size_t>(point) * width, width);
    return {};
  }
  std::span<double> at(std::string_view name, std::int64_t point) {
    const auto row = std::as_const(*this).at(name, point);
    return {const_cast<double*>(row.data()), row.size()};
  }
  /// Writes as much of the values as the column is wide; the rest of a row stays NaN.
  void write(std::string_view name, std::int64_t point, std::span<const double> values) {
    const std::span<double> row = at(name, point);
    std::copy_n(values.begin(), std::min(values.size(), row.size()), row.begin());
  }
  void write(std::string_view name, std::int64_t point, double value) {
    write(name, point, {&value, 1});
  }
  void note(std::int64_t point, PointStatus status) {
    auto& noted = status_[static_cast<std::size_t>(point)];
    noted = std::max(noted, static_cast<std::int8_t>(status));
  }

 private:
  std::vector<Column> columns_;
  std::vector<std::vector<double>> values_;
  std::vector<std::int8_t> status_;
};

}  // namespace attractornet::scan
