/// @file
/// Field lists as Python sees them: fields(subject) -> tuple of Field.
#pragma once

#include <string>
#include <vector>

#include "convert.hpp"

namespace attractornet::python {

/// One parameter, for those who make keywords, flags or axes from it.
struct FieldInfo {
  std::string name, type, unit, meaning;
  bool optional = false;
  py::object default_value;
  Bounds bounds;
  std::vector<std::string> choices;
};

/// The list as Python has it, a tuple of Field.
py::tuple to_python(std::vector<FieldInfo> fields);
/// Makes fields(subject) answer with this list.
void register_fields(const py::object& subject, py::tuple fields);

template <class T>
struct ValueOf {
  using type = T;
};
template <class T>
struct ValueOf<std::optional<T>> {
  using type = T;
};

template <class T>
py::object to_python(const T& value) {
  if constexpr (std::is_enum_v<T>)
    return py::str(std::string(name_of(value)));
  else
    return py::cast(value);
}
template <class T>
py::object to_python(const std::optional<T>& value) {
  return value ? to_python(*value) : py::none();
}

/// The fields of S.
template <FieldList S>
[[gnu::cold]] std::vector<FieldInfo> field_list() {
  std::vector<FieldInfo> list;
  [[maybe_unused]] const S defaults;
  for_each_field<S>([&](const auto& field) {
    using T = typename std::decay_t<decltype(field)>::Value;
    using Value = typename ValueOf<T>::type;
    FieldInfo info;
    info.name = field.name;
    info.unit = field.unit;
    info.meaning = field.meaning;
    info.optional = !std::is_same_v<T, Value>;
    info.default_value = to_python(defaults.*(field.member));
    info.bounds = field.bounds;
    if constexpr (std::is_enum_v<Value>) {
      info.type = "str";
      for (const auto name : Names<Value>::list) info.choices.emplace_back(name);
    } else {
      info.type = Convert<Value>::type();
    }
    list.push_back(std::move(info));
  });
  return list;
}
template <FieldList S>
py::tuple fields_of() {
  return to_python(field_list<S>());
}

/// The fields of S, of the class or function that takes them.
template <FieldList S>
[[gnu::cold]] void register_fields(const py::object& subject) {
  register_fields(subject, fields_of<S>());
}

}  // namespace attractornet::python
