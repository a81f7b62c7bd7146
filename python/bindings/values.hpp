/// @file
/// Systems whose parameters are a field list of numbers: the parameters by their names.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

#include "fields.hpp"
#include "record.hpp"
#include "system.hpp"

namespace attractornet::python {

using Values = System::Values;

/// The values, with others in the place of some of them.
inline Values replaced(Values values, const Values& others, std::string_view label) {
  for (const auto& [name, value] : others) {
    const auto place =
        std::find_if(values.begin(), values.end(),
                     [&, &key = name](const auto& each) { return each.first == key; });
    if (place == values.end()) {
      std::string names;
      for (const auto& each : values)
        names.append(names.empty() ? "one of " : ", ").append(each.first);
      reject(label, "parameter", name, names);
    }
    place->second = value;
  }
  return values;
}

/// NAME(a=1.4, b=0.3), as much of it as fits a line.
inline std::string described(std::string_view label, const Values& values) {
  constexpr std::size_t line = 100;
  std::string result(label);
  result.append("(");
  for (const auto& [name, value] : values) {
    std::string next(name);
    next.append("=").append(text(value));
    if (name != values.front().first) result.append(", ");
    if (result.size() + next.size() > line) return result.append("...)");
    result.append(next);
  }
  return result.append(")");
}

/// Those that are not what the others say under the same name.
inline Values differing(const Values& values, const Values& others) {
  Values result;
  for (std::size_t i = 0; i < values.size(); ++i)
    if (values[i].second != others[i].second) result.push_back(values[i]);
  return result;
}

/// What a pickle holds.
using State = py::typing::Dict<py::str, py::object>;

inline State state_of(const Values& values) {
  State state;
  for (const auto& [name, value] : values) state[std::string(name).c_str()] = value;
  return state;
}

/// The values that a pickled state holds under the names of these.
inline Values values_in(const State& state, Values values, const std::string& label) {
  for (auto& [name, value] : values)
    value = Convert<double>::from(state_item(label, state, std::string(name).c_str()),
                                  {label, name}, "");
  return values;
}

template <FieldList S>
Values values_of(const S& parameters) {
  Values values;
  for_each_field<S>(
      [&](const auto& field) { values.emplace_back(field.name, parameters.*(field.member)); });
  return values;
}

/// The parameters with these values, in the order of their fields.
template <FieldList S>
S parameters_of(const Values& values) {
  S parameters;
  auto value = values.begin();
  for_each_field<S>([&](const auto& field) { parameters.*(field.member) = (value++)->second; });
  validate(parameters);
  return parameters;
}

/// Parameters that are numbers, as keyword-only arguments; like Fields, but one copy of the code
/// serves all lists. Whoever makes an object of them checks their bounds.
struct NumberFields {
  using Value = Values;
  static constexpr bool keyword_only = true;
  std::vector<FieldInfo> fields;

  Values take(Call& call) const {
    Values result;
    for (const FieldInfo& field : fields) {
      const py::handle value = call.take(field.name, true);
      result.emplace_back(field.name,
                          Convert<double>::from(value ? value : field.default_value,
                                                {call.where(), field.name}, field.bounds.text()));
    }
    return result;
  }
  std::vector<Description> describe() const {
    std::vector<Description> result;
    for (const FieldInfo& field : fields)
      result.push_back(describe_argument(
          field.name, field.type, Convert<double>::text(py::cast<double>(field.default_value)),
          meaning_of(field.meaning, field.unit, field.bounds)));
    return result;
  }
  /// The defaults.
  Values values() const {
    Values result;
    for (const FieldInfo& field : fields)
      result.emplace_back(field.name, py::cast<double>(field.default_value));
    return result;
  }
};

}  // namespace attractornet::python
