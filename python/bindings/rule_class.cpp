#include "rule_class.hpp"

namespace attractornet::python {

namespace {

struct Entry : RuleClass {
  using Unmade = py::detail::value_and_holder;  ///< self, while it is being made

  template <class F, class... Extra>
  void define(const char* name, F f, const Extra&... extra) const {
    cls.attr(name) = py::cpp_function(std::move(f), py::name(name), py::is_method(cls), extra...);
  }
  /// f(system) of self.
  template <class F>
  auto of_self(const std::string& name, F f) const {
    return [where = label + "." + name, type = py::handle(cls), f](const py::object& self) {
      expect_made(self, type, {where, "self"});
      return f(py::cast<const System&>(self));
    };
  }
};

/// Makes self the owner of an object. Here, since pybind11 does not expect that to fail later.
void keep(Entry::Unmade& self, void* object) {
  self.value_ptr() = object;
  self.type->init_instance(self.inst, nullptr);
}

[[gnu::cold]] void define_init(const Entry& entry, std::string_view units) {
  py::options options;
  options.disable_function_signatures();
  const Self<System> self;
  const std::string doc = docstring("__init__", "None", units, self, entry.parameters);
  entry.define(
      "__init__",
      [make = entry.make, read = checked(
                              entry.label, [](Values values) { return values; }, entry.parameters)](
          Entry::Unmade& self, const py::args& positional, const py::kwargs& keywords) {
        keep(self, make(read(positional, keywords)));
      },
      py::detail::is_new_style_constructor(), doc.c_str());
}

[[gnu::cold]] void define_properties(const Entry& entry) {
  const auto property = py::module_::import("builtins").attr("property");
  for (std::size_t i = 0; i < entry.parameters.fields.size(); ++i) {
    const FieldInfo& field = entry.parameters.fields[i];
    const py::cpp_function get(
        entry.of_self(field.name, [i](const System& self) { return self.values()[i].second; }));
    entry.cls.attr(field.name.c_str()) =
        property(get, py::none(), py::none(), py::str(field.meaning));
  }
}

[[gnu::cold]] void define_pickle(const Entry& entry) {
  define_reduce(entry.cls);
  entry.define("__getstate__", entry.of_self("__getstate__", [](const System& self) {
    return state_of(self.values());
  }));
  entry.define(
      "__setstate__",
      [label = entry.label, parameters = entry.parameters, make = entry.make](Entry::Unmade& self,
                                                                              const State& state) {
        keep(self, make(values_in(state, parameters.values(), label)));
      },
      py::detail::is_new_style_constructor());
}

}  // namespace

void define_rule(const RuleClass& rule, std::string_view units) {
  const Entry entry{rule};
  define_init(entry, units);
  define_properties(entry);
  // Few parameters all, of many those that differ from the defaults.
  entry.define(
      "__repr__",
      entry.of_self("__repr__", [defaults = entry.parameters.values()](const System& self) {
        constexpr std::size_t line = 100;
        const std::string all = described(self.name(), self.values());
        return all.size() < line ? all : described(self.name(), differing(self.values(), defaults));
      }));
  define_pickle(entry);
  register_fields(entry.cls, to_python(entry.parameters.fields));
}

}  // namespace attractornet::python
