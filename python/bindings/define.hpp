/// @file
/// Binding functions whose arguments check themselves.
///
/// define(module, "name", doc, returns, f, parameters...) binds f under a signature that is made
/// from the parameters: positional ones first, then keyword-only ones, among them whole field
/// lists. The docstring's signature line feeds the type stubs; its Parameters section is made here
/// as well.
///
/// Why not py::arg: a caster does not know which argument it converts, and a call that fits no
/// overload (an unknown keyword, a missing argument) would print pybind11's view of the signature.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "convert.hpp"

namespace attractornet::python {

/// The arguments of one call, taken one by one.
class Call {
 public:
  Call(std::string where, py::args positional, py::kwargs keywords)
      : where_(std::move(where)),
        positional_(std::move(positional)),
        keywords_(std::move(keywords)) {}

  const std::string& where() const { return where_; }

  /// The argument of that name, or null; each is taken at most once.
  py::handle take(std::string_view name, bool keyword_only) {
    known_.push_back(name);
    if (!keyword_only) ++positions_;
    const py::str key(std::string{name});
    const bool by_keyword = keywords_.contains(key);
    const bool by_position = !keyword_only && next_ < positional_.size();
    if (by_keyword && by_position)
      throw py::type_error(where_ + ": argument '" + std::string(name) + "' is given twice");
    if (by_position) return positional_[next_++];
    if (!by_keyword) return {};
    ++taken_;
    return keywords_[key];
  }
  /// The first positional argument, self.
  py::handle take_self() {
    if (positional_.empty()) throw py::type_error(where_ + ": argument 'self' is missing");
    return positional_[next_++];
  }

  /// Throws for arguments that nothing took.
  void finish() const {
    if (next_ < positional_.size())
      throw py::type_error(where_ + ": too many positional arguments, the first of them " +
                           shown(positional_[next_]) + "; it takes " + listed(positions_) +
                           ", and by keyword " + listed(known_.size(), positions_));
    if (taken_ == keywords_.size()) return;
    for (const auto& [key, value] : keywords_) {
      const std::string name = utf8(key);
      if (std::find(known_.begin(), known_.end(), name) == known_.end())
        throw py::type_error(where_ + ": unknown argument '" + name + "'; it takes " +
                             listed(known_.size()));
    }
  }

 private:
  /// Names of the arguments from `first` to `last`.
  std::string listed(std::size_t last, std::size_t first = 0) const {
    std::string result;
    for (std::size_t i = first; i < last; ++i)
      result.append(result.empty() ? "" : ", ").append(known_[i]);
    return result.empty() ? "none" : result;
  }

  std::string where_;
  py::args positional_;
  py::kwargs keywords_;
  std::size_t next_ = 0, taken_ = 0, positions_ = 0;
  std::vector<std::string_view> known_;
};

/// One line of a signature, and its entry in the docstring.
struct Description {
  std::string signature, doc;
};

/// An argument as every signature and docstring shows it; no default: it must be given.
[[gnu::cold]] inline Description describe_argument(std::string_view name, const std::string& type,
                                                   const std::optional<std::string>& otherwise,
                                                   std::string_view meaning) {
  Description result{std::string(name) + ": " + type, std::string(name) + " : " + type};
  if (otherwise) {
    result.signature.append(" = ").append(*otherwise);
    result.doc.append(", default ").append(*otherwise);
  }
  result.doc.append("\n    ").append(meaning);
  return result;
}

/// What a field means, with its unit and its bounds.
[[gnu::cold]] inline std::string meaning_of(std::string_view meaning, std::string_view unit,
                                            const Bounds& bounds) {
  std::string result(meaning);
  if (!unit.empty()) result.append(" [").append(unit).append("]");
  if (std::isfinite(bounds.minimum)) result.append("; in ").append(bounds.text());
  return result;
}

/// self, of a bound method.
template <class T>
struct Self {
  using Value = T&;
  static constexpr bool keyword_only = false;
  T& take(Call& call) const { return made<T>(call.take_self(), {call.where(), "self"}); }
  std::vector<Description> describe() const { return {{"self", ""}}; }
};

/// An argument that must be given.
template <class T>
struct Required {
  using Value = T;
  static constexpr bool keyword_only = false;
  std::string_view name, meaning;

