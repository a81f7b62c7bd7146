/// @file
/// Field lists: name, default, unit, bounds and meaning of a parameter, said once.
///
/// A struct of parameters gives its defaults beside its members, a `label` that errors quote, and a
/// static constexpr `fields()`, a tuple of Field. Constructor keywords, validation, docstrings,
/// type stubs and command-line flags are made from that list.
#pragma once

#include <attractornet/core/error.hpp>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>

namespace attractornet {

/// An interval of allowed values; an end is open where the value itself is not allowed.
struct Bounds {
  double minimum = -std::numeric_limits<double>::infinity();
  double maximum = std::numeric_limits<double>::infinity();
  bool minimum_open = false;
  bool maximum_open = false;

  /// False for NaN.
  constexpr bool contain(double value) const {
    return (minimum_open ? value > minimum : value >= minimum) &&
           (maximum_open ? value < maximum : value <= maximum);
  }
  /// As in mathematics; "up to the largest finite value" reads inf), and inf] is infinity as well.
  std::string text() const {
    const bool no_maximum = maximum == std::numeric_limits<double>::max() ||
                            (std::isinf(maximum) && std::isinf(minimum));
    std::string result(minimum_open || std::isinf(minimum) ? "(" : "[");
    result.append(attractornet::text(minimum)).append(", ");
    result.append(no_maximum ? "inf" : attractornet::text(maximum));
    return result.append(maximum_open || no_maximum ? ")" : "]");
  }
};

constexpr Bounds between(double minimum, double maximum) { return {minimum, maximum}; }
/// Every finite value.
constexpr Bounds finite() {
  return {-std::numeric_limits<double>::infinity(), std::numeric_limits<double>::max(), true,
          false};
}
/// Every finite value above `minimum`.
constexpr Bounds above(double minimum) {
  return {minimum, std::numeric_limits<double>::max(), true, false};
}
/// Every finite value from `minimum` on.
constexpr Bounds finite_from(double minimum) {
  return {minimum, std::numeric_limits<double>::max()};
}
/// Every value from `minimum` on, and infinity.
constexpr Bounds from(double minimum) { return {minimum}; }

/// One parameter of the struct `Owner`.
template <class Owner, class T>
struct Field {
  using Value = T;
  std::string_view name;
  T Owner::* member;
  Bounds bounds;
  std::string_view unit;  ///< empty where the quantity has none
  std::string_view meaning;
};

template <class Owner, class T>
constexpr Field<Owner, T> field(std::string_view name, T Owner::* member, Bounds bounds,
                                std::string_view unit, std::string_view meaning) {
  return {name, member, bounds, unit, meaning};
}

/// A struct with a field list.
template <class S>
concept FieldList = requires {
  { S::label } -> std::convertible_to<std::string_view>;
  S::fields();
};

/// Calls f(field) for every field of S, in order.
template <FieldList S, class F>
constexpr void for_each_field(F&& f) {
  std::apply([&f](const auto&... each) { (f(each), ...); }, S::fields());
}

/// The names of an enumeration's values in order; specialise it beside the enumeration.
template <class Enum>
struct Names;

template <class Enum>
  requires std::is_enum_v<Enum>
constexpr std::string_view name_of(Enum value) {
  return Names<Enum>::list[static_cast<std::size_t>(value)];
}

namespace detail {

template <class T>
void check(std::string_view where, std::string_view name, const T& value, const Bounds& bounds) {
  if constexpr (std::is_arithmetic_v<T> && !std::is_same_v<T, bool>) {
    if (!bounds.contain(static_cast<double>(value)))
      reject(where, name, value, "a value in " + bounds.text());
  }
}
template <class T>
void check(std::string_view where, std::string_view name, const std::optional<T>& value,
           const Bounds& bounds) {
  if (value) check(where, name, *value, bounds);
}

}  // namespace detail

/// Throws InvalidValue for the first field that lies outside its bounds, and then what the struct's
/// own check(where) throws, if it has one: for values that do not go together.
/// @param where what the error names as the place.
template <FieldList S>
void validate(const S& parameters, std::string_view where = S::label) {
  for_each_field<S>([&](const auto& field) {
    detail::check(where, field.name, parameters.*(field.member), field.bounds);
  });
  if constexpr (requires { parameters.check(where); }) parameters.check(where);
}

}  // namespace attractornet
