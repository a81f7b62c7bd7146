/// @file
/// Classes of rules that are their parameters and nothing else: one copy of the code binds all.
#pragma once

#include <string>
#include <type_traits>

#include "fields.hpp"
#include "values.hpp"

namespace attractornet::python {

template <class Rule>
using RuleBase = std::conditional_t<attractornet::Flow<Rule>, Flow, System>;

/// A rule whose field list is all there is to it, as a System.
template <class Rule>
class RuleSystem : public SystemOf<RuleSystem<Rule>, RuleBase<Rule>> {
 public:
  explicit RuleSystem(const Values& values) : rule_(parameters_of<Rule>(values)) {}
  std::string name() const override { return std::string(Rule::label); }
  const Rule& rule() const { return rule_; }
  Values values() const override { return values_of(rule_); }
  std::unique_ptr<System> with(const Values& others) const override {
    return std::make_unique<RuleSystem>(replaced(values(), others, Rule::label));
  }

 private:
  Rule rule_;
};

/// Such a class. What is bound does not know its type.
struct RuleClass {
  py::object cls;
  std::string label;
  NumberFields parameters;
  void* (*make)(const Values&);  ///< a new object of the class
};

/// Gives the class keywords, attributes, repr and pickle: they are its field list.
/// @param units what the docstring says of all parameters.
void define_rule(const RuleClass& entry, std::string_view units);

template <class Rule>
[[gnu::cold]] py::class_<RuleSystem<Rule>, RuleBase<Rule>> bind_rule(py::module_& module,
                                                                     const char* doc,
                                                                     std::string_view units) {
  const std::string label(Rule::label);
  auto cls = define_class<RuleSystem<Rule>, RuleBase<Rule>>(module, label.c_str(), doc);
  define_rule({.cls = cls,
               .label = label,
               .parameters = {field_list<Rule>()},
               .make = [](const Values& values) -> void* { return new RuleSystem<Rule>(values); }},
              units);
  return cls;
}

}  // namespace attractornet::python