  T take(Call& call) const {
    const py::handle value = call.take(name, false);
    if (!value)
      throw py::type_error(call.where() + ": argument '" + std::string(name) + "' is missing");
    return Convert<T>::from(value, {call.where(), name}, "");
  }
  std::vector<Description> describe() const {
    return {describe_argument(name, Convert<T>::type(), std::nullopt, meaning)};
  }
};

/// An argument with a default.
template <class T, bool KeywordOnly = true>
struct Defaulted {
  using Value = T;
  static constexpr bool keyword_only = KeywordOnly;
  std::string_view name;
  T otherwise;
  std::string_view meaning;

  T take(Call& call) const {
    const py::handle value = call.take(name, KeywordOnly);
    return value ? Convert<T>::from(value, {call.where(), name}, "") : otherwise;
  }
  std::vector<Description> describe() const {
    return {describe_argument(name, Convert<T>::type(), Convert<T>::text(otherwise), meaning)};
  }
};

/// The argument `threads` of whatever works on several.
inline const Defaulted<std::optional<std::int64_t>> threads_argument{
    "threads", std::nullopt, "threads to use; None: ATTRACTORNET_NUM_THREADS, else all"};

/// All fields of a list, as keyword-only arguments; checked against their bounds.
template <FieldList S>
struct Fields {
  using Value = S;
  static constexpr bool keyword_only = true;

  S take(Call& call) const {
    return take(call, [](std::string_view) {});
  }
  /// @param given called with the name of each that the call gives.
  template <class Given>
  S take(Call& call, Given given) const {
    S result;
    for_each_field<S>([&](const auto& field) {
      using T = typename std::decay_t<decltype(field)>::Value;
      const py::handle value = call.take(field.name, true);
      if (!value) return;
      result.*(field.member) =
          Convert<T>::from(value, {call.where(), field.name}, field.bounds.text());
      given(field.name);
    });
    validate(result, call.where());
    return result;
  }
  std::vector<Description> describe() const {
    std::vector<Description> result;
    const S defaults;
    for_each_field<S>([&](const auto& field) {
      using T = typename std::decay_t<decltype(field)>::Value;
      result.push_back(describe_argument(field.name, Convert<T>::type(),
                                         Convert<T>::text(defaults.*(field.member)),
                                         meaning_of(field.meaning, field.unit, field.bounds)));
    });
    return result;
  }
};

/// Fields of which it is known which ones the call gives: some do not go with other arguments.
template <FieldList S>
struct GivenFields : Fields<S> {
  struct Value : S {
    std::vector<std::string_view> given;
  };

  Value take(Call& call) const {
    Value result;
    static_cast<S&>(result) =
        Fields<S>::take(call, [&](std::string_view name) { result.given.push_back(name); });
    return result;
  }
};

/// The docstring: signature line, text, and the Parameters section after the text's first
/// paragraph.
template <class... P>
[[gnu::cold]] std::string docstring(std::string_view name, std::string_view returns,
                                    std::string_view text, const P&... parameters) {
  std::string signature, section;
  bool keyword_only = false;
  [[maybe_unused]] const auto add = [&](const auto& parameter) {
    const auto descriptions = parameter.describe();
    if (parameter.keyword_only && !keyword_only && !descriptions.empty()) {
      keyword_only = true;
      signature.append(signature.empty() ? "*" : ", *");
    }
    for (const Description& each : descriptions) {
      signature.append(signature.empty() ? "" : ", ").append(each.signature);
      if (!each.doc.empty()) section.append(each.doc).append("\n");
    }
  };
  (add(parameters), ...);
  std::string result(name);
  result.append("(").append(signature).append(") -> ").append(returns).append("\n\n");
  const std::size_t split = std::min(text.find("\n\n"), text.size());
  result.append(text.substr(0, split));
  if (!section.empty()) {
    section.pop_back();
    result.append("\n\nParameters\n----------\n").append(section);
  }
  return result.append(text.substr(split));
}

/// The Python callable behind define(): reads its arguments, then calls f with them.
template <class F, class... P>
auto checked(std::string where, F f, P... parameters) {
  return [where = std::move(where), f = std::move(f),
          parameters = std::tuple{std::move(parameters)...}](const py::args& positional,
                                                             const py::kwargs& keywords) {
    Call call(where, positional, keywords);
    return std::apply(
        [&](const auto&... each) {
          // Braces: taken from left to right.
          std::tuple<typename std::decay_t<decltype(each)>::Value...> values{each.take(call)...};
          call.finish();
          return std::apply(f, std::move(values));
        },
        parameters);
  };
}

/// Makes the class survive memory that runs out while an object is registered.
///
/// pybind11 notes each object's address in a map. Where that allocation fails, it would delete once
/// more what the caller's unique_ptr still holds, or free without a destructor what it was to own.
template <class T>
void guard_registration() {
  static auto* const info = py::detail::get_type_info(typeid(T));
  static const auto original = info->init_instance;
  info->init_instance = [](py::detail::instance* instance, const void* holder) {
    try {
      original(instance, holder);
    } catch (...) {
      auto place = instance->get_value_and_holder(info);
      if (holder == nullptr && instance->owned) delete place.template value_ptr<T>();
      place.value_ptr() = nullptr;
      throw;
    }
  };
}

/// A class of a module.
template <class T, class... Bases>
py::class_<T, Bases...> define_class(py::module_& module, const char* name, const char* doc) {
  py::class_<T, Bases...> cls(module, name, doc);
  guard_registration<T>();
  return cls;
}

/// What a function is called, and what its errors call it.
struct FunctionName {
  const char* name;
  const char* where;

