/// @file
/// Results: small named types whose members are read-only attributes, and which pickle.
#pragma once

#include <pybind11/stl.h>

#include <functional>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "define.hpp"

namespace attractornet::python {

/// How a member's value looks in Python (`to`), and back (`from`, for unpickling).
template <class T>
struct Member {
  static T to(const T& value) { return value; }
  static T from(py::handle value) { return py::cast<T>(value); }
};
template <class Enum>
  requires std::is_enum_v<Enum>
struct Member<Enum> {
  static std::string to(Enum value) { return std::string(name_of(value)); }
  static Enum from(py::handle value) {
    return Convert<Enum>::from(value, {"unpickling", "value"}, "");
  }
};
template <class Number>
  requires std::is_arithmetic_v<Number>
struct Member<std::vector<Number>> {
  static py::array_t<Number> to(const std::vector<Number>& values) {
    return py::array_t<Number>(static_cast<py::ssize_t>(values.size()), values.data());
  }
  static std::vector<Number> from(py::handle value) { return py::cast<std::vector<Number>>(value); }
};

/// Pickles a class by __getstate__ in every protocol: the first two would make an instance of
/// pybind11's base class, and die.
inline void define_reduce(const py::object& cls) {
  cls.attr("__reduce__") = py::cpp_function(
      [](const py::object& self) -> py::typing::Tuple<py::object, py::ellipsis> {
        const py::object make = py::module_::import("copyreg").attr("__newobj__");
        return py::make_tuple(make, py::make_tuple(py::type::of(self)),
                              self.attr("__getstate__")());
      },
      py::name("__reduce__"), py::is_method(cls));
}

/// Makes a class picklable: `get` gives a dictionary of plain values, of the object or of self in
/// Python; `set` makes an object of it.
template <class Class, class Get, class Set>
void define_pickle(Class& cls, Get get, Set set) {
  using T = typename Class::type;
  define_reduce(cls);
  const std::string where = py::cast<std::string>(cls.attr("__name__")) + ".__getstate__";
  cls.def(py::pickle(
      [where, get = std::move(get)](const py::object& self) {
        const T& value = made<T>(self, {where, "self"});
        if constexpr (std::is_invocable_v<Get, const T&>)
          return get(value);
        else
          return get(self);
      },
      set));
}

/// What a pickled state holds under a name.
inline py::object state_item(const std::string& type, const py::dict& state, const char* name) {
  if (!state.contains(name)) throw py::value_error(type + ": state has no " + name);
  return state[name];
}

/// A result's Python class, built up member by member.
template <class T>
class Record {
 public:
  Record(py::module_& module, const char* name, const char* doc)
      : name_(name), cls_(define_class<T>(module, name, doc)) {}

  py::class_<T>& cls() { return cls_; }

  /// An attribute of its own.
  template <class M>
  Record& member(const char* name, M T::* member, const char* doc) {
    define_property(cls_, name, doc,
                    [member](const T& self) { return Member<M>::to(self.*member); });
    return kept(name, member);
  }
  /// An attribute that is made of members; pickle keeps those by `kept`.
  template <class F>
  Record& property(const char* name, const char* doc, F f) {
    define_property(cls_, name, doc, std::move(f));
    return *this;
  }
  /// Part of the pickled state alone.
  template <class M>
  Record& kept(const char* name, M T::* member) {
    parts_.push_back(
        {name, [member](const T& self) { return object_of(Member<M>::to(self.*member)); },
         [member](T& self, py::handle value) { self.*member = Member<M>::from(value); }});
    return *this;
  }
  template <class F>
  Record& repr(F f) {
    define_repr(cls_, std::move(f));
    has_repr_ = true;
    return *this;
  }
  /// Call last: what pickle keeps is known then, and by default shown.
  void finish() {
    if (!has_repr_)
      define_repr(cls_, [parts = parts_, name = name_](const T& self) {
        std::string text = name;
        for (const auto& part : parts)
          if (const py::object value = part.get(self); !value.is_none())
            text.append(text == name ? "(" : ", ")
                .append(part.name)
                .append("=")
                .append(brief(value));
        return text + ")";
      });
    define_pickle(
        cls_,
        [parts = parts_](const T& self) {
          py::typing::Dict<py::str, py::object> state;
          for (const auto& part : parts) state[part.name] = part.get(self);
          return state;
        },
        [parts = parts_, type = name_](const py::typing::Dict<py::str, py::object>& state) {
          // By pointer: of a value pybind11 makes the holder where no exception may leave.
          auto result = std::make_unique<T>();
          for (const auto& part : parts) part.set(*result, state_item(type, state, part.name));
          return result;
        });
  }

 private:
  template <class Value>
  static py::object object_of(Value value) {
    if constexpr (std::is_base_of_v<py::object, Value>)
      return value;
    else
      return py::cast(std::move(value));
  }

  /// A value, or the type and shape of an array.
  static std::string brief(const py::object& value) {
    if (!py::isinstance<py::array>(value)) return shown(value);
    return py::cast<std::string>(
        py::str("<{} {}>").format(value.attr("dtype"), value.attr("shape")));
  }

  struct Part {
    const char* name;
    std::function<py::object(const T&)> get;
    std::function<void(T&, py::handle)> set;
  };

  std::string name_;
  py::class_<T> cls_;
  std::vector<Part> parts_;
  bool has_repr_ = false;
};

}  // namespace attractornet::python