  FunctionName(const char* name) : FunctionName(name, name) {}
  FunctionName(const char* name, const char* where) : name(name), where(where) {}
};

/// Binds a function of a module.
template <class F, class... P>
[[gnu::cold]] void define(py::module_& module, FunctionName name, std::string_view doc,
                          std::string_view returns, F f, P... parameters) {
  py::options options;
  options.disable_function_signatures();
  module.def(name.name, checked(name.where, std::move(f), parameters...),
             docstring(name.name, returns, doc, parameters...).c_str());
}

/// Binds a method; the first parameter of f is self.
template <class Class, class F, class... P>
[[gnu::cold]] void define_method(Class& cls, const char* name, std::string_view doc,
                                 std::string_view returns, F f, P... parameters) {
  py::options options;
  options.disable_function_signatures();
  const Self<typename Class::type> self;
  const std::string where = py::cast<std::string>(cls.attr("__name__")) + "." + name;
  const std::string doc_text = docstring(name, returns, doc, self, parameters...);
  // NOTE: not cls.def, which answers a wrong self by itself, with its own view of the signature.
  const py::cpp_function function(checked(where, std::move(f), self, parameters...), py::name(name),
                                  py::scope(cls), doc_text.c_str());
  cls.attr(name) = py::reinterpret_steal<py::object>(PyInstanceMethod_New(function.ptr()));
}

/// Binds a read-only attribute, f(self).
template <class Class, class F>
[[gnu::cold]] void define_property(Class& cls, const char* name, const char* doc, F f) {
  using T = typename Class::type;
  const std::string where = py::cast<std::string>(cls.attr("__name__")) + "." + name;
  cls.def_property_readonly(
      name,
      [where, f = std::move(f)](const py::object& self) {
        return f(made<T>(self, {where, "self"}));
      },
      doc);
}

/// Binds repr(), f(self).
template <class Class, class F>
[[gnu::cold]] void define_repr(Class& cls, F f) {
  using T = typename Class::type;
  const std::string where = py::cast<std::string>(cls.attr("__name__")) + ".__repr__";
  cls.def("__repr__", [where, f = std::move(f)](const py::object& self) -> std::string {
    return f(made<T>(self, {where, "self"}));
  });
}

/// Binds a static method.
template <class Class, class F, class... P>
[[gnu::cold]] void define_static(Class& cls, const char* name, std::string_view doc,
                                 std::string_view returns, F f, P... parameters) {
  py::options options;
  options.disable_function_signatures();
  const std::string where = py::cast<std::string>(cls.attr("__name__")) + "." + name;
  cls.def_static(name, checked(where, std::move(f), parameters...),
                 docstring(name, returns, doc, parameters...).c_str());
}

/// Binds the constructor: f returns a unique_ptr.
template <class Class, class F, class... P>
[[gnu::cold]] void define_init(Class& cls, std::string_view doc, F f, P... parameters) {
  py::options options;
  options.disable_function_signatures();
  const std::string where = py::cast<std::string>(cls.attr("__name__"));
  std::string text = docstring("__init__", "None", doc, parameters...);
  text.insert(text.find('(') + 1, "self, ");
  cls.def(py::init(checked(where, std::move(f), parameters...)), text.c_str());
}

}  // namespace attractornet::python
